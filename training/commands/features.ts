/** `harbinger features`: the catalogue, and a data set's features as a file. */

import Table from 'cli-table3'
import type { Command } from 'commander'
import { defaultLabelSpec, formatMonth, InputError } from '../../data/index.ts'
import { openDataset } from '../../data/sources/index.ts'
import { catalogue, describeCatalogue } from '../../models/index.ts'
import { buildDesignMatrix, type DesignMatrix } from '../design-matrix.ts'
import { openProgress } from '../progress.ts'
import { writeWhole } from '../write-whole.ts'
import { jsonOption } from './options.ts'

/** Adds the command and its subcommands. */
export function addFeaturesCommand(program: Command): void {
  const command = program.command('features').description('list, show, document and export features')

  command
    .command('list')
    .description('list the catalogue')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  harbinger features list')
    .action((options: { json?: true }) => {
      if (options.json) {
        console.log(JSON.stringify({ features: catalogue }))
        return
      }
      const table = new Table({
        head: ['Feature', 'Family', 'Unit', 'Says'],
        style: { head: [] },
        colWidths: [34, 20, 10, 60],
        wordWrap: true,
      })
      for (const { name, family, unit, says } of catalogue) table.push([name, family, unit, says])
      console.log(table.toString())
    })

  command
    .command('show')
    .description('show one feature with its definition and reason texts')
    .argument('<name>', 'name of the feature')
    .addHelpText('after', '\nExample:\n  harbinger features show late_months_6m')
    .action((name: string) => {
      const feature = catalogue.find(candidate => candidate.name === name)
      if (feature === undefined) {
        throw new InputError({
          source: 'features show',
          found: name,
          expected: 'a feature of the catalogue; see features list',
        })
      }
      console.log(JSON.stringify(feature, null, 2))
    })

  command
    .command('docs')
    .description('print the reference page of the catalogue')
    .addHelpText('after', '\nExample:\n  harbinger features docs > docs/reference/features.md')
    .action(() => {
      process.stdout.write(describeCatalogue(catalogue))
    })

  command
    .command('export')
    .description('write a data set’s features and labels as CSV')
    .argument('<folder>', 'data set')
    .requiredOption('--out <file>', 'file to write')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  harbinger features export portfolio --out features.csv')
    .action(async (folder: string, options: { out: string; json?: true }) => {
      const progress = openProgress()
      progress.step('Building features')
      const dataset = await openDataset(folder)
      try {
        const label = dataset.description.label ?? defaultLabelSpec
        const borrowers = dataset.counts.borrowers ?? dataset.counts.accounts ?? Number.POSITIVE_INFINITY
        const matrix = await buildDesignMatrix(dataset, catalogue, label, done => progress.update(done / borrowers))
        await writeWhole(options.out, csvLines(matrix))
        progress.finish()
        console.log(
          options.json
            ? JSON.stringify({ file: options.out, rows: matrix.rows, features: catalogue.length })
            : `Wrote ${matrix.rows} rows of ${catalogue.length} features into ${options.out}.`,
        )
      } finally {
        dataset.close()
      }
    })
}

function* csvLines(matrix: DesignMatrix): Generator<string> {
  const names = matrix.columns.features.map(({ name }) => name)
  yield `borrowerId,accountId,month,observedMonths,eventMonth,${names.join(',')}\n`
  for (let row = 0; row < matrix.rows; row += 1) {
    const keys = [
      quote(matrix.borrowerIds[matrix.borrowerIndex[row] as number] ?? ''),
      quote(matrix.accountIds[matrix.accountIndex[row] as number] ?? ''),
      formatMonth(matrix.month[row] as number),
      matrix.observedMonths[row],
      matrix.eventMonth[row],
    ]
    const values = matrix.columns.columns.map(({ values }) => {
      const value = values[row] ?? null
      return value === null || Number.isNaN(value) ? '' : typeof value === 'string' ? quote(value) : value
    })
    yield `${[...keys, ...values].join(',')}\n`
  }
}

function quote(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
