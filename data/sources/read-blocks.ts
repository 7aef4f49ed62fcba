/** Streams a checked data set as blocks of whole borrowers; a ledger as sorted streams of its tables, merged as they flow. */

import type { DuckDBConnection } from '@duckdb/node-api'
import {
  type Account,
  addLedgerBorrower,
  type Borrower,
  type EconomyMonth,
  economyAsOf,
  HistoryBuilder,
  type Instalment,
  type LabelledHistory,
  type LedgerAccount,
  type LoweringContext,
  lastEndedMonth,
  type Payment,
  type TableName,
  toDay,
} from '../index.ts'
import { accountColumns, accountsSql, borrowerColumns, ownersSql, readObject, selected } from './account-rows.ts'
import type { CheckContext } from './checks/index.ts'
import { Cursor, type Database, readRows } from './database.ts'
import { readMonths } from './read-months.ts'
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
  const connect = async (): Promise<DuckDBConnection> => {
    const connection = await database.connect()
    connections.push(connection)
    return connection
  }
  try {
    yield* grain === 'ledger'
      ? readLedger(connect, context, lowering, rowsPerBlock)
      : readMonths(connect, context, lowering.economy, rowsPerBlock)
  } finally {
    for (const connection of connections) connection.closeSync()
  }
}

async function* readLedger(
  connect: () => Promise<DuckDBConnection>,
  context: CheckContext,
  lowering: LoweringContext,
  rowsPerBlock: number,
): AsyncGenerator<LabelledHistory> {
  const accounts = await Cursor.open(await connect(), accountsSql(context))
  const instalments = await openChild(await connect(), context, 'instalments', 'c."dueOn", c."instalmentId"')
  const payments = await openChild(await connect(), context, 'payments', 'c."paidOn", c."paymentId"')
  const [ofBorrower, ofAccount] = [borrowerColumns(context), accountColumns(context)]
  let builder = new HistoryBuilder()
  while (!accounts.done) {
    const borrowerId = accounts.text('borrowerId') ?? ''
    const borrower = readObject<Borrower>(accounts, ofBorrower)
    const owned: LedgerAccount[] = []
    while (!accounts.done && accounts.text('borrowerId') === borrowerId) {
      const account = readObject<Account>(accounts, ofAccount)
      owned.push({
        ...account,
        instalments: await readChildren<Instalment>(instalments, account.accountId),
        payments: await readChildren<Payment>(payments, account.accountId),
      })
      await accounts.next()
    }
    addLedgerBorrower(builder, { ...borrower, borrowerId }, owned, lowering)
    if (builder.rows >= rowsPerBlock) {
      yield builder.build()
      builder = new HistoryBuilder()
    }
  }
  if (builder.rows > 0) yield builder.build()
}

/** A table's rows, sorted by borrower and account, and the columns to read of them. */
interface Child {
  readonly cursor: Cursor
  readonly columns: readonly ColumnSchema[]
}

async function openChild(
  connection: DuckDBConnection,
  context: CheckContext,
  name: TableName,
  order: string,
): Promise<Child | undefined> {
  const table = context.tables.get(name)
  if (table === undefined) return undefined
  const columns = table.columns.filter(column => column.name !== 'borrowerId')
  return {
    columns: columns.filter(column => column.name !== 'accountId'),
    cursor: await Cursor.open(
      connection,
      `SELECT ${columns.map(column => selected(column, 'c')).join(', ')}
       FROM ${table.view} c JOIN (${ownersSql(context)}) o ON o."accountId" = c."accountId"
       ORDER BY o."borrowerId", c."accountId", ${order}`,
    ),
  }
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

async function readEconomy(connection: DuckDBConnection, context: CheckContext): Promise<EconomyMonth[]> {
  const table = context.tables.get('economy')
  if (table === undefined) return []
  const rows = await readRows(
    connection,
    `SELECT ${table.columns.map(column => selected(column, 't')).join(', ')} FROM ${table.view} t`,
  )
  return rows as unknown as EconomyMonth[]
}
