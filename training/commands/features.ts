/** `harbinger features`: the catalogue, and a data set's features as a file. */

import Table from 'cli-table3'
import type { Command } from 'commander'
import { defaultLabelSpec, formatMonth, InputError, type LabelSpec } from '../../data/index.ts'
import { type Dataset, openDataset } from '../../data/sources/index.ts'
import { catalogue, describeCatalogue, type Feature, valueAt } from '../../models/index.ts'
import { buildDesignMatrix, type DesignMatrix } from '../design-matrix.ts'
import { exportFeatures } from '../feature-parts/index.ts'
import { loadFeatures } from '../load-features.ts'
import { openProgress } from '../progress.ts'
import { writeWhole } from '../write-whole.ts'
import { featuresOption, jsonOption } from './options.ts'

interface FileOption {
  features?: string
}

/** The catalogue, with the features of a file after it if one is named. */
async function featuresOf({ features }: FileOption): Promise<readonly Feature[]> {
  return features === undefined ? catalogue : loadFeatures(features)
}

/** Adds the command and its subcommands. */
export function addFeaturesCommand(program: Command): void {
  const command = program.command('features').description('list, show, document and export features')

  command
    .command('list')
    .description('list the catalogue')
    .addOption(featuresOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  harbinger features list')
    .action(async (options: FileOption & { json?: true }) => {
      const features = await featuresOf(options)
      if (options.json) {
        console.log(JSON.stringify({ features }))
        return
      }
      const table = new Table({
        head: ['Feature', 'Family', 'Unit', 'Says'],
        style: { head: [] },
        colWidths: [34, 20, 10, 60],
        wordWrap: true,
      })
      for (const { name, family, unit, says } of features) table.push([name, family, unit, says])
      console.log(table.toString())
    })

  command
    .command('show')
    .description('show one feature with its definition and reason texts')
    .argument('<name>', 'name of the feature')
    .addOption(featuresOption())
    .addHelpText('after', '\nExample:\n  harbinger features show late_months_6m')
    .action(async (name: string, options: FileOption) => {
      const feature = (await featuresOf(options)).find(candidate => candidate.name === name)
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
    .addOption(featuresOption())
    .addHelpText('after', '\nExample:\n  harbinger features docs > docs/reference/features.md')
    .action(async (options: FileOption) => {
      process.stdout.write(describeCatalogue(await featuresOf(options)))
    })

  command
    .command('export')
    .description(
      'write a data set’s features and labels: those of the label’s population as one CSV file, or those of every account-month as a folder of Parquet files, on all cores',
    )
    .argument('<folder>', 'data set')
    .requiredOption(
      '--out <file>',
      'file to write if it ends in .csv, else a folder; a stopped export into a folder goes on',
    )
    .addOption(featuresOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  harbinger features export portfolio --out features.csv\n  harbinger features export portfolio --out features',
    )
    .action(async (folder: string, options: FileOption & { out: string; json?: true }) => {
      const features = await featuresOf(options)
      const progress = openProgress()
      progress.step('Building features')
      const dataset = await openDataset(folder)
      try {
        const label = dataset.description.label ?? defaultLabelSpec
        const update = (share: number): void => progress.update(share)
        const rows = options.out.endsWith('.csv')
          ? await exportCsv(dataset, features, label, options.out, update)
          : (await exportFeatures(dataset, features, label, options.out, update)).rows
        progress.finish()
        console.log(
          options.json
            ? JSON.stringify({ out: options.out, rows, features: features.length })
            : `Wrote ${rows} rows of ${features.length} features into ${options.out}.`,
        )
      } finally {
        dataset.close()
      }
    })
}

async function exportCsv(
  dataset: Dataset,
  features: readonly Feature[],
  label: LabelSpec,
  file: string,
  onProgress: (share: number) => void,
): Promise<number> {
  const borrowers = dataset.counts.borrowers ?? dataset.counts.accounts ?? Number.POSITIVE_INFINITY
  const matrix = await buildDesignMatrix(dataset, features, label, done => onProgress(done / borrowers))
  try {
    await writeWhole(file, csvLines(matrix))
  } finally {
    matrix.columns.close()
  }
  return matrix.rows
}

/** Rows read at once. */
const rowsAtOnce = 4096

function* csvLines(matrix: DesignMatrix): Generator<string> {
  const names = matrix.columns.features.map(({ name }) => name)
  yield `borrowerId,accountId,month,observedMonths,eventMonth,${names.join(',')}\n`
  const all = Int32Array.from({ length: matrix.rows }, (_, row) => row)
  let columns = matrix.columns.take(all.subarray(0, 0))
  for (let row = 0; row < matrix.rows; row += 1) {
    const place = row % rowsAtOnce
    if (place === 0) columns = matrix.columns.take(all.subarray(row, row + rowsAtOnce))
    const keys = [
      quote(matrix.borrowerIds[matrix.borrowerIndex[row] as number] ?? ''),
      quote(matrix.accountIds[matrix.accountIndex[row] as number] ?? ''),
      formatMonth(matrix.month[row] as number),
      matrix.observedMonths[row],
      matrix.eventMonth[row],
    ]
    const values = columns.columns.map(column => {
      const value = valueAt(column, place)
      return value === null ? '' : typeof value === 'string' ? quote(value) : value
    })
    yield `${[...keys, ...values].join(',')}\n`
  }
}

function quote(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
