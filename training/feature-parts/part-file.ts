/** Writes the features of a part into a Parquet file that is whole or not there. */

import { renameSync } from 'node:fs'
import { DOUBLE, type DuckDBAppender, DuckDBDataChunk, type DuckDBType, VARCHAR } from '@duckdb/node-api'
import { formatMonth, type HistoryBlock } from '../../data/index.ts'
import { type Database, identifier, literal } from '../../data/sources/index.ts'
import type { Feature, FeatureColumns } from '../../models/index.ts'
import type { LabelledRows } from '../population.ts'

/** Columns before the features. */
const keys = [
  ['borrowerId', 'VARCHAR'],
  ['accountId', 'VARCHAR'],
  ['month', 'VARCHAR'],
  ['observedMonths', 'DOUBLE'],
  ['eventMonth', 'DOUBLE'],
] as const

/** Rows of a chunk, DuckDB's own unit. */
const rowsPerChunk = 2048

/** A file being written. */
export interface PartFile {
  /** Adds a block's rows; rows without a label have none of its two columns. */
  append(history: HistoryBlock, rows: Int32Array, columns: FeatureColumns, labelled: LabelledRows): void
  /** Writes the file and renames it into its place. */
  finish(): Promise<void>
}

/** Opens a part, which is gathered in the scratch database first. */
export async function openPartFile(database: Database, file: string, features: readonly Feature[]): Promise<PartFile> {
  const { connection } = database
  const columns = [
    ...keys,
    ...features.map(({ name, kind }) => [name, kind === 'number' ? 'DOUBLE' : 'VARCHAR'] as const),
  ]
  await connection.run(
    `CREATE OR REPLACE TABLE part (${columns.map(([name, type]) => `${identifier(name)} ${type}`).join(', ')})`,
  )
  const appender = await connection.createAppender('part')
  const types = columns.map(([, type]) => (type === 'DOUBLE' ? DOUBLE : VARCHAR))
  return {
    append: (history, rows, made, labelled) => {
      const whole = [...keyColumns(history, rows, labelled), ...made.columns.map(({ values }) => values)]
      for (let from = 0; from < rows.length; from += rowsPerChunk) {
        appendChunk(appender, types, whole, from, Math.min(rows.length, from + rowsPerChunk))
      }
      appender.flushSync()
    },
    finish: async () => {
      appender.closeSync()
      const writing = `${file}.${process.pid}`
      await connection.run(`COPY part TO ${literal(writing)} (FORMAT parquet, COMPRESSION zstd)`)
      await connection.run('DROP TABLE part')
      renameSync(writing, file)
    },
  }
}

type Column = Float64Array | readonly (string | null)[]

function keyColumns(history: HistoryBlock, rows: Int32Array, labelled: LabelledRows): Column[] {
  const [borrowers, accounts, months]: string[][] = [[], [], []]
  const observedMonths = new Float64Array(rows.length).fill(Number.NaN)
  const eventMonth = new Float64Array(rows.length).fill(Number.NaN)
  let [borrower, account, label] = [0, 0, 0]
  rows.forEach((row, place) => {
    while ((history.accountStart[account + 1] as number) <= row) account += 1
    while ((history.borrowerStart[borrower + 1] as number) <= account) borrower += 1
    borrowers?.push(history.borrowerIds[borrower] as string)
    accounts?.push(history.accountIds[account] as string)
    months?.push(formatMonth(history.month[row] as number))
    while (label < labelled.rows.length && (labelled.rows[label] as number) < row) label += 1
    if (labelled.rows[label] !== row) return
    observedMonths[place] = labelled.observedMonths[label] as number
    eventMonth[place] = labelled.eventMonth[label] as number
  })
  return [borrowers ?? [], accounts ?? [], months ?? [], observedMonths, eventMonth]
}

function appendChunk(
  appender: DuckDBAppender,
  types: readonly DuckDBType[],
  columns: readonly Column[],
  from: number,
  to: number,
): void {
  const chunk = DuckDBDataChunk.create(types, to - from)
  columns.forEach((column, place) => {
    chunk.setColumnValues(
      place,
      column instanceof Float64Array
        ? Array.from(column.subarray(from, to), value => (Number.isNaN(value) ? null : value))
        : column.slice(from, to),
    )
  })
  appender.appendDataChunk(chunk)
}
