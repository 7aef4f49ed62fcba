/**
 * A checked data set laid out on disk in the order of borrower and account, to be read part by part: by this thread one
 * part after the other, or by worker threads side by side. Parquet account-months that already lie in that order are
 * left where they are; everything else is sorted into a temporary file, which DuckDB does on disk where it must.
 */

import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import {
  accountStateNames,
  type CategoryFactName,
  categoryFactNames,
  type DateFactName,
  dateFactNames,
  type EconomyMonth,
  type FoundOutage,
  type NumberFactName,
  numberFactNames,
  type TableName,
} from '../index.ts'
import type { CheckContext, CheckedTable } from './checks/index.ts'
import { type Database, identifier, literal, readRows } from './database.ts'
import { readOutages } from './read-outages.ts'
import type { ColumnSchema } from './table-schema.ts'

/** Where the rows lie, as plain data, so that a worker thread can be told. */
export interface ShardSource {
  readonly grain: 'ledger' | 'account-months'
  /** Last day that the data covers, as ISO text. */
  readonly dataCutOn: string
  readonly economy: readonly EconomyMonth[]
  /** Times in which debits failed for reasons that weren't the borrowers', as the payments show. */
  readonly outages: readonly FoundOutage[]
  /** Parquet file of the accounts with their facts, by `place`. */
  readonly accounts: string
  readonly accountColumns: readonly ColumnSchema[]
  readonly borrowerColumns: readonly ColumnSchema[]
  /** Account-months: a Parquet file and what to select of it, the month number first. */
  readonly months?: {
    readonly file: string
    readonly names: readonly string[]
    readonly selected: readonly string[]
    /** Columns of numbers in the file of the accounts: their facts. */
    readonly facts: readonly FactColumn[]
  }
  /** Ledger: Parquet files with `place`. */
  readonly children?: Readonly<Partial<Record<'instalments' | 'payments', ChildFile>>>
}

/** A fact of accounts as a column of numbers: itself, a day number, or a place in `texts`. */
export type FactColumn =
  | { readonly kind: 'number'; readonly name: NumberFactName | 'creditLimit' }
  | { readonly kind: 'date'; readonly name: DateFactName }
  | { readonly kind: 'category'; readonly name: CategoryFactName; readonly texts: readonly string[] }

/** A ledger's table on disk. */
export interface ChildFile {
  readonly file: string
  readonly columns: readonly ColumnSchema[]
}

/** Whole borrowers that lie next to one another. */
export interface Shard {
  /** First and last account, as places from 1 on. */
  readonly from: number
  readonly to: number
  /** Account-months before it in the file; for a ledger, instalments. */
  readonly before: number
  /** Account-months in it; for a ledger, instalments. */
  readonly rows: number
  readonly borrowers: number
  /** Does every account have a row for each month from its first to its last, in order? */
  readonly gapless: boolean
}

/** A data set laid out in parts. */
export interface Sharded {
  readonly source: ShardSource
  /** Parts of about `rowsPerShard` rows. */
  shards(rowsPerShard: number): Promise<Shard[]>
}

/**
 * Table with a row per account: its place in the order, whether it is its borrower's first, how many rows it has, and
 * whether they go month by month.
 */
const places = 'account_places'

/** Lays a checked data set out. */
export async function layOut(
  database: Database,
  context: CheckContext,
  grain: 'ledger' | 'account-months',
): Promise<Sharded> {
  const { connection, folder } = database
  await connection.run(placesSql(context, grain))
  const accounts = join(folder, 'accounts.parquet')
  const facts = grain === 'ledger' ? [] : await findFacts(connection, context)
  await writeParquet(connection, accountsSql(context, facts), accounts)
  const source: ShardSource = {
    grain,
    dataCutOn: context.dataCutOn,
    economy: await readEconomy(connection, context),
    outages: await readOutages(connection, context),
    accounts,
    accountColumns: accountColumns(context),
    borrowerColumns: borrowerColumns(context),
    ...(grain === 'ledger'
      ? { children: await layOutLedger(database, context) }
      : { months: { ...(await layOutMonths(database, context)), facts } }),
  }
  return { source, shards: rowsPerShard => findShards(connection, rowsPerShard) }
}

async function findShards(connection: DuckDBConnection, rowsPerShard: number): Promise<Shard[]> {
  const rows = await readRows(
    connection,
    `WITH borrowers AS (
       SELECT min(place) AS "from", max(place) AS "to", sum(rows) AS rows, bool_and(coalesce(gapless, true)) AS gapless
       FROM ${places} GROUP BY "borrowerId"
     ), counted AS (SELECT *, sum(rows) OVER (ORDER BY "from") - rows AS before FROM borrowers)
     SELECT min("from")::DOUBLE AS "from", max("to")::DOUBLE AS "to", min(before)::DOUBLE AS before,
       sum(rows)::DOUBLE AS rows, count(*)::DOUBLE AS borrowers, bool_and(gapless) AS gapless
     FROM counted GROUP BY before // ${rowsPerShard} ORDER BY 1`,
  )
  return rows.map(({ from, to, before, rows: count, borrowers, gapless }) => ({
    from: Number(from),
    to: Number(to),
    before: Number(before),
    rows: Number(count),
    borrowers: Number(borrowers),
    gapless: gapless === true,
  }))
}

/** Accounts in the order of borrower and account, each with its rows and, of account-months, its first and last month. */
function placesSql(context: CheckContext, grain: 'ledger' | 'account-months'): string {
  const name = grain === 'ledger' ? 'instalments' : 'accountMonths'
  const view = context.tables.get(name)?.view
  const further =
    grain === 'ledger'
      ? ', true AS gapless'
      : `, min("row") AS first_row, max("row") AS last_row,
         ${monthNumber('min("month")')} AS first, ${monthNumber('max("month")')} AS last,
         min("row" - ${monthNumber('"month"')}) = max("row" - ${monthNumber('"month"')}) AS gapless`
  return `CREATE TABLE ${places} AS
    SELECT o."accountId", o."borrowerId", coalesce(r.rows, 0)::INTEGER AS rows, r.* EXCLUDE ("accountId", rows),
      (row_number() OVER (ORDER BY o."borrowerId", o."accountId"))::INTEGER AS place,
      lag(o."borrowerId") OVER (ORDER BY o."borrowerId", o."accountId") IS DISTINCT FROM o."borrowerId" AS opens
    FROM (${ownersSql(context)}) o
    LEFT JOIN (SELECT "accountId", count(*) AS rows${further} FROM ${view} GROUP BY "accountId") r
      ON r."accountId" = o."accountId"`
}

/** Accounts and whom they belong to; without an accounts table, as the account-months say. */
function ownersSql(context: CheckContext): string {
  const accounts = context.tables.get('accounts')
  if (accounts !== undefined) return `SELECT "accountId", "borrowerId" FROM ${accounts.view}`
  const months = context.tables.get('accountMonths')
  const borrower = months?.columns.some(({ name }) => name === 'borrowerId')
    ? 'coalesce("borrowerId", "accountId")'
    : '"accountId"'
  return `SELECT "accountId", any_value(${borrower}) AS "borrowerId" FROM ${months?.view} GROUP BY "accountId"`
}

/**
 * Accounts with their borrower's facts, by place.
 *
 * @param facts - Facts to write as numbers, under their names; without any, all columns are written as they are.
 */
function accountsSql(context: CheckContext, facts: readonly FactColumn[]): string {
  const [accounts, borrowers] = [context.tables.get('accounts'), context.tables.get('borrowers')]
  const own = new Set(accountColumns(context).map(({ name }) => name))
  const asNumber = (fact: FactColumn): string => {
    const cell = `${own.has(fact.name) ? 'a' : 'b'}.${identifier(fact.name)}`
    if (fact.kind === 'number') return `CAST(${cell} AS DOUBLE)`
    if (fact.kind === 'date') return `date_diff('day', DATE '1970-01-01', CAST(${cell} AS DATE))::DOUBLE`
    return `enum_code(CAST(${cell} AS ${factType(fact.name)}))::DOUBLE`
  }
  const columns =
    facts.length > 0
      ? facts.map(fact => `${asNumber(fact)} AS ${identifier(fact.name)}`)
      : [
          ...accountColumns(context).flatMap(column => (column.name === 'accountId' ? [] : [selected(column, 'a')])),
          ...borrowerColumns(context).map(column => selected(column, 'b')),
        ]
  return `SELECT ${['p.*', ...columns].join(', ')} FROM ${places} p
    ${accounts === undefined ? '' : `JOIN ${accounts.view} a ON a."accountId" = p."accountId"`}
    ${borrowers === undefined ? '' : `LEFT JOIN ${borrowers.view} b ON b."borrowerId" = p."borrowerId"`}
    ORDER BY p.place`
}

/** The facts that there are. A text becomes a place in the list of its column's texts, an enumeration of DuckDB's. */
async function findFacts(connection: DuckDBConnection, context: CheckContext): Promise<FactColumn[]> {
  const present = [
    ...accountColumns(context).map(column => ({ column, view: context.tables.get('accounts')?.view })),
    ...borrowerColumns(context).map(column => ({ column, view: context.tables.get('borrowers')?.view })),
  ]
  const facts: FactColumn[] = []
  for (const { column, view } of present) {
    const number = [...numberFactNames, 'creditLimit' as const].find(name => name === column.name)
    const date = dateFactNames.find(name => name === column.name)
    const category = categoryFactNames.find(name => name === column.name)
    if (number !== undefined) facts.push({ kind: 'number', name: number })
    if (date !== undefined) facts.push({ kind: 'date', name: date })
    if (category === undefined || view === undefined) continue
    const name = identifier(category)
    const distinct = `SELECT DISTINCT ${name} AS text FROM ${view} WHERE ${name} IS NOT NULL ORDER BY text`
    const texts = (await readRows(connection, distinct)).map(({ text }) => String(text))
    if (texts.length === 0) continue
    await connection.run(`CREATE TYPE ${factType(category)} AS ENUM (${distinct})`)
    facts.push({ kind: 'category', name: category, texts })
  }
  return facts
}

function factType(name: string): string {
  return identifier(`${name}_texts`)
}

async function layOutLedger(database: Database, context: CheckContext): Promise<NonNullable<ShardSource['children']>> {
  const order = { instalments: '"dueOn", c."instalmentId"', payments: '"paidOn", c."paymentId"' } as const
  const children: Partial<Record<'instalments' | 'payments', ChildFile>> = {}
  for (const name of ['instalments', 'payments'] as const) {
    const table = context.tables.get(name)
    if (table === undefined) continue
    const columns = table.columns.filter(column => column.name !== 'borrowerId' && column.name !== 'accountId')
    const file = join(database.folder, `${name}.parquet`)
    await writeParquet(
      database.connection,
      `SELECT p.place, ${columns.map(column => selected(column, 'c')).join(', ')}
       FROM ${table.view} c JOIN ${places} p ON p."accountId" = c."accountId" ORDER BY p.place, c.${order[name]}`,
      file,
    )
    children[name] = { file, columns }
  }
  return children
}

async function layOutMonths(
  database: Database,
  context: CheckContext,
): Promise<Omit<NonNullable<ShardSource['months']>, 'facts'>> {
  const table = context.tables.get('accountMonths') as CheckedTable
  const columns = table.columns.filter(({ name }) => !['accountId', 'borrowerId', 'month'].includes(name))
  const names = columns.map(({ name }) => name)
  const month = (cell: string): string => `${monthNumber(`CAST(${cell} AS VARCHAR)`)}::DOUBLE`
  const number = (name: string, cell: string): string =>
    name === 'state' ? stateCode(cell) : `CAST(${cell} AS DOUBLE)`
  if (table.parquet !== undefined && (await liesInOrder(database.connection))) {
    const { columnOf } = table.parquet
    const cell = (name: string): string => identifier(columnOf[name] ?? name)
    return { file: table.file, names, selected: [month(cell('month')), ...names.map(name => number(name, cell(name)))] }
  }
  const file = join(database.folder, 'months.parquet')
  await writeParquet(
    database.connection,
    `SELECT ${month('c."month"')} AS month, ${names.map(name => `${number(name, `c.${identifier(name)}`)} AS ${identifier(name)}`).join(', ')}
     FROM ${table.view} c JOIN ${places} p ON p."accountId" = c."accountId" ORDER BY p.place, month`,
    file,
  )
  await database.connection.run(`UPDATE ${places} SET gapless = (last - first + 1 = rows)`)
  return { file, names, selected: ['month', ...names.map(identifier)] }
}

/** Does the file have each account's rows together, and the accounts in order? */
async function liesInOrder(connection: DuckDBConnection): Promise<boolean> {
  const [row] = await readRows(
    connection,
    `SELECT bool_and(last_row - first_row + 1 = rows AND first_row = before + 1) AS ordered
     FROM (SELECT *, coalesce(lag(last_row) OVER (ORDER BY place), 0) AS before FROM ${places} WHERE rows > 0)`,
  )
  return row?.ordered === true
}

async function writeParquet(connection: DuckDBConnection, sql: string, file: string): Promise<void> {
  await connection.run(`COPY (${sql}) TO ${literal(file)} (FORMAT parquet)`)
}

/** The month number of a text YYYY-MM, as `toMonth` has it. */
function monthNumber(text: string): string {
  return `((CAST(substr(${text}, 1, 4) AS INTEGER) - 1970) * 12 + CAST(substr(${text}, 6, 2) AS INTEGER) - 1)`
}

/** By a function of a list, which DuckDB computes once for each entry of a column's dictionary, unlike CASE. */
function stateCode(cell: string): string {
  return `(list_position([${accountStateNames.map(literal).join(', ')}], CAST(${cell} AS VARCHAR)) - 1)::DOUBLE`
}

/** Columns of ours that say something of an account itself. */
function accountColumns(context: CheckContext): ColumnSchema[] {
  const accounts = context.tables.get('accounts')
  if (accounts === undefined) return [{ name: 'accountId', type: 'text', required: true }]
  return accounts.columns.filter(({ name }) => name !== 'borrowerId')
}

/** Columns of ours that say something of a borrower, their id apart. */
function borrowerColumns(context: CheckContext): ColumnSchema[] {
  return (context.tables.get('borrowers')?.columns ?? []).filter(({ name }) => name !== 'borrowerId')
}

/** A column as it is read: numbers as DOUBLE. */
function selected(column: ColumnSchema, alias: string): string {
  const name = identifier(column.name)
  const number = column.type === 'number' || column.type === 'integer'
  return number ? `CAST(${alias}.${name} AS DOUBLE) AS ${name}` : `${alias}.${name} AS ${name}`
}

async function readEconomy(connection: DuckDBConnection, context: CheckContext): Promise<EconomyMonth[]> {
  const table = context.tables.get('economy' satisfies TableName)
  if (table === undefined) return []
  const rows = await readRows(
    connection,
    `SELECT ${table.columns.map(column => selected(column, 't')).join(', ')} FROM ${table.view} t`,
  )
  return rows as unknown as EconomyMonth[]
}
