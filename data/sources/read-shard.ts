/** Reads a part of a laid-out data set as blocks of whole borrowers; no account-month becomes an object on the way. */

import {
  type Account,
  addLedgerBorrower,
  type Borrower,
  type Economy,
  economyAsOf,
  factsOf,
  fillLimit,
  HistoryBuilder,
  type Instalment,
  type LabelledHistory,
  type LedgerAccount,
  lastEndedMonth,
  type NumberColumnName,
  numberColumnNames,
  type Payment,
  toDay,
} from '../index.ts'
import { ColumnStream } from './column-stream.ts'
import { Cursor, type Database, identifier, literal } from './database.ts'
import type { ChildFile, Shard, ShardSource } from './shards.ts'
import type { ColumnSchema } from './table-schema.ts'

/** How to read. */
export interface ReadOptions {
  /** Rows per block, about: a block ends with the borrower that fills it. */
  readonly rowsPerBlock: number
  /** Fill the same columns again and again: a block is valid until the next one is asked for. */
  readonly reuse?: boolean
}

/** Streams the blocks of a part. */
export async function* readShard(
  database: Database,
  source: ShardSource,
  shard: Shard,
  { rowsPerBlock, reuse = false }: ReadOptions,
): AsyncGenerator<LabelledHistory> {
  const connections = await Promise.all([database.connect(), database.connect(), database.connect()])
  const [first, second, third] = connections
  try {
    const accounts = await Cursor.open(
      first,
      `SELECT * FROM read_parquet(${literal(source.accounts)}) WHERE place BETWEEN ${shard.from} AND ${shard.to} ORDER BY place`,
    )
    const economy = economyAsOf(source.economy)
    const filler =
      source.months === undefined
        ? undefined
        : new MonthFiller(
            await ColumnStream.open(second, monthsSql(source.months, shard)),
            source.months.names,
            economy,
          )
    const children = {
      instalments: await openChild(
        () => Cursor.open(second, childSql(source.children?.instalments, shard)),
        source.children?.instalments,
      ),
      payments: await openChild(
        () => Cursor.open(third, childSql(source.children?.payments, shard)),
        source.children?.payments,
      ),
    }
    const knownOn = toDay(source.dataCutOn)
    const lowering = { lastMonth: lastEndedMonth(knownOn), knownOn, economy }

    let builder = new HistoryBuilder()
    while (!accounts.done) {
      const borrowerId = accounts.text('borrowerId') ?? ''
      const borrower = { ...readObject<Borrower>(accounts, source.borrowerColumns), borrowerId }
      const ledgers: LedgerAccount[] = []
      if (filler !== undefined) builder.borrower(borrowerId)
      while (!accounts.done && accounts.text('borrowerId') === borrowerId) {
        const account = readObject<Account>(accounts, source.accountColumns)
        const place = Number(accounts.value(accounts.place('place')))
        if (filler === undefined) {
          ledgers.push({
            ...account,
            instalments: await readChildren<Instalment>(children.instalments, place),
            payments: await readChildren<Payment>(children.payments, place),
          })
        } else filler.reserve(builder, borrower, account, accounts)
        if (!accounts.step()) await accounts.refill()
      }
      if (filler === undefined) addLedgerBorrower(builder, borrower, ledgers, lowering)
      if (builder.rows >= rowsPerBlock) {
        await filler?.fill(builder)
        yield builder.build()
        // the next block is about as long
        builder = reuse ? builder.renew() : new HistoryBuilder(Math.ceil(1.05 * builder.rows))
      }
    }
    if (builder.rows > 0) {
      await filler?.fill(builder)
      yield builder.build()
    }
  } finally {
    for (const connection of connections) connection.closeSync()
  }
}

function monthsSql({ file, selected }: NonNullable<ShardSource['months']>, { before, rows }: Shard): string {
  return `SELECT ${selected.join(', ')} FROM read_parquet(${literal(file)}, file_row_number = true)
    WHERE file_row_number BETWEEN ${before} AND ${before + rows - 1}`
}

function childSql(child: ChildFile | undefined, { from, to }: Shard): string {
  if (child === undefined) return ''
  return `SELECT place, ${child.columns.map(({ name }) => identifier(name)).join(', ')}
    FROM read_parquet(${literal(child.file)}) WHERE place BETWEEN ${from} AND ${to}`
}

/** A ledger's rows, by account. */
interface Child {
  readonly cursor: Cursor
  readonly columns: readonly ColumnSchema[]
}

async function openChild(open: () => Promise<Cursor>, child: ChildFile | undefined): Promise<Child | undefined> {
  return child === undefined ? undefined : { cursor: await open(), columns: child.columns }
}

async function readChildren<Row>(child: Child | undefined, place: number): Promise<Row[]> {
  const rows: Row[] = []
  if (child === undefined) return rows
  const { cursor, columns } = child
  const owner = cursor.place('place')
  while (!cursor.done && cursor.value(owner) === place) {
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
  const row: Record<string, unknown> = {}
  for (const { name } of columns) {
    const value = cursor.value(cursor.place(name))
    if (value !== null) row[name] = value
  }
  return row as Row
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

/** Fills blocks with account-months: first the accounts are named, then their rows are copied all at once. */
class MonthFiller {
  #reserved: Reserved[] = []
  readonly #months: ColumnStream
  /** Columns of the stream, after the month. */
  readonly #names: readonly NumberColumnName[]
  readonly #economy: Economy
  /** Next row of the stream's present chunk. */
  #next = 0
  #places = new Int32Array(0)

  constructor(months: ColumnStream, names: readonly string[], economy: Economy) {
    this.#months = months
    this.#names = names.map(name => numberColumnNames.find(known => known === name) ?? 'state')
    this.#economy = economy
  }

  /** Begins an account and reserves its rows; one without any is left out. */
  reserve(builder: HistoryBuilder, borrower: Borrower, account: Account, accounts: Cursor): void {
    const count = Number(accounts.value(accounts.place('rows')))
    if (count === 0) return
    const firstMonth = Number(accounts.value(accounts.place('first')))
    builder.account(account.accountId, factsOf(borrower, account))
    const start = builder.reserve(firstMonth, Number(accounts.value(accounts.place('last'))))
    this.#reserved.push({ account, start, end: builder.rows, firstMonth, count })
  }

  /** Copies the rows of the accounts reserved. */
  async fill(builder: HistoryBuilder): Promise<void> {
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
      this.#copy(builder, from, this.#next)
    }
    for (const { account, start, end } of this.#reserved) fillLimit(builder, account, start, end)
    this.#reserved = []
  }

  #copy(builder: HistoryBuilder, from: number, to: number): void {
    const { month, observed, numbers } = builder.columns
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
