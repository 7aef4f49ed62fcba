/** What importers share: a published file loaded and checked, and a data-set folder written whole or not at all. */

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { z } from 'zod'
import { type DatasetDescription, datasetDescriptionSchema, InputError, type TableName } from '../../index.ts'
import { type CheckContext, rules } from '../checks/index.ts'
import { type Database, identifier, literal, openDatabase, readRows } from '../database.ts'
import { loadTable } from '../load-table.ts'
import type { ColumnSchema } from '../table-schema.ts'

/** Findings shown in a message, at most. */
const findingsShown = 20

/** A column that an importer reads, and other names under which it has been published. */
export type PublishedColumn = ColumnSchema & { readonly alsoNamed?: readonly string[] }

/**
 * Loads a published file and checks the cells of the columns that the importer reads.
 *
 * @param view - Name under which the columns can be queried, as text, with `row`.
 * @throws InputError naming file, row, field and value of what is amiss.
 */
export async function loadPublished(
  { connection }: Database,
  view: string,
  file: string,
  columns: readonly PublishedColumn[],
): Promise<void> {
  const loaded = await loadTable(connection, `raw_${view}`, file)
  const published = ({ name, alsoNamed = [] }: PublishedColumn): string | undefined =>
    [name, ...alsoNamed].find(candidate => loaded.columns.includes(candidate))
  const missing = columns.filter(column => published(column) === undefined)
  if (missing.length > 0) {
    throw new InputError(
      missing.map(({ name }) => ({
        source: file,
        field: name,
        found: `columns ${loaded.columns.join(', ')}`,
        expected: 'a column of this name',
        rule: 'missing-column',
      })),
    )
  }
  if (loaded.unreadable.length > 0) throw new InputError(loaded.unreadable.slice(0, findingsShown))
  const selected = columns.map(
    column => `CAST(${identifier(published(column) ?? column.name)} AS VARCHAR) AS ${identifier(column.name)}`,
  )
  await connection.run(
    `CREATE VIEW ${identifier(view)} AS SELECT "row", ${selected.join(', ')} FROM ${identifier(loaded.table)}`,
  )
  const context: CheckContext = {
    tables: new Map([['accounts', { name: 'accounts' as TableName, view: identifier(view), file, columns, key: [] }]]),
    dataCutOn: '9999-12-31',
    currency: 'none',
  }
  for (const rule of rules) {
    for (const query of rule.queries(context)) {
      if (columns.length === 0 || rule.name === 'duplicate-row') continue
      const found = await readRows(connection, `SELECT * FROM (${query.sql}) ORDER BY "row" LIMIT ${findingsShown}`)
      if (found.length > 0) {
        throw new InputError(
          found.map(row => ({
            source: file,
            row: Number(row.row),
            field: String(row.field),
            ...(row.found === null ? {} : { found: String(row.found) }),
            expected: query.expected,
            rule: rule.name,
          })),
        )
      }
    }
  }
}

/** A column of whole numbers that an importer needs. */
export function wholeColumn(name: string, values?: readonly number[]): ColumnSchema {
  return { name, type: 'integer', required: true, ...(values === undefined ? {} : { values: values.map(String) }) }
}

/**
 * Runs an import: a scratch database, and a new folder that appears only when everything is in it.
 *
 * @param out - Must not exist, or be empty.
 * @throws InputError if the folder can't be made or has something in it.
 */
export async function writeDataset<Result>(
  out: string,
  make: (
    database: Database,
    write: (table: string, sql: string) => Promise<void>,
  ) => Promise<{ readonly description: z.input<typeof datasetDescriptionSchema>; readonly result: Result }>,
): Promise<Result> {
  if (existsSync(out) && readdirSync(out).length > 0) {
    throw new InputError({
      source: out,
      found: 'a folder with files in it',
      expected: 'a new folder',
      rule: 'new-folder',
    })
  }
  const writing = join(dirname(out), `.${basename(out)}-${process.pid}`)
  const database = await openDatabase()
  try {
    try {
      mkdirSync(writing, { recursive: true })
    } catch (error) {
      throw unwritable(out, error)
    }
    const { description, result } = await make(database, async (table, sql) => {
      await database.connection.run(`COPY (${sql}) TO ${literal(join(writing, `${table}.parquet`))} (FORMAT parquet)`)
    })
    const checked: DatasetDescription = datasetDescriptionSchema.parse(description)
    try {
      writeFileSync(join(writing, 'dataset.json'), `${JSON.stringify(checked, null, 2)}\n`)
      rmSync(out, { recursive: true, force: true })
      renameSync(writing, out)
    } catch (error) {
      throw unwritable(out, error)
    }
    return result
  } finally {
    database.close()
    try {
      rmSync(writing, { recursive: true, force: true })
    } catch {
      // The error that kept it from being written stands already.
    }
  }
}

function unwritable(out: string, error: unknown): InputError {
  return new InputError({
    source: out,
    found: error instanceof Error ? error.message : String(error),
    expected: 'a folder that can be written',
    rule: 'writable-folder',
  })
}
