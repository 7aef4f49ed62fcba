/** `harbinger compare`: two versions side by side on the same data, and which one to use. */

import type { Command } from 'commander'
import { openRegistry } from '../../models/index.ts'
import { compareModels } from '../compare-models.ts'
import { openProgress } from '../progress.ts'
import { comparisonTable, renderComparison } from '../report/index.ts'
import { writeWhole } from '../write-whole.ts'
import { jsonOption, modelsOption, seedOption } from './options.ts'

interface Options {
  on: string
  models: string
  seed: number
  html?: string
  json?: true
}

/** Adds the command. */
export function addCompareCommand(program: Command): void {
  program
    .command('compare')
    .description('compare two versions on rows that neither was trained on, and recommend one')
    .argument('<a>', 'the version in use: an alias, a name, or name/version')
    .argument('<b>', 'the version that might replace it')
    .requiredOption('--on <folder>', 'data set')
    .option('--html <file>', 'also write the comparison as a page')
    .addOption(modelsOption())
    .addOption(seedOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  harbinger compare champion early-warning/2 --on portfolio')
    .action(async (a: string, b: string, options: Options) => {
      const registry = openRegistry(options.models)
      const folders = { a: registry.resolve(a).folder, b: registry.resolve(b).folder }
      const progress = openProgress()
      progress.step('Comparing')
      const comparison = await compareModels(folders, options.on, options.seed, share => progress.update(share))
      progress.finish()
      if (options.html !== undefined) await writeWhole(options.html, [renderComparison(comparison)])
      console.log(options.json ? JSON.stringify(comparison) : comparisonTable(comparison))
    })
}
