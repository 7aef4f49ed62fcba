/** `harbinger models`: what is saved, what it says of itself, and which version is champion. */

import { join } from 'node:path'
import Table from 'cli-table3'
import type { Command } from 'commander'
import { InputError } from '../../data/index.ts'
import { fileNames, openRegistry, readModel } from '../../models/index.ts'
import { metricsTable } from '../report/index.ts'
import { scorecardTable } from '../scorecard/scorecard-table.ts'
import { jsonOption, modelsOption } from './options.ts'

/** Adds the command and its subcommands. */
export function addModelsCommand(program: Command): void {
  const command = program.command('models').description('list, show and promote saved models')

  command
    .command('list')
    .description('list saved versions')
    .addOption(modelsOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  harbinger models list')
    .action((options: { models: string; json?: true }) => {
      const saved = openRegistry(options.models).list()
      if (options.json) {
        console.log(
          JSON.stringify({
            models: saved.map(({ name, version, aliases, folder }) => ({ name, version, aliases, folder })),
          }),
        )
        return
      }
      const table = new Table({
        head: ['Model', 'Version', 'Names', 'Made', 'Data', 'AUC by horizon'],
        style: { head: [] },
      })
      for (const { name, version, aliases, manifest } of saved) {
        const auc = Object.entries(manifest.evaluation.test).map(([h, { auc }]) => `${h}: ${auc?.toFixed(3) ?? '–'}`)
        table.push([
          name,
          version,
          aliases.join(', '),
          manifest.createdAt.slice(0, 16),
          manifest.data.name,
          auc.join('  '),
        ])
      }
      console.log(saved.length === 0 ? `No model is saved in ${options.models}.` : table.toString())
    })

  command
    .command('show')
    .description('show a version, after verifying its files')
    .argument('<model>', 'an alias such as champion, a name, or name/version')
    .addOption(modelsOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  harbinger models show champion')
    .action((reference: string, options: { models: string; json?: true }) => {
      const found = openRegistry(options.models).resolve(reference)
      const { manifest } = readModel(found.folder)
      if (options.json) {
        console.log(JSON.stringify(manifest))
        return
      }
      const { train, test } = manifest.data.parts
      console.log(`${manifest.name}/${manifest.version}${found.aliases.map(alias => `  (${alias})`).join('')}`)
      console.log(`Made ${manifest.createdAt} by ${manifest.createdBy} with: ${manifest.command}`)
      console.log(
        `Data ${manifest.data.name}, trained on ${train.rows} rows (${train.firstMonth} to ${train.lastMonth}), judged on ${test.rows} (${test.firstMonth} to ${test.lastMonth})`,
      )
      console.log(metricsTable(manifest.evaluation))
      console.log(`Report: ${join(found.folder, fileNames.report)}`)
    })

  command
    .command('scorecard')
    .description('print the points table of the challenger trained beside a version')
    .argument('<model>', 'an alias such as champion, a name, or name/version')
    .addOption(modelsOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  harbinger models scorecard champion')
    .action((reference: string, options: { models: string; json?: true }) => {
      const { folder } = openRegistry(options.models).resolve(reference)
      const { scorecard } = readModel(folder)
      if (scorecard === null) {
        throw new InputError({ source: folder, expected: `${fileNames.scorecard}; the version was saved without one` })
      }
      console.log(options.json ? JSON.stringify(scorecard) : scorecardTable(scorecard))
    })

  command
    .command('promote')
    .description('point an alias at a version')
    .argument('<model>', 'name/version')
    .option('--as <alias>', 'the alias', 'champion')
    .addOption(modelsOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  harbinger models promote early-warning/2')
    .action((reference: string, options: { as: string; models: string; json?: true }) => {
      const registry = openRegistry(options.models)
      const { name, version } = registry.resolve(reference)
      if (options.as === name) {
        throw new InputError({
          source: '--as',
          found: options.as,
          expected: 'an alias that is not the model’s own name',
        })
      }
      registry.promote(name, version, options.as)
      console.log(
        options.json
          ? JSON.stringify({ alias: options.as, name, version })
          : `${options.as} is now ${name}/${version}.`,
      )
    })
}
