/** Reads account-months laid out on disk, column by column; neither an account nor a month becomes an object on the way. */

import type { DuckDBConnection } from '@duckdb/node-api'
import {
  type Economy,
  type EconomyMonth,
  economyAsOf,
  economyColumnNames,
  type HistoryBuilder,
  type NumberColumnName,
  numberColumnNames,
} from '../index.ts'
import { ColumnStream } from './column-stream.ts'
import { type Database, literal, readRows } from './database.ts'
import type { FactColumn, Shard, ShardSource } from './shards.ts'

type MonthsSource = NonNullable<ShardSource['months']>

/** Columns of the stream of accounts, before the facts. */
const accountPlaces = { rows: 0, first: 1, last: 2, opens: 3, facts: 4 } as const

/** Ids of a part's accounts and of their borrowers, in order. */
interface Ids {
  readonly borrowers: readonly string[]
  readonly accounts: readonly string[]
}

/** An account's rows in the block being filled. */
interface Reserved {
  /** Its rows: `start` to before `end`. */
  readonly start: number
  readonly end: number
  readonly firstMonth: number
  /** Rows of the stream. */
  readonly count: number
}

/** Fills blocks with account-months: first the accounts are named, then their rows are copied all at once. */
export class AccountMonthReader {
  #reserved: Reserved[] = []
  /** Credit limits of the accounts of the block being filled, NaN where not known; shape `[account]`, perhaps longer. */
  #creditLimits = new Float64Array(0)
  readonly #accounts: ColumnStream
  readonly #months: ColumnStream
  /** Columns of the stream of months; before them it has the month where there are gaps. */
  readonly #names: readonly NumberColumnName[]
  readonly #facts: readonly FactColumn[]
  readonly #economy: Economy
  readonly #gapless: boolean
  /** Columns that every block has filled in all rows. */
  readonly overwritten: ReadonlySet<NumberColumnName>
  readonly #ids: Ids
  /** Borrowers of the part that have been begun. */
  #borrowers = 0
  /** Accounts of the part before the present chunk. */
  #before = 0
  /** Next account of the present chunk. */
  #account = 0
  /** Next row of the present chunk of months. */
  #next = 0
  #places = new Int32Array(0)
  /** Categories as the stream has them, before they are the builder's. */
  #categories = new Float64Array(0)

  private constructor(
    { ids, accounts, months }: { ids: Ids; accounts: ColumnStream; months: ColumnStream },
    source: MonthsSource,
    economy: Economy,
    { gapless }: Shard,
  ) {
    this.#ids = ids
    this.#accounts = accounts
    this.#months = months
    this.#names = source.names.map(name => numberColumnNames.find(known => known === name) ?? 'state')
    this.#facts = source.facts
    this.#economy = economy
    this.#gapless = gapless
    this.overwritten = new Set(gapless ? [...this.#names, ...economyColumnNames] : [])
  }

  /** Starts reading a part, on two connections of its own; they are closed by `close`. */
  static async open(
    database: Database,
    accountsFile: string,
    source: MonthsSource,
    shard: Shard,
    economy: readonly EconomyMonth[],
  ): Promise<{ reader: AccountMonthReader; close: () => Promise<void> }> {
    const connections = await Promise.all([database.connect(), database.connect()])
    const [first, second] = connections
    const streams: ColumnStream[] = []
    const close = async (): Promise<void> => {
      for (const stream of streams) await stream.settle()
      for (const connection of connections) connection.closeSync()
    }
    try {
      const ids = await readIds(first, accountsFile, shard)
      const accounts = await ColumnStream.open(first, accountsSql(accountsFile, source, shard))
      const months = await ColumnStream.open(second, monthsSql(source, shard))
      streams.push(accounts, months)
      const reader = new AccountMonthReader({ ids, accounts, months }, source, economyAsOf(economy), shard)
      await reader.#nextAccounts()
      return { reader, close }
    } catch (error) {
      await close()
      throw error
    }
  }

  /**
   * Fills an empty builder with whole borrowers, until it has `rows` rows or more or none are left.
   *
   * @returns False if none was left.
   */
  async fill(builder: HistoryBuilder, rows: number): Promise<boolean> {
    const before = this.#borrowers
    while (this.#account < this.#accounts.rows) {
      this.#begin(builder, rows)
      if (this.#account < this.#accounts.rows) break
      await this.#nextAccounts()
    }
    await this.#fillMonths(builder)
    return this.#borrowers > before
  }

  async #nextAccounts(): Promise<void> {
    this.#before += this.#accounts.rows
    await this.#accounts.next()
    this.#account = 0
  }

  /** Begins accounts of the present chunk with whole borrowers' rows reserved; accounts without any are left out. */
  #begin(builder: HistoryBuilder, rows: number): void {
    const [accounts, ids] = [this.#accounts, this.#ids]
    let from = this.#account // the first whose facts aren't copied yet
    for (; this.#account < accounts.rows; this.#account += 1) {
      const account = this.#account
      if (accounts.at(accountPlaces.opens, account) === 1) {
        if (builder.rows >= rows) break
        builder.borrower(ids.borrowers[this.#borrowers] ?? '')
        this.#borrowers += 1
      }
      const count = accounts.at(accountPlaces.rows, account)
      if (count === 0) {
        this.#copyFacts(builder, from, account)
        from = account + 1
        continue
      }
      const firstMonth = accounts.at(accountPlaces.first, account)
      builder.account(ids.accounts[this.#before + account] ?? '')
      const start = builder.reserve(firstMonth, accounts.at(accountPlaces.last, account))
      this.#reserved.push({ start, end: builder.rows, firstMonth, count })
    }
    this.#copyFacts(builder, from, this.#account)
  }

  /** Copies the facts of accounts `from` to before `to` of the present chunk, which are those begun last. */
  #copyFacts(builder: HistoryBuilder, from: number, to: number): void {
    const { numbers, dates, categories } = builder.facts
    const at = builder.accounts - (to - from)
    this.#facts.forEach((fact, index) => {
      const place = accountPlaces.facts + index
      if (fact.kind === 'category') {
        if (this.#categories.length < to - from) this.#categories = new Float64Array(this.#accounts.rows)
        this.#accounts.copy(place, from, to, this.#categories, 0)
        categories[fact.name].setAll(at, this.#categories.subarray(0, to - from), fact.texts)
      } else if (fact.name === 'creditLimit') {
        if (this.#creditLimits.length < builder.accounts)
          this.#creditLimits = longer(this.#creditLimits, builder.accounts)
        this.#accounts.copy(place, from, to, this.#creditLimits, at)
      } else {
        const column = fact.kind === 'date' ? dates[fact.name] : numbers[fact.name]
        this.#accounts.copy(place, from, to, column, at)
      }
    })
  }

  /** Copies the rows of the accounts reserved. */
  async #fillMonths(builder: HistoryBuilder): Promise<void> {
    if (this.#gapless) await this.#copyAll(builder)
    else await this.#copyByMonth(builder)
    const { month, observed, numbers } = builder.columns
    const { unemployment, interestRate } = numbers
    for (let row = 0; row < builder.rows; row += 1) {
      if (observed[row] === 0) continue
      const economy = this.#economy.asOf(month[row] as number)
      unemployment[row] = economy.unemployment
      interestRate[row] = economy.interestRate
    }
    if (this.#facts.some(({ name }) => name === 'creditLimit')) {
      this.#reserved.forEach(({ start, end }, account) => {
        const limit = this.#creditLimits[account] as number
        if (!Number.isNaN(limit)) builder.fillMissing('creditLimit', limit, start, end)
      })
    }
    this.#reserved = []
  }

  /** Copies rows one after the other. */
  async #copyAll(builder: HistoryBuilder): Promise<void> {
    const { observed, numbers } = builder.columns
    for (let row = 0; row < builder.rows; ) {
      if (!(await this.#hasMonths())) throw new Error('the laid-out account-months have fewer rows than were counted')
      const [from, to] = [this.#next, Math.min(this.#months.rows, this.#next + builder.rows - row)]
      this.#names.forEach((name, index) => {
        this.#months.copy(index, from, to, numbers[name], row)
      })
      observed.fill(1, row, row + to - from)
      row += to - from
      this.#next = to
    }
  }

  /** Copies rows each to the place of its month, which is the first column of the stream. */
  async #copyByMonth(builder: HistoryBuilder): Promise<void> {
    const { observed, numbers } = builder.columns
    let done = 0 // rows of the present account
    for (let account = 0; account < this.#reserved.length; ) {
      if (!(await this.#hasMonths())) break
      if (this.#places.length < this.#months.rows) this.#places = new Int32Array(this.#months.rows)
      const places = this.#places
      // the chunk's rows of this block, each to its place
      const from = this.#next
      let straight = true
      while (account < this.#reserved.length && this.#next < this.#months.rows) {
        const { start, firstMonth, count } = this.#reserved[account] as Reserved
        const to = Math.min(this.#months.rows, this.#next + count - done)
        for (let row = this.#next; row < to; row += 1) {
          const place = start + this.#months.at(0, row) - firstMonth
          if (row > from && place !== (places[row - 1] as number) + 1) straight = false
          places[row] = place
          observed[place] = 1
        }
        done += to - this.#next
        this.#next = to
        if (done === count) {
          account += 1
          done = 0
        }
      }
      this.#names.forEach((name, index) => {
        if (straight) this.#months.copy(index + 1, from, this.#next, numbers[name], places[from] as number)
        else this.#months.scatter(index + 1, from, this.#next, numbers[name], places)
      })
    }
  }

  /** Moves to the next chunk of months if the present one is read; false if there is none. */
  async #hasMonths(): Promise<boolean> {
    if (this.#next < this.#months.rows) return true
    this.#next = 0
    return this.#months.next()
  }
}

/** A copy with room for `length` values, or twice as many as before. */
function longer(values: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const copy = new Float64Array(Math.max(length, 2 * values.length))
  copy.set(values)
  return copy
}

/** Reads the ids of a part as two long texts: to take texts out of DuckDB one by one costs about a microsecond each. */
async function readIds(connection: DuckDBConnection, file: string, { from, to }: Shard): Promise<Ids> {
  const [row] = await readRows(
    connection,
    `SELECT to_json(list("borrowerId" ORDER BY place) FILTER (opens))::VARCHAR AS borrowers,
       to_json(list("accountId" ORDER BY place))::VARCHAR AS accounts
     FROM read_parquet(${literal(file)}) WHERE place BETWEEN ${from} AND ${to}`,
  )
  const texts = (json: unknown): string[] => JSON.parse(String(json))
  return { borrowers: texts(row?.borrowers), accounts: texts(row?.accounts) }
}

function accountsSql(file: string, { facts }: MonthsSource, { from, to }: Shard): string {
  const names = facts.map(({ name }) => `"${name}"`)
  return `SELECT rows::DOUBLE, first::DOUBLE, last::DOUBLE, opens::INTEGER::DOUBLE${names.map(name => `, ${name}`).join('')}
    FROM read_parquet(${literal(file)}) WHERE place BETWEEN ${from} AND ${to}`
}

/** The month of a row is known without reading it where no account has a gap. */
function monthsSql({ file, selected }: MonthsSource, { before, rows, gapless }: Shard): string {
  return `SELECT ${(gapless ? selected.slice(1) : selected).join(', ')} FROM read_parquet(${literal(file)}, file_row_number = true)
    WHERE file_row_number BETWEEN ${before} AND ${before + rows - 1}`
}
