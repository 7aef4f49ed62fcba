/** `harbinger score`: a whole portfolio scored into a file. */

import type { Command } from 'commander'
import { InputError, type Month, parseMonth } from '../../data/index.ts'
import { openDataset } from '../../data/sources/index.ts'
import { loadModel, openRegistry } from '../../models/index.ts'
import { openProgress } from '../progress.ts'
import { type AccountScore, scorePortfolio } from '../score-portfolio.ts'
import { writeWhole } from '../write-whole.ts'
import { jsonOption, modelsOption, wholeNumber } from './options.ts'

interface Options {
  model: string
  models: string
  out: string
  month?: string
  reasons: number
  json?: true
}

/** Adds the command. */
export function addScoreCommand(program: Command): void {
  program
    .command('score')
    .description('score a portfolio at one as-of month; one JSON object per account and line')
    .argument('<folder>', 'data set')
    .requiredOption('--out <file>', 'file to write (NDJSON)')
    .option('--model <model>', 'an alias, a name, or name/version', 'champion')
    .option('--month <YYYY-MM>', 'as-of month; the data set’s last one by default')
    .option('--reasons <number>', 'reasons per account', wholeNumber(0, 20), 4)
    .addOption(modelsOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  harbinger score portfolio --out scores.ndjson')
    .action(async (folder: string, options: Options) => {
      const month = options.month === undefined ? undefined : asMonth(options.month)
      const model = await loadModel(openRegistry(options.models).resolve(options.model).folder)
      const dataset = await openDataset(folder)
      const progress = openProgress()
      progress.step('Scoring')
      try {
        const accounts = await writeScores(options.out, scorePortfolio(dataset, model, month, options.reasons))
        progress.finish()
        const result = { accounts, file: options.out, model: `${model.manifest.name}/${model.manifest.version}` }
        console.log(
          options.json
            ? JSON.stringify(result)
            : `Scored ${accounts} accounts with ${result.model} into ${options.out}.`,
        )
      } finally {
        dataset.close()
        model.dispose()
      }
    })
}

function asMonth(text: string): Month {
  const month = parseMonth(text)
  if (month === undefined) throw new InputError({ source: '--month', found: text, expected: 'a month, as YYYY-MM' })
  return month
}

/** Writes scores as lines of JSON, and counts them. */
async function writeScores(file: string, scores: AsyncIterable<AccountScore>): Promise<number> {
  let accounts = 0
  async function* lines(): AsyncGenerator<string> {
    for await (const score of scores) {
      accounts += 1
      yield `${JSON.stringify(score)}\n`
    }
  }
  await writeWhole(file, lines())
  return accounts
}
