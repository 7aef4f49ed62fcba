/** Roll rates: how accounts move from bucket to bucket, by count and amount. */

import { formatMonth, type HistoryBlock, type Month } from '../../data/index.ts'
import { buckets, left, statuses, statusOf, writtenOff } from './month-status.ts'

/** From status (a row per bucket, then paid off) to status a month later (a column per status). */
export interface TransitionMatrix {
  readonly from: readonly string[]
  readonly to: readonly string[]
  /** Account-months of each pair; shape `[from][to]`. */
  readonly counts: readonly (readonly number[])[]
  /** Balance at the first of the two months; null if the data set has no balances. */
  readonly amounts: readonly (readonly number[])[] | null
}

/** Roll rate of one bucket into the next; null where nothing was in the bucket. */
export interface RollRate {
  readonly from: string
  readonly to: string
  /** Σ in the next bucket, or written off, ÷ Σ in this one the month before. */
  readonly count: number | null
  readonly amount: number | null
  /** Product of the roll rates from here to the last bucket that anything is in: the share that ends as loss. */
  readonly flowToLossCount: number | null
  readonly flowToLossAmount: number | null
}

/** Accounts and balances in each bucket at a month's end; shapes `[bucket]`. */
export interface MonthStock {
  readonly month: string
  readonly counts: readonly number[]
  readonly amounts: readonly number[] | null
}

/** What roll rates add up to. */
export interface RollRateTables {
  readonly matrix: TransitionMatrix
  readonly rolls: readonly RollRate[]
  readonly months: readonly MonthStock[]
}

const last = buckets.length - 1

/** Adds up blocks of account-months. */
export class RollRates {
  readonly #lastMonth: Month
  readonly #counts = grid()
  readonly #amounts = grid()
  readonly #stock = new Map<Month, { counts: number[]; amounts: number[] }>()
  #balances = false

  constructor(lastMonth: Month) {
    this.#lastMonth = lastMonth
  }

  /** Adds a block of whole borrowers. */
  add(history: HistoryBlock): void {
    const { balance } = history.numbers
    for (let account = 0; account + 1 < history.accountStart.length; account += 1) {
      const end = history.accountStart[account + 1] as number
      let before = -1
      let owedBefore = 0
      for (let row = history.accountStart[account] as number; row < end; row += 1) {
        const month = history.month[row] as number
        const status = statusOf(history, row)
        const owed = balance[row] as number
        if (!Number.isNaN(owed)) this.#balances = true
        if (before !== -1 && status !== -1) this.#move(before, status, owedBefore)
        if (status >= 0 && status <= last) this.#count(month, status, Number.isNaN(owed) ? 0 : owed)
        if (row === end - 1 && month < this.#lastMonth && status !== -1) {
          this.#move(status, status >= 1 && status <= last ? writtenOff : left, Number.isNaN(owed) ? 0 : owed)
        }
        before = status
        owedBefore = Number.isNaN(owed) ? 0 : owed
      }
    }
  }

  #move(from: number, to: number, amount: number): void {
    const [counts, amounts] = [this.#counts[from] as number[], this.#amounts[from] as number[]]
    counts[to] = (counts[to] as number) + 1
    amounts[to] = (amounts[to] as number) + amount
  }

  #count(month: Month, bucket: number, amount: number): void {
    let stock = this.#stock.get(month)
    if (stock === undefined) {
      stock = { counts: buckets.map(() => 0), amounts: buckets.map(() => 0) }
      this.#stock.set(month, stock)
    }
    stock.counts[bucket] = (stock.counts[bucket] as number) + 1
    stock.amounts[bucket] = (stock.amounts[bucket] as number) + amount
  }

  /** The tables of all that was added. */
  result(): RollRateTables {
    const months = [...this.#stock.keys()].sort((a, b) => a - b)
    return {
      matrix: {
        from: statuses.slice(0, writtenOff),
        to: statuses,
        counts: this.#counts,
        amounts: this.#balances ? this.#amounts.map(row => row.map(toCents)) : null,
      },
      rolls: this.#rolls(months),
      months: months.map(month => {
        const { counts, amounts } = this.#stock.get(month) ?? { counts: [], amounts: [] }
        return { month: formatMonth(month), counts, amounts: this.#balances ? amounts.map(toCents) : null }
      }),
    }
  }

  /**
   * Roll rate i → i + 1: what is in bucket i + 1 at months t, or was written off out of bucket i by then, ÷ what is in
   * bucket i at months t − 1. Into the last bucket that anything is in, which accounts stay in, only those count that
   * come from the one before.
   */
  #rolls(months: readonly Month[]): RollRate[] {
    const worst = Math.max(
      1,
      ...[...this.#stock.values()].map(({ counts }) => counts.findLastIndex(count => count > 0)),
    )
    const rate = (bucket: number, of: 'counts' | 'amounts'): number | null => {
      let [before, after] = [0, 0]
      for (const month of months) {
        const now = this.#stock.get(month + 1)
        if (now === undefined) continue
        before += this.#stock.get(month)?.[of][bucket] ?? 0
        after += now[of][bucket + 1] ?? 0
      }
      const moved = (of === 'counts' ? this.#counts : this.#amounts)[bucket]
      if (bucket + 1 === worst) after = moved?.[worst] ?? 0
      after += moved?.[writtenOff] ?? 0
      return before === 0 || (of === 'amounts' && !this.#balances) ? null : after / before
    }
    const rates = Array.from({ length: worst }, (_, bucket) => ({
      count: rate(bucket, 'counts'),
      amount: rate(bucket, 'amounts'),
    }))
    const product = (from: number, of: 'count' | 'amount'): number | null =>
      rates
        .slice(from)
        .reduce<number | null>((all, one) => (all === null || one[of] === null ? null : all * one[of]), 1)
    return rates.map(({ count, amount }, bucket) => ({
      from: buckets[bucket] ?? '',
      to: buckets[bucket + 1] ?? '',
      count,
      amount,
      flowToLossCount: product(bucket, 'count'),
      flowToLossAmount: product(bucket, 'amount'),
    }))
  }
}

function grid(): number[][] {
  return Array.from({ length: writtenOff }, () => statuses.map(() => 0))
}

/** Sums of amounts are given to the cent. */
function toCents(amount: number): number {
  return Math.round(100 * amount) / 100
}
