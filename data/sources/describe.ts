/** Reads `dataset.json` and checks that it describes one of the two grains in full. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DatasetDescription, datasetDescriptionSchema, InputError, type TableName } from '../index.ts'

/** Tables without which a grain means nothing. */
const requiredTables: Readonly<Record<DatasetDescription['grain'], readonly TableName[]>> = {
  ledger: ['accounts', 'instalments', 'payments'],
  'account-months': ['accountMonths'],
}

/**
 * Reads a data set's description.
 *
 * @throws InputError naming the file and field if it is missing, no JSON, or not as expected.
 */
export function readDescription(folder: string): DatasetDescription {
  const source = join(folder, 'dataset.json')
  const description = parse(source, readJson(source))
  for (const table of requiredTables[description.grain]) {
    if (description.tables[table] === undefined) {
      throw new InputError({
        source,
        field: `tables.${table}`,
        expected: `a table, since the grain is ${description.grain}`,
        rule: 'missing-table',
      })
    }
  }
  if (description.label?.given && description.tables.labels === undefined) {
    throw new InputError({
      source,
      field: 'tables.labels',
      expected: 'a table, since the label is given',
      rule: 'missing-table',
    })
  }
  return description
}

function readJson(source: string): unknown {
  let text: string
  try {
    text = readFileSync(source, 'utf8')
  } catch {
    throw new InputError({
      source,
      expected: 'a file that describes the data set; see docs/reference/data.md',
      rule: 'missing-description',
    })
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new InputError({
      source,
      found: error instanceof Error ? error.message : String(error),
      expected: 'JSON',
      rule: 'missing-description',
    })
  }
}

function parse(source: string, json: unknown): DatasetDescription {
  const parsed = datasetDescriptionSchema.safeParse(json)
  if (parsed.success) return parsed.data
  throw new InputError(
    parsed.error.issues.map(issue => ({
      source,
      field: issue.path.join('.'),
      expected: issue.message,
      rule: 'missing-description',
    })),
  )
}
