/** Streams a checked data set as blocks of whole borrowers: sorted streams of every table, merged as they flow. */

import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import {
  type Account,
  type AccountMonth,
  addLedgerBorrower,
  addMonthlyBorrower,
  type Borrower,
  type EconomyMonth,
  economyAsOf,
  HistoryBuilder,
  type Instalment,
  type LabelledHistory,
  type LoweringContext,
  lastEndedMonth,
  type Payment,
  type TableName,
  toDay,
} from '../index.ts'
import type { CheckContext } from './checks/index.ts'
import { Cursor, type Database, identifier, readRows } from './database.ts'
import type { ColumnSchema } from './table-schema.ts'

/** Rows per block, about: a block ends with the borrower that fills it. */
const rowsPerBlockByDefault = 200_000

/**
 * Streams the account-months of a checked data set.
 *
 * @param grain - Decides whether a ledger is lowered, or account-months are taken as they are.
 */
export async function* readBlocks(
  database: Database,
  context: CheckContext,
  grain: 'ledger' | 'account-months',
  rowsPerBlock = rowsPerBlockByDefault,
): AsyncGenerator<LabelledHistory> {
  const knownOn = toDay(context.dataCutOn)
  const lowering: LoweringContext = {
    lastMonth: lastEndedMonth(knownOn),
    knownOn,
    economy: economyAsOf(await readEconomy(database.connection, context)),
  }
  const connections: DuckDBConnection[] = []
  const open = async (sql: string): Promise<Cursor> => {
    const connection = await database.connect()
    connections.push(connection)
    return Cursor.open(connection, sql)
  }
  try {
    const accounts = await open(accountsSql(context))
    const children = await openChildren(open, context, grain)
    const [ofBorrower, ofAccount] = [borrowerColumns(context), accountColumns(context)]
    let builder = new HistoryBuilder()
    while (!accounts.done) {
      const borrowerId = accounts.text('borrowerId') ?? ''
      const borrower = readObject<Borrower>(accounts, ofBorrower)
      const owned: (Account & { instalments: Instalment[]; payments: Payment[]; months: AccountMonth[] })[] = []
      while (!accounts.done && accounts.text('borrowerId') === borrowerId) {
        const account = readObject<Account>(accounts, ofAccount)
        owned.push({
          ...account,
          instalments: await readChildren<Instalment>(children.instalments, account.accountId),
          payments: await readChildren<Payment>(children.payments, account.accountId),
          months: await readChildren<AccountMonth>(children.accountMonths, account.accountId),
        })
        await accounts.next()
      }
      if (grain === 'ledger') addLedgerBorrower(builder, { ...borrower, borrowerId }, owned, lowering)
      else addMonthlyBorrower(builder, { ...borrower, borrowerId }, owned, lowering)
      if (builder.rows >= rowsPerBlock) {
        yield builder.build()
        builder = new HistoryBuilder()
      }
    }
    if (builder.rows > 0) yield builder.build()
  } finally {
    for (const connection of connections) connection.closeSync()
  }
}

/** A table's rows, sorted by borrower and account, and the columns to read of them. */
interface Child {
  readonly cursor: Cursor
  readonly columns: readonly ColumnSchema[]
}

const childTables = ['instalments', 'payments', 'accountMonths'] as const satisfies readonly TableName[]

async function openChildren(
  open: (sql: string) => Promise<Cursor>,
  context: CheckContext,
  grain: 'ledger' | 'account-months',
): Promise<Partial<Record<(typeof childTables)[number], Child>>> {
  const children: Partial<Record<(typeof childTables)[number], Child>> = {}
  for (const name of childTables) {
    const table = context.tables.get(name)
    if (table === undefined || (name === 'accountMonths') !== (grain === 'account-months')) continue
    const columns = table.columns.filter(column => column.name !== 'borrowerId')
    const order =
      name === 'accountMonths'
        ? 'c."month"'
        : name === 'payments'
          ? 'c."paidOn", c."paymentId"'
          : 'c."dueOn", c."instalmentId"'
    children[name] = {
      columns: columns.filter(column => column.name !== 'accountId'),
      cursor: await open(
        `SELECT ${columns.map(column => selected(column, 'c')).join(', ')}
         FROM ${table.view} c JOIN (${ownersSql(context)}) o ON o."accountId" = c."accountId"
         ORDER BY o."borrowerId", c."accountId", ${order}`,
      ),
    }
  }
  return children
}

async function readChildren<Row>(child: Child | undefined, accountId: string): Promise<Row[]> {
  const rows: Row[] = []
  if (child === undefined) return rows
  const { cursor, columns } = child
  const owner = cursor.place('accountId')
  while (!cursor.done && cursor.value(owner) === accountId) {
    rows.push(readObject<Row>(cursor, columns))
    if (!cursor.step()) await cursor.refill()
  }
  return rows
}

/**
 * The present row as an object of a contract. Its cells have been checked against the columns' schema, which is derived
 * from the contract, so the type is what the check has shown.
 */
function readObject<Row>(cursor: Cursor, columns: readonly ColumnSchema[]): Row {
  const row: Record<string, DuckDBValue> = {}
  for (const { name } of columns) {
    const value = cursor.value(cursor.place(name))
    if (value !== null) row[name] = value
  }
  return row as Row
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

/** Accounts with their borrower's facts, by borrower and account. */
function accountsSql(context: CheckContext): string {
  const borrowers = context.tables.get('borrowers')
  const columns = [
    'o."borrowerId"',
    'o."accountId"',
    ...accountColumns(context).flatMap(column => (column.name === 'accountId' ? [] : [selected(column, 'a')])),
    ...borrowerColumns(context).map(column => selected(column, 'b')),
  ]
  const accounts = context.tables.get('accounts')
  return `SELECT ${columns.join(', ')} FROM (${ownersSql(context)}) o
    ${accounts === undefined ? '' : `JOIN ${accounts.view} a ON a."accountId" = o."accountId"`}
    ${borrowers === undefined ? '' : `LEFT JOIN ${borrowers.view} b ON b."borrowerId" = o."borrowerId"`}
    ORDER BY o."borrowerId", o."accountId"`
}

function accountColumns(context: CheckContext): ColumnSchema[] {
  const accounts = context.tables.get('accounts')
  if (accounts === undefined) return [{ name: 'accountId', type: 'text', required: true }]
  return accounts.columns.filter(({ name }) => name !== 'borrowerId')
}

function borrowerColumns(context: CheckContext): ColumnSchema[] {
  return (context.tables.get('borrowers')?.columns ?? []).filter(({ name }) => name !== 'borrowerId')
}

function selected(column: ColumnSchema, alias: string): string {
  const name = identifier(column.name)
  const number = column.type === 'number' || column.type === 'integer'
  return number ? `CAST(${alias}.${name} AS DOUBLE) AS ${name}` : `${alias}.${name} AS ${name}`
}

async function readEconomy(connection: DuckDBConnection, context: CheckContext): Promise<EconomyMonth[]> {
  const table = context.tables.get('economy')
  if (table === undefined) return []
  const rows = await readRows(
    connection,
    `SELECT ${table.columns.map(column => selected(column, 't')).join(', ')} FROM ${table.view} t`,
  )
  return rows as unknown as EconomyMonth[]
}
