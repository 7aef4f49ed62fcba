/**
 * Brings one file into the scratch database as it is, each row with its number and the rows that can't be read apart. A
 * CSV file is loaded; a Parquet file stays on disk, to be read column by column as it is asked for.
 */

import type { DuckDBConnection } from '@duckdb/node-api'
import { InputError, type InputProblem } from '../index.ts'
import { identifier, literal, readCount, readRows } from './database.ts'
import { readHeader } from './delimited-header.ts'
import { endsInsideQuote } from './open-quote.ts'

/** A loaded file. */
export interface LoadedTable {
  /** Name in the scratch database; it has a column `row`, data rows counted from 1, and the file's own columns. */
  readonly table: string
  readonly file: string
  /** The file's columns. */
  readonly columns: readonly string[]
  /** Is it read from its file, a Parquet file, as it is asked for? */
  readonly onDisk: boolean
  /** Those of them that the file itself holds as numbers. */
  readonly numeric: ReadonlySet<string>
  /** Takes rows out, by their number. */
  remove(rows: readonly number[]): Promise<void>
  /** Rows that could not be taken apart into columns. */
  readonly unreadable: readonly (InputProblem & { readonly raw: string })[]
}

/** Rows that can't be read, listed at most. */
const unreadableAtMost = 1000

/**
 * Loads a CSV (also gzipped) or Parquet file.
 *
 * @param table - Name for it in the scratch database.
 * @throws InputError if the file is missing, empty, or neither CSV nor Parquet.
 */
export async function loadTable(connection: DuckDBConnection, table: string, file: string): Promise<LoadedTable> {
  const loaded = file.endsWith('.parquet')
    ? await loadParquet(connection, table, file)
    : await loadDelimited(connection, table, file)
  if (
    loaded.unreadable.length === 0 &&
    (await readCount(connection, `SELECT count(*) FROM ${identifier(table)}`)) === 0
  ) {
    throw new InputError({ source: file, expected: 'at least one row', rule: 'empty-file' })
  }
  return loaded
}

/** Types of Parquet columns that hold numbers, as DuckDB names them. */
const numericTypes = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\(.*)$/

async function loadParquet(connection: DuckDBConnection, table: string, file: string): Promise<LoadedTable> {
  const removed: number[] = []
  const read = async (): Promise<void> => {
    await connection.run(
      `CREATE OR REPLACE VIEW ${identifier(table)} AS
       SELECT (file_row_number + 1)::BIGINT AS "row", * EXCLUDE (file_row_number)
       FROM read_parquet(${literal(file)}, file_row_number = true)
       ${removed.length === 0 ? '' : `WHERE file_row_number + 1 NOT IN (${removed.join(', ')})`}`,
    )
  }
  try {
    await read()
  } catch (error) {
    throw unreadableParquet(file, error)
  }
  const columns = await readRows(
    connection,
    `SELECT column_name AS name, column_type AS type FROM (DESCRIBE ${identifier(table)}) WHERE column_name <> 'row'`,
  )
  return {
    table,
    file,
    columns: columns.map(({ name }) => String(name)),
    onDisk: true,
    numeric: new Set(columns.flatMap(({ name, type }) => (numericTypes.test(String(type)) ? [String(name)] : []))),
    unreadable: [],
    remove: async rows => {
      removed.push(...rows)
      await read()
    },
  }
}

/** What to say of a Parquet file that can't be read, be it found at its head or only on the way. */
export function unreadableParquet(file: string, error: unknown): InputError {
  return new InputError({
    source: file,
    found: firstLineOf(error),
    expected: 'a Parquet file, whole and uncut',
    rule: 'unreadable-file',
  })
}

async function loadDelimited(connection: DuckDBConnection, table: string, file: string): Promise<LoadedTable> {
  const { names, delimiter } = readHeader(file)
  const duplicate = names.find((name, place) => name === '' || name === 'row' || names.indexOf(name) !== place)
  if (duplicate !== undefined) {
    throw new InputError({
      source: file,
      field: 'header',
      found: duplicate,
      expected: 'each column named once, and none “row”',
    })
  }
  const columns = names.map(name => `${literal(name)}: 'VARCHAR'`).join(', ')
  try {
    await connection.run(
      `CREATE TABLE ${identifier(`${table}_read`)} AS
       SELECT row_number() OVER () AS accepted, *
       FROM read_csv(${literal(file)}, auto_detect = false, header = true, delim = ${literal(delimiter)},
         quote = '"', escape = '"', columns = {${columns}}, nullstr = '', strict_mode = true, parallel = false,
         store_rejects = true, rejects_table = ${literal(`${table}_rejects`)},
         rejects_scan = ${literal(`${table}_scan`)}, rejects_limit = 0)`,
    )
  } catch (error) {
    throw new InputError({
      source: file,
      found: firstLineOf(error),
      expected: 'a CSV file, whole and uncut',
      rule: 'unreadable-file',
    })
  }
  // Rows that were rejected leave no gap in the numbering of the accepted ones: their numbers are put back here.
  const rejects = identifier(`${table}_rejects`)
  await connection.run(
    `CREATE TABLE ${identifier(table)} AS
     WITH rejected AS (
       SELECT line, row_number() OVER (ORDER BY line) AS nth FROM (SELECT DISTINCT line - 1 AS line FROM ${rejects})
     ), shifted AS (SELECT line - nth AS before, nth FROM rejected)
     SELECT accepted + coalesce((SELECT max(nth) FROM shifted WHERE before < accepted), 0) AS "row", * EXCLUDE (accepted)
     FROM ${identifier(`${table}_read`)}`,
  )
  const unreadable = await readRows(
    connection,
    `SELECT line - 1 AS row, any_value(error_message) AS message, any_value(csv_line) AS raw
     FROM ${rejects} GROUP BY line ORDER BY line LIMIT ${unreadableAtMost}`,
  )
  await connection.run(`DROP TABLE ${identifier(`${table}_read`)}`)
  const expected = `${names.length} columns, each quote closed`
  const cut: LoadedTable['unreadable'] =
    unreadable.length === 0 && (await endsInsideQuote(file))
      ? [
          {
            source: file,
            row: 1 + (await readCount(connection, `SELECT count(*) FROM ${identifier(table)}`)),
            expected,
            rule: 'cut-off-row',
            raw: '',
          },
        ]
      : []
  return {
    table,
    file,
    columns: names,
    onDisk: false,
    numeric: new Set(),
    remove: async rows => {
      await connection.run(`DELETE FROM ${identifier(table)} WHERE "row" IN (${rows.join(', ')})`)
    },
    unreadable: [
      ...unreadable.map(({ row, raw }) => ({
        source: file,
        row: Number(row),
        found: String(raw ?? '').slice(0, 200),
        expected,
        rule: 'cut-off-row',
        raw: String(raw ?? ''),
      })),
      ...cut,
    ],
  }
}

function firstLineOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
}
