/** Account-months of many borrowers in columns: what the one evaluator reads, wherever the rows came from. */

import type { Month } from './calendar.ts'
import { type Categories, CategoryFiller } from './categories.ts'
import {
  type CategoryFactName,
  categoryFactNames,
  type DateFactName,
  dateFactNames,
  type NumberColumnName,
  type NumberFactName,
  numberColumnNames,
  numberFactNames,
} from './columns.ts'
import { InputError } from './errors.ts'

/**
 * Account-months of whole borrowers, sorted by borrower, account and month.
 *
 * Rows of an account have no gaps: a month without data is a row of missing values with `observed` 0, so that a window
 * of n months is always n rows. Shapes are given as `[borrower]`, `[account]` and `[row]`.
 */
export interface HistoryBlock {
  /** Shape `[borrower]`. */
  readonly borrowerIds: readonly string[]
  /** First account of each borrower, and the count of accounts at the end; shape `[borrower + 1]`. */
  readonly borrowerStart: Int32Array
  /** Shape `[account]`. */
  readonly accountIds: readonly string[]
  /** First row of each account, and the count of rows at the end; shape `[account + 1]`. */
  readonly accountStart: Int32Array
  /** Month of each row; shape `[row]`. */
  readonly month: Int32Array
  /** 1 where the month was seen, 0 where the row fills a gap; shape `[row]`. */
  readonly observed: Uint8Array
  /** NaN = missing; each of shape `[row]`. */
  readonly numbers: Readonly<Record<NumberColumnName, Float64Array>>
  /** NaN = missing; each of shape `[account]`. */
  readonly numberFacts: Readonly<Record<NumberFactName, Float64Array>>
  /** Day numbers, NaN = missing; each of shape `[account]`. */
  readonly dateFacts: Readonly<Record<DateFactName, Float64Array>>
  /** Each of shape `[account]`. */
  readonly categoryFacts: Readonly<Record<CategoryFactName, Categories>>
}

/**
 * What became known of each account-month in the end. Kept apart from {@link HistoryBlock} so that no feature can
 * read it: only labels may.
 */
export interface OutcomeBlock {
  /** Most days past due on any day of the month by all that is known at the data cut; NaN = not seen; `[row]`. */
  readonly worstDaysPastDue: Float64Array
  /** The same without technical overdue: what a debit that failed in an outage left unpaid for a few days; `[row]`. */
  readonly worstOwnDaysPastDue: Float64Array
  /** Amount of what was overdue on any day of the month by all that is known at the data cut; NaN = unknown; `[row]`. */
  readonly arrears: Float64Array
}

/** A block of histories with what became of them. */
export interface LabelledHistory {
  readonly history: HistoryBlock
  readonly outcome: OutcomeBlock
}

/** Facts of one account; what is left out is missing. */
export type AccountFacts = Partial<Record<NumberFactName | DateFactName, number | null | undefined>> &
  Partial<Record<CategoryFactName, string | null | undefined>>

/** Facts of some accounts in columns, each of shape `[account]`, perhaps longer; NaN = missing. */
export interface FactColumns {
  readonly numbers: Readonly<Record<NumberFactName, Float64Array>>
  /** Day numbers. */
  readonly dates: Readonly<Record<DateFactName, Float64Array>>
  readonly categories: Readonly<Record<CategoryFactName, CategoryFiller>>
}

/** Numbers of one account-month; what is left out is missing. */
export type MonthNumbers = Partial<Record<NumberColumnName, number | null | undefined>>

/**
 * Collects account-months in sorted order into a {@link LabelledHistory}.
 *
 * Call `borrower`, then for each account `account` and its months in ascending order; gaps are filled. Throws
 * InputError if an account's months do not ascend.
 */
export class HistoryBuilder {
  #borrowerIds: string[] = []
  #borrowerStart: number[] = []
  #accountIds: string[] = []
  #accountStart: number[] = []
  #facts: FactColumns
  #factCapacity: number
  #rows = 0
  #capacity: number
  #month: Int32Array
  #observed: Uint8Array
  #numbers: Record<NumberColumnName, Float64Array>
  #worst: Float64Array
  #worstOwn: Float64Array
  #arrears: Float64Array

  constructor(capacity = 1024) {
    this.#capacity = capacity
    this.#factCapacity = Math.max(1, Math.ceil(capacity / 8))
    this.#facts = noFacts(this.#factCapacity)
    this.#month = new Int32Array(capacity)
    this.#observed = new Uint8Array(capacity)
    this.#numbers = columns(numberColumnNames, () => missing(capacity))
    this.#worst = missing(capacity)
    this.#worstOwn = missing(capacity)
    this.#arrears = missing(capacity)
  }

  /** Rows so far, gap rows included. */
  get rows(): number {
    return this.#rows
  }

  /** Accounts so far. */
  get accounts(): number {
    return this.#accountIds.length
  }

  /** Begins a borrower. */
  borrower(borrowerId: string): void {
    this.#borrowerIds.push(borrowerId)
    this.#borrowerStart.push(this.#accountIds.length)
  }

  /** Begins an account of the borrower begun last. */
  account(accountId: string, facts?: AccountFacts): void {
    this.#accountIds.push(accountId)
    this.#accountStart.push(this.#rows)
    const at = this.#accountIds.length - 1
    if (at === this.#factCapacity) this.#growFacts()
    if (facts === undefined) return
    for (const name of numberFactNames) this.#facts.numbers[name][at] = facts[name] ?? Number.NaN
    for (const name of dateFactNames) this.#facts.dates[name][at] = facts[name] ?? Number.NaN
    for (const name of categoryFactNames) this.#facts.categories[name].set(at, facts[name] ?? null)
  }

  /** The facts of the accounts begun so far, to be changed in place; valid until an account is begun. */
  get facts(): FactColumns {
    return this.#facts
  }

  /**
   * Adds a month to the account begun last, filling a gap before it.
   *
   * @param worstDaysPastDue - For the outcome; defaults to the month's own worst or month-end days past due.
   * @param arrears - For the outcome; defaults to the month's own arrears.
   * @param worstOwnDaysPastDue - For the outcome, without technical overdue; defaults to the worst days past due.
   */
  add(
    month: Month,
    numbers: MonthNumbers,
    worstDaysPastDue?: number | null,
    arrears?: number | null,
    worstOwnDaysPastDue?: number | null,
  ): void {
    const first = this.#accountStart.at(-1)
    if (first === undefined) throw new Error('add() before account()')
    if (this.#rows > first) {
      const previous = this.#month[this.#rows - 1] as number
      if (month <= previous) {
        throw new InputError({
          source: `account ${this.#accountIds.at(-1)}`,
          field: 'month',
          expected: 'each month once',
          rule: 'duplicate-month',
        })
      }
      for (let gap = previous + 1; gap < month; gap += 1) this.#push(gap, 0, {}, undefined, undefined)
    }
    this.#push(month, 1, numbers, worstDaysPastDue, arrears)
    this.#worstOwn[this.#rows - 1] = worstOwnDaysPastDue ?? Number.NaN
  }

  /** The block built so far. The builder is spent. */
  build(): LabelledHistory {
    const rows = this.#rows
    const accounts = this.#accountIds.length
    const history: HistoryBlock = {
      borrowerIds: this.#borrowerIds,
      borrowerStart: Int32Array.from([...this.#borrowerStart, accounts]),
      accountIds: this.#accountIds,
      accountStart: Int32Array.from([...this.#accountStart, rows]),
      month: this.#month.subarray(0, rows),
      observed: this.#observed.subarray(0, rows),
      numbers: columns(numberColumnNames, name => this.#numbers[name].subarray(0, rows)),
      numberFacts: columns(numberFactNames, name => this.#facts.numbers[name].subarray(0, accounts)),
      dateFacts: columns(dateFactNames, name => this.#facts.dates[name].subarray(0, accounts)),
      categoryFacts: columns(categoryFactNames, name => this.#facts.categories[name].built(accounts)),
    }
    const settle = (): OutcomeBlock => this.#settleOutcomes(rows)
    let outcome: OutcomeBlock | undefined
    return {
      history,
      // settled when asked for: who makes features alone never asks
      get outcome() {
        outcome ??= settle()
        return outcome
      },
    }
  }

  /** What no later knowledge was given for became known as the month itself says. */
  #settleOutcomes(rows: number): OutcomeBlock {
    const { worstDaysPastDue, daysPastDue, arrears } = this.#numbers
    for (let row = 0; row < rows; row += 1) {
      if (Number.isNaN(this.#worst[row])) {
        const worst = worstDaysPastDue[row] as number
        this.#worst[row] = Number.isNaN(worst) ? (daysPastDue[row] as number) : worst
      }
      if (Number.isNaN(this.#worstOwn[row])) this.#worstOwn[row] = this.#worst[row] as number
      if (Number.isNaN(this.#arrears[row])) this.#arrears[row] = arrears[row] as number
    }
    return {
      worstDaysPastDue: this.#worst.subarray(0, rows),
      worstOwnDaysPastDue: this.#worstOwn.subarray(0, rows),
      arrears: this.#arrears.subarray(0, rows),
    }
  }

  /**
   * Gives the account begun last its months `first` to `last`, none of them observed yet and all numbers missing, for
   * the columns to be filled in place.
   *
   * @returns Its first row.
   */
  reserve(first: Month, last: Month): number {
    const start = this.#rows
    while (start + last - first + 1 > this.#capacity) this.#grow()
    this.#rows = start + last - first + 1
    for (let month = first; month <= last; month += 1) this.#month[start + month - first] = month
    return start
  }

  /** Says what became of a row's month in the end. */
  setOutcome(row: number, worstDaysPastDue: number, arrears: number, worstOwnDaysPastDue: number): void {
    this.#worst[row] = worstDaysPastDue
    this.#worstOwn[row] = worstOwnDaysPastDue
    this.#arrears[row] = arrears
  }

  /** The columns being filled; valid until rows are added. */
  get columns(): Pick<HistoryBlock, 'month' | 'observed' | 'numbers'> {
    return { month: this.#month, observed: this.#observed, numbers: this.#numbers }
  }

  /** Puts a value where a column has none in observed rows `start` to before `end`. */
  fillMissing(name: NumberColumnName, value: number, start: number, end: number): void {
    const column = this.#numbers[name]
    for (let row = start; row < end; row += 1) {
      if (this.#observed[row] === 1 && Number.isNaN(column[row])) column[row] = value
    }
  }

  /**
   * Begins anew in the same columns: what was built before is no longer valid.
   *
   * @param overwritten - Columns that will be filled in every row, and so needn't be cleared.
   */
  renew(overwritten: ReadonlySet<NumberColumnName> = new Set()): this {
    for (const name of numberColumnNames) {
      if (!overwritten.has(name)) this.#numbers[name].fill(Number.NaN, 0, this.#rows)
    }
    this.#worst.fill(Number.NaN, 0, this.#rows)
    this.#worstOwn.fill(Number.NaN, 0, this.#rows)
    this.#arrears.fill(Number.NaN, 0, this.#rows)
    this.#observed.fill(0, 0, this.#rows)
    const accounts = this.#accountIds.length
    for (const name of numberFactNames) this.#facts.numbers[name].fill(Number.NaN, 0, accounts)
    for (const name of dateFactNames) this.#facts.dates[name].fill(Number.NaN, 0, accounts)
    for (const name of categoryFactNames) this.#facts.categories[name].clear(accounts)
    this.#borrowerIds = []
    this.#borrowerStart = []
    this.#accountIds = []
    this.#accountStart = []
    this.#rows = 0
    return this
  }

  #push(
    month: Month,
    observed: 0 | 1,
    numbers: MonthNumbers,
    worstDaysPastDue: number | null | undefined,
    arrears: number | null | undefined,
  ): void {
    if (this.#rows === this.#capacity) this.#grow()
    const row = this.#rows
    this.#month[row] = month
    this.#observed[row] = observed
    for (const name of numberColumnNames) this.#numbers[name][row] = numbers[name] ?? Number.NaN
    this.#worst[row] = worstDaysPastDue ?? Number.NaN
    this.#arrears[row] = arrears ?? Number.NaN
    this.#rows += 1
  }

  #growFacts(): void {
    const [from, capacity] = [this.#facts, 2 * this.#factCapacity]
    this.#factCapacity = capacity
    for (const name of categoryFactNames) from.categories[name].grow(capacity)
    this.#facts = {
      numbers: columns(numberFactNames, name => wider(from.numbers[name], capacity)),
      dates: columns(dateFactNames, name => wider(from.dates[name], capacity)),
      categories: from.categories,
    }
  }

  #grow(): void {
    this.#capacity *= 2
    const month = new Int32Array(this.#capacity)
    month.set(this.#month)
    this.#month = month
    const observed = new Uint8Array(this.#capacity)
    observed.set(this.#observed)
    this.#observed = observed
    this.#numbers = columns(numberColumnNames, name => wider(this.#numbers[name], this.#capacity))
    this.#worst = wider(this.#worst, this.#capacity)
    this.#worstOwn = wider(this.#worstOwn, this.#capacity)
    this.#arrears = wider(this.#arrears, this.#capacity)
  }
}

function noFacts(accounts: number): FactColumns {
  return {
    numbers: columns(numberFactNames, () => missing(accounts)),
    dates: columns(dateFactNames, () => missing(accounts)),
    categories: columns(categoryFactNames, () => new CategoryFiller(accounts)),
  }
}

/** A longer copy of a column, in which nothing is known beyond its end. */
function wider(from: Float64Array, rows: number): Float64Array {
  const to = missing(rows)
  to.set(from)
  return to
}

/** A column in which nothing is known yet. */
function missing(rows: number): Float64Array {
  return new Float64Array(rows).fill(Number.NaN)
}

function columns<Name extends string, Column>(
  names: readonly Name[],
  make: (name: Name) => Column,
): Record<Name, Column> {
  return Object.fromEntries(names.map(name => [name, make(name)])) as Record<Name, Column>
}
