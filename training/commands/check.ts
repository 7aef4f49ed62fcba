/** `harbinger check`: is this data fit to train on? */

import type { Command } from 'commander'
import { describeProblem } from '../../data/index.ts'
import { openDataset } from '../../data/sources/index.ts'
import { openProgress } from '../progress.ts'
import { jsonOption } from './options.ts'

/** Adds the command. */
export function addCheckCommand(program: Command): void {
  program
    .command('check')
    .description('check a data set: every finding names file, row, field, value and rule')
    .argument('<folder>', 'data set')
    .option('--tolerant', 'put bad rows into quarantine.csv and go on')
    .addOption(jsonOption())
    .addHelpText('after', '\nExamples:\n  harbinger check portfolio\n  harbinger check portfolio --tolerant')
    .action(async (folder: string, options: { tolerant?: true; json?: true }) => {
      const progress = openProgress()
      progress.step('Checking')
      const dataset = await openDataset(folder, {
        tolerant: options.tolerant ?? false,
        onProgress: (_, done, of) => progress.update(done / of),
      })
      progress.finish()
      const { counts, quarantined, findings, fingerprint } = dataset
      dataset.close()
      if (options.json) {
        console.log(JSON.stringify({ folder, counts, quarantined, findings, fingerprint }))
        return
      }
      for (const finding of findings.slice(0, 20)) console.log(describeProblem(finding))
      const tables = Object.entries(counts).map(([table, rows]) => `${rows} ${table}`)
      console.log(
        `${folder}: ${tables.join(', ')}; ${quarantined === 0 ? 'nothing amiss' : `${quarantined} rows quarantined`}.`,
      )
    })
}
