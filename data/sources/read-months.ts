/**
 * Streams ready-made account-months as blocks of whole borrowers: columns are copied as they flow from the file, and no
 * row becomes an object. A file that already has the rows of an account together, in the order of borrower and account,
 * is read as it lies; any other is sorted, on disk where it must be.
 */

import type { DuckDBConnection } from '@duckdb/node-api'
import {
  type Account,
  accountStates,
  type Borrower,
  type Economy,
  factsOf,
  fillLimit,
  HistoryBuilder,
  type LabelledHistory,
  type NumberColumnName,
  numberColumnNames,
} from '../index.ts'
import { accountColumns, accountsSql, borrowerColumns, ownersSql, readObject } from './account-rows.ts'
import type { CheckContext, CheckedTable } from './checks/index.ts'
import { ColumnStream } from './column-stream.ts'
import { Cursor, literal, readRows } from './database.ts'

/** Table of each account's place and months in the file. */
const spans = 'account_spans'

/** Streams the account-months; every connection streams one result. */
export async function* readMonths(
  connect: () => Promise<DuckDBConnection>,
  context: CheckContext,
  economy: Economy,
  rowsPerBlock: number,
): AsyncGenerator<LabelledHistory> {
  const table = context.tables.get('accountMonths')
  if (table === undefined) return
  const connection = await connect()
  await connection.run(spansSql(table, context))
  const names = numberColumnNames.filter(name => table.columns.some(column => column.name === name))
  const accounts = await Cursor.open(
    await connect(),
    accountsSql(context, `LEFT JOIN ${spans} s ON s."accountId" = o."accountId"`, ['s.first', 's.last', 's.months']),
  )
  const months = await ColumnStream.open(connection, monthsSql(table, names, await liesInOrder(connection)))
  const [ofBorrower, ofAccount] = [borrowerColumns(context), accountColumns(context)]
  const places = { first: accounts.place('first'), last: accounts.place('last'), months: accounts.place('months') }
  const filler = new BlockFiller(months, names, economy)
  while (!accounts.done) {
    const borrowerId = accounts.text('borrowerId') ?? ''
    const borrower = { ...readObject<Borrower>(accounts, ofBorrower), borrowerId }
    filler.builder.borrower(borrowerId)
    while (!accounts.done && accounts.text('borrowerId') === borrowerId) {
      const account = readObject<Account>(accounts, ofAccount)
      const [first, last, count] = [accounts.value(places.first), accounts.value(places.last), accounts.value(places.months)]
      if (first !== null) {
        filler.builder.account(account.accountId, factsOf(borrower, account))
        filler.add(account, Number(first), Number(last), Number(count))
      }
      if (!accounts.step()) await accounts.refill()
    }
    if (filler.builder.rows >= rowsPerBlock) yield await filler.finish()
  }
  if (filler.builder.rows > 0) yield await filler.finish()
}

/** Where each account's rows lie in the file, and its first and last month. */
function spansSql(table: CheckedTable, context: CheckContext): string {
  return `CREATE TABLE IF NOT EXISTS ${spans} AS
    SELECT o."accountId", o."borrowerId", s.* EXCLUDE ("accountId"),
      (row_number() OVER (ORDER BY o."borrowerId", o."accountId"))::INTEGER AS place
    FROM (SELECT "accountId", min("row") AS first_row, max("row") AS last_row, count(*)::INTEGER AS months,
            ${monthNumber('min("month")')} AS first, ${monthNumber('max("month")')} AS last
          FROM ${table.view} GROUP BY "accountId") s
    JOIN (${ownersSql(context)}) o ON o."accountId" = s."accountId"`
}

/** Does the file have each account's rows together, and the accounts in order? */
async function liesInOrder(connection: DuckDBConnection): Promise<boolean> {
  const [row] = await readRows(
    connection,
    `SELECT bool_and(last_row - first_row + 1 = months AND first_row > before) AS ordered
     FROM (SELECT *, coalesce(lag(last_row) OVER (ORDER BY place), 0) AS before FROM ${spans})`,
  )
  return row?.ordered === true
}

/** Month number, then the columns, in the order of borrower and account; within an account in any order. */
function monthsSql(table: CheckedTable, names: readonly NumberColumnName[], ordered: boolean): string {
  const month = `${monthNumber('c."month"')}::DOUBLE`
  const state = `CASE c."state" ${Object.entries(accountStates)
    .map(([name, code]) => `WHEN ${literal(name)} THEN ${code}`)
    .join(' ')} END::DOUBLE`
  const columns = names.map(name => (name === 'state' ? state : `CAST(c."${name}" AS DOUBLE)`))
  const sorted = ordered ? '' : `JOIN ${spans} s ON s."accountId" = c."accountId" ORDER BY s.place`
  return `SELECT ${[month, ...columns].join(', ')} FROM ${table.view} c ${sorted}`
}

/** The month number of a text YYYY-MM, as `toMonth` has it. */
function monthNumber(text: string): string {
  return `((CAST(substr(${text}, 1, 4) AS INTEGER) - 1970) * 12 + CAST(substr(${text}, 6, 2) AS INTEGER) - 1)`
}

/** An account's rows in the block being filled. */
interface Reserved {
  readonly account: Account
  /** Its rows: `start` to before `end`. */
  readonly start: number
  readonly end: number
  readonly firstMonth: number
  /** Rows of the stream. */
  readonly count: number
}

/** Fills blocks: first the accounts are named, then their rows are copied all at once. */
class BlockFiller {
  builder = new HistoryBuilder()
  #reserved: Reserved[] = []
  readonly #months: ColumnStream
  readonly #names: readonly NumberColumnName[]
  readonly #economy: Economy
  /** Next row of the stream's present chunk. */
  #next = 0
  #places = new Int32Array(0)

  constructor(months: ColumnStream, names: readonly NumberColumnName[], economy: Economy) {
    this.#months = months
    this.#names = names
    this.#economy = economy
  }

  /** Reserves the rows of the account begun last. */
  add(account: Account, firstMonth: number, lastMonth: number, count: number): void {
    const start = this.builder.reserve(firstMonth, lastMonth)
    this.#reserved.push({ account, start, end: this.builder.rows, firstMonth, count })
  }

  /** Copies what was reserved, and begins a new block. */
  async finish(): Promise<LabelledHistory> {
    const { builder } = this
    let done = 0 // rows of the present account
    for (let account = 0; account < this.#reserved.length; ) {
      if (this.#next === this.#months.rows) {
        if (!(await this.#months.next())) break
        this.#next = 0
        if (this.#places.length < this.#months.rows) this.#places = new Int32Array(this.#months.rows)
      }
      // the chunk's rows of this block, each to its place
      const from = this.#next
      while (account < this.#reserved.length && this.#next < this.#months.rows) {
        const { start, firstMonth, count } = this.#reserved[account] as Reserved
        const to = Math.min(this.#months.rows, this.#next + count - done)
        for (let row = this.#next; row < to; row += 1) {
          this.#places[row] = start + this.#months.at(0, row) - firstMonth
        }
        done += to - this.#next
        this.#next = to
        if (done === count) {
          account += 1
          done = 0
        }
      }
      this.#copy(from, this.#next)
    }
    for (const { account, start, end } of this.#reserved) fillLimit(builder, account, start, end)
    this.#reserved = []
    this.builder = new HistoryBuilder(Math.ceil(1.05 * builder.rows)) // the next block is about as long
    return builder.build()
  }

  #copy(from: number, to: number): void {
    const { month, observed, numbers } = this.builder.columns
    const places = this.#places
    let straight = true
    for (let row = from; row < to; row += 1) {
      const place = places[row] as number
      if (row > from && place !== (places[row - 1] as number) + 1) straight = false
      observed[place] = 1
      const economy = this.#economy.asOf(month[place] as number)
      numbers.unemployment[place] = economy.unemployment
      numbers.interestRate[place] = economy.interestRate
    }
    this.#names.forEach((name, index) => {
      if (straight) this.#months.copy(index + 1, from, to, numbers[name], places[from] as number)
      else this.#months.scatter(index + 1, from, to, numbers[name], places)
    })
  }
}
