/** `harbinger simulate`: a portfolio of online loans with its truth beside it. */

import { type Command, InvalidArgumentError } from 'commander'
import { writeSimulation } from '../../data/simulator/index.ts'
import { armOf, defaultPolicyPath, readPolicy } from '../../models/index.ts'
import { openProgress } from '../progress.ts'
import { jsonOption, seedOption, wholeNumber } from './options.ts'

interface Options {
  out: string
  borrowers: number
  months: number
  outages?: boolean
  treat?: number
  policy?: string
  seed: number
  json?: true
}

/** Adds the command. */
export function addSimulateCommand(program: Command): void {
  program
    .command('simulate')
    .description('simulate a portfolio of instalment loans and credit lines, with the true probabilities beside it')
    .requiredOption('--out <folder>', 'new folder for the data set')
    .option('--borrowers <number>', 'borrowers', wholeNumber(1, 10_000_000), 5000)
    .option('--months <number>', 'months of history', wholeNumber(3, 240), 36)
    .option('--outages', 'banks have outages in which debits fail; payments say bank and hour')
    .option(
      '--treat <share>',
      'treat borrowers: of the instalments that would be missed, the share that is then paid',
      share,
    )
    .option('--policy <file>', 'policy whose hold-out arm is left untreated; the one that ships by default')
    .addOption(seedOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  harbinger simulate --borrowers 5000 --months 36 --out portfolio')
    .action(async ({ treat, policy, ...options }: Options) => {
      const arms = treat === undefined ? undefined : readPolicy(policy ?? defaultPolicyPath()).file
      const progress = openProgress()
      progress.step('Simulating')
      await writeSimulation(
        options.out,
        {
          ...options,
          ...(arms === undefined || treat === undefined
            ? {}
            : { treatment: { arm: (borrowerId: string) => armOf(arms, borrowerId), prevented: treat } }),
        },
        (done, of) => progress.update(done / of),
      )
      progress.finish()
      const { out, borrowers, months, seed } = options
      console.log(
        options.json
          ? JSON.stringify({ folder: out, borrowers, months, seed })
          : `Simulated ${borrowers} borrowers over ${months} months into ${out}.`,
      )
    })
}

function share(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !(value >= 0 && value <= 1)) throw new InvalidArgumentError('expected a number from 0 to 1')
  return value
}
