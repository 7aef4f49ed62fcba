/** `harbinger first-model`: for a start without a champion, simulates a portfolio and trains on it. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { writeSimulation } from '../../data/simulator/index.ts'
import { openDataset } from '../../data/sources/index.ts'
import { packageFolder } from '../../models/index.ts'
import { defaultMembers } from '../profiles.ts'
import { openProgress } from '../progress.ts'
import { modelsOption } from './options.ts'
import { runTraining } from './train.ts'

/** Size of the portfolio. */
const portfolio = { borrowers: 5000, months: 36, seed: 1 }

/** Adds the command. */
export function addFirstModelCommand(program: Command): void {
  program
    .command('first-model')
    .description('simulate a portfolio, train on it and make the model champion')
    .option(
      '--portfolio <folder>',
      'folder of the portfolio; simulated if it is not there',
      join(packageFolder(), 'portfolio'),
    )
    .addOption(modelsOption())
    .addHelpText('after', '\nExample:\n  harbinger first-model')
    .action(async (options: { portfolio: string; models: string }) => {
      const folder = options.portfolio
      const progress = openProgress()
      if (!existsSync(join(folder, 'dataset.json'))) {
        progress.step('Simulating a portfolio')
        await writeSimulation(folder, portfolio, (done, of) => progress.update(done / of))
      }
      progress.step('Checking it')
      const dataset = await openDataset(folder, { onProgress: (_, done, of) => progress.update(done / of) })
      progress.note(
        `${folder}: ${Object.entries(dataset.counts)
          .map(([table, rows]) => `${rows} ${table}`)
          .join(', ')}`,
      )
      dataset.close()
      await runTraining(
        folder,
        { name: 'early-warning', models: options.models, seed: 1, members: defaultMembers, promote: true },
        'harbinger first-model',
      )
    })
}
