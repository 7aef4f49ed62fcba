/** What a rule on a data set is: a name, a sentence, and queries that find the rows that break it. */

import type { TableName } from '../../index.ts'
import type { ColumnSchema } from '../table-schema.ts'

/** A loaded table under our column names; cells are text or null, or numbers where the file holds them as such. */
export interface CheckedTable {
  readonly name: TableName
  /** View in the scratch database, with `row`. */
  readonly view: string
  readonly file: string
  /** Columns of ours that the file has. */
  readonly columns: readonly ColumnSchema[]
  readonly key: readonly string[]
  /** Of a Parquet file whose rows are all good: its column for each of ours that is mapped. */
  readonly parquet?: { readonly columnOf: Readonly<Record<string, string>> }
  /** The file’s currency column, where it has one; the view calls it `currency`. */
  readonly currencyColumn?: string
}

/** What rules look at. */
export interface CheckContext {
  readonly tables: ReadonlyMap<TableName, CheckedTable>
  /** Last day that the data covers, as ISO text. */
  readonly dataCutOn: string
  readonly currency: string
}

/** Finds rows that break a rule. */
export interface RuleQuery {
  readonly table: TableName
  readonly expected: string
  /** Yields `row`, `field` and `found` (text or null). */
  readonly sql: string
  /** The condition by which a row is found, where it looks at one row of the table alone. */
  readonly where?: string
}

/** A rule. */
export interface Rule {
  readonly name: string
  /** What it demands, in one sentence. */
  readonly says: string
  /** Queries for the tables that are there. */
  queries(context: CheckContext): readonly RuleQuery[]
}

/** A query per column of the tables that fulfils a condition. */
export function perColumn(
  context: CheckContext,
  wanted: (column: ColumnSchema) => boolean,
  query: (table: CheckedTable, column: ColumnSchema) => { readonly expected: string; readonly where: string },
): RuleQuery[] {
  return [...context.tables.values()].flatMap(table =>
    table.columns.filter(wanted).map(column => {
      const { expected, where } = query(table, column)
      return {
        table: table.name,
        expected,
        where,
        sql: `SELECT "row", '${column.name}' AS field, CAST("${column.name}" AS VARCHAR) AS found FROM ${table.view} WHERE ${where}`,
      }
    }),
  )
}

/** True if the table is there and its file has all these columns of ours. */
export function hasColumns(context: CheckContext, table: TableName, ...columns: readonly string[]): boolean {
  const present = new Set(context.tables.get(table)?.columns.map(({ name }) => name))
  return columns.every(column => present.has(column))
}
