/** `harbinger simulate`: a portfolio of online loans with its truth beside it. */

import type { Command } from 'commander'
import { writeSimulation } from '../../data/simulator/index.ts'
import { openProgress } from '../progress.ts'
import { jsonOption, seedOption, wholeNumber } from './options.ts'

/** Adds the command. */
export function addSimulateCommand(program: Command): void {
  program
    .command('simulate')
    .description('simulate a portfolio of instalment loans and credit lines, with the true probabilities beside it')
    .requiredOption('--out <folder>', 'new folder for the data set')
    .option('--borrowers <number>', 'borrowers', wholeNumber(1, 10_000_000), 5000)
    .option('--months <number>', 'months of history', wholeNumber(3, 240), 36)
    .addOption(seedOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  harbinger simulate --borrowers 5000 --months 36 --out portfolio')
    .action(async (options: { out: string; borrowers: number; months: number; seed: number; json?: true }) => {
      const progress = openProgress()
      progress.step('Simulating')
      await writeSimulation(options.out, options, (done, of) => progress.update(done / of))
      progress.finish()
      const { out, borrowers, months, seed } = options
      console.log(
        options.json
          ? JSON.stringify({ folder: out, borrowers, months, seed })
          : `Simulated ${borrowers} borrowers over ${months} months into ${out}.`,
      )
    })
}
