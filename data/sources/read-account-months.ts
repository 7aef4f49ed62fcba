/** Reads account-months laid out on disk, column by column; neither an account nor a month becomes an object on the way. */

import {
  type Economy,
  type EconomyMonth,
  economyAsOf,
  type HistoryBuilder,
  type NumberColumnName,
  numberColumnNames,
} from '../index.ts'
import { ColumnStream } from './column-stream.ts'
import { type Database, literal } from './database.ts'
import type { FactColumn, Shard, ShardSource } from './shards.ts'

type MonthsSource = NonNullable<ShardSource['months']>

/** Columns of the stream of accounts, before the facts. */
const accountPlaces = { borrowerId: 0, accountId: 1, rows: 2, first: 3, last: 4, facts: 5 } as const

/** An account's rows in the block being filled. */
interface Reserved {
  /** Its rows: `start` to before `end`. */
  readonly start: number
  readonly end: number
  readonly firstMonth: number
  /** Rows of the stream. */
  readonly count: number
  /** NaN if it isn't known. */
  readonly creditLimit: number
}

/** Fills blocks with account-months: first the accounts are named, then their rows are copied all at once. */
export class AccountMonthReader {
  #reserved: Reserved[] = []
  readonly #accounts: ColumnStream
  readonly #months: ColumnStream
  /** Columns of the stream of months, after the month. */
  readonly #names: readonly NumberColumnName[]
  readonly #facts: readonly FactColumn[]
  readonly #economy: Economy
  #borrowerIds: (string | null)[] = []
  #accountIds: (string | null)[] = []
  /** Next account of the present chunk. */
  #account = 0
  /** Next row of the present chunk of months. */
  #next = 0
  #places = new Int32Array(0)

  private constructor(accounts: ColumnStream, months: ColumnStream, source: MonthsSource, economy: Economy) {
    this.#accounts = accounts
    this.#months = months
    this.#names = source.names.map(name => numberColumnNames.find(known => known === name) ?? 'state')
    this.#facts = source.facts
    this.#economy = economy
  }

  /** Starts reading a part, on two connections of its own; they are closed by `close`. */
  static async open(
    database: Database,
    accountsFile: string,
    source: MonthsSource,
    shard: Shard,
    economy: readonly EconomyMonth[],
  ): Promise<{ reader: AccountMonthReader; close: () => void }> {
    const connections = await Promise.all([database.connect(), database.connect()])
    const [first, second] = connections
    const close = (): void => {
      for (const connection of connections) connection.closeSync()
    }
    try {
      const accounts = await ColumnStream.open(first, accountsSql(accountsFile, source, shard))
      const months = await ColumnStream.open(second, monthsSql(source, shard))
      const reader = new AccountMonthReader(accounts, months, source, economyAsOf(economy))
      await reader.#nextAccounts()
      return { reader, close }
    } catch (error) {
      close()
      throw error
    }
  }

  /**
   * Fills an empty builder with whole borrowers, until it has `rows` rows or more or none are left.
   *
   * @returns False if none was left.
   */
  async fill(builder: HistoryBuilder, rows: number): Promise<boolean> {
    let borrowerId: string | null = null
    let begun = false
    while (this.#account < this.#accounts.rows) {
      const next = this.#borrowerIds[this.#account] ?? null
      if (!begun || next !== borrowerId) {
        if (builder.rows >= rows) break
        builder.borrower(next ?? '')
        borrowerId = next
        begun = true
      }
      this.#reserve(builder)
      this.#account += 1
      if (this.#account === this.#accounts.rows) await this.#nextAccounts()
    }
    await this.#fillMonths(builder)
    return begun
  }

  async #nextAccounts(): Promise<void> {
    await this.#accounts.next()
    this.#account = 0
    this.#borrowerIds = this.#accounts.texts(accountPlaces.borrowerId)
    this.#accountIds = this.#accounts.texts(accountPlaces.accountId)
  }

  /** Begins the present account and reserves its rows; one without any is left out. */
  #reserve(builder: HistoryBuilder): void {
    const [accounts, account] = [this.#accounts, this.#account]
    const count = accounts.at(accountPlaces.rows, account)
    if (count === 0) return
    const firstMonth = accounts.at(accountPlaces.first, account)
    builder.account(this.#accountIds[account] ?? '')
    const start = builder.reserve(firstMonth, accounts.at(accountPlaces.last, account))
    let creditLimit = Number.NaN
    const { numbers, dates, categories } = builder.facts
    const at = builder.accounts - 1
    for (let place = 0; place < this.#facts.length; place += 1) {
      const fact = this.#facts[place] as FactColumn
      const value = accounts.at(accountPlaces.facts + place, account)
      if (fact.kind === 'date') dates[fact.name][at] = value
      else if (fact.kind === 'category') categories[fact.name][at] = fact.texts[value] ?? null
      else if (fact.name === 'creditLimit') creditLimit = value
      else numbers[fact.name][at] = value
    }
    this.#reserved.push({ start, end: builder.rows, firstMonth, count, creditLimit })
  }

  /** Copies the rows of the accounts reserved. */
  async #fillMonths(builder: HistoryBuilder): Promise<void> {
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
    for (const { start, end, creditLimit } of this.#reserved) {
      if (!Number.isNaN(creditLimit)) builder.fillMissing('creditLimit', creditLimit, start, end)
    }
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

function accountsSql(file: string, { facts }: MonthsSource, { from, to }: Shard): string {
  const names = facts.map(({ name }) => `"${name}"`)
  return `SELECT "borrowerId", "accountId", rows::DOUBLE, first::DOUBLE, last::DOUBLE${names.map(name => `, ${name}`).join('')}
    FROM read_parquet(${literal(file)}) WHERE place BETWEEN ${from} AND ${to}`
}

function monthsSql({ file, selected }: MonthsSource, { before, rows }: Shard): string {
  return `SELECT ${selected.join(', ')} FROM read_parquet(${literal(file)}, file_row_number = true)
    WHERE file_row_number BETWEEN ${before} AND ${before + rows - 1}`
}
