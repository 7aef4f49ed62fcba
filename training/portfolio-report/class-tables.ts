/** Legal classes of a portfolio on its last month's end, by every rule pack in force. */

import { formatDay, type HistoryBlock, type Month, monthEnd } from '../../data/index.ts'
import {
  type ClockReading,
  classReasons,
  monthTimeline,
  type ProductKind,
  packsInForce,
  type RulePack,
  readClock,
} from '../../models/index.ts'
import { paidOff, statusOf } from './month-status.ts'

/** Accounts of one kind of product by one pack's classes. */
export interface ClassTable {
  readonly pack: string
  readonly title: { readonly en: string; readonly zh: string }
  readonly jurisdiction: string
  readonly version: number
  readonly source: string
  readonly product: ProductKind
  readonly classes: readonly {
    readonly class: string
    readonly nonPerforming: boolean
    readonly accounts: number
    readonly balance: number | null
    /** Accounts that days past due alone would put into a better class. */
    readonly onProbation: number
  }[]
}

interface Tally {
  readonly accounts: number[]
  readonly balances: number[]
  readonly probation: number[]
}

/** Adds up blocks of account-months. */
export class ClassTables {
  readonly #month: Month
  readonly #packs: Readonly<Record<ProductKind, readonly RulePack[]>>
  readonly #currency: string
  readonly #productOf: (history: HistoryBlock, account: number) => ProductKind
  readonly #tallies = new Map<string, Tally>()
  #balances = false

  /**
   * @param month - On whose end accounts are classified.
   * @param currency - Of the amounts.
   * @param productOf - Is an account a loan or a line?
   */
  constructor(
    month: Month,
    packs: readonly RulePack[],
    currency: string,
    productOf: (history: HistoryBlock, account: number) => ProductKind,
  ) {
    const inForce = (product: ProductKind): RulePack[] => packsInForce(packs, product, formatDay(monthEnd(month)))
    this.#month = month
    this.#packs = { loan: inForce('loan'), line: inForce('line') }
    this.#currency = currency
    this.#productOf = productOf
  }

  /** Adds a block of whole borrowers. */
  add(history: HistoryBlock): void {
    for (let account = 0; account + 1 < history.accountStart.length; account += 1) {
      const row = (history.accountStart[account + 1] as number) - 1
      if (history.month[row] !== this.#month) continue
      const status = statusOf(history, row)
      if (status === -1 || status === paidOff) continue
      const balance = history.numbers.balance[row] as number
      if (!Number.isNaN(balance)) this.#balances = true
      const product = this.#productOf(history, account)
      const timeline = monthTimeline(history, account)
      for (const pack of this.#packs[product]) {
        const reading = readClock(pack, timeline, this.#currency)
        const tally = this.#tally(product, pack)
        const rank = reading.rank.at(-1) ?? 0
        tally.accounts[rank] = (tally.accounts[rank] as number) + 1
        if (!Number.isNaN(balance)) tally.balances[rank] = (tally.balances[rank] as number) + balance
        if (keptBack(reading)) tally.probation[rank] = (tally.probation[rank] as number) + 1
      }
    }
  }

  #tally(product: ProductKind, pack: RulePack): Tally {
    const key = `${product} ${pack.id}`
    const known = this.#tallies.get(key)
    if (known !== undefined) return known
    const zeros = (): number[] => pack.classes.map(() => 0)
    const tally = { accounts: zeros(), balances: zeros(), probation: zeros() }
    this.#tallies.set(key, tally)
    return tally
  }

  /** The tables of all that was added; products without accounts have none. */
  result(): ClassTable[] {
    return (['loan', 'line'] as const).flatMap(product =>
      this.#packs[product].flatMap(pack => {
        const tally = this.#tallies.get(`${product} ${pack.id}`)
        if (tally === undefined) return []
        return [
          {
            pack: pack.id,
            title: pack.title,
            jurisdiction: pack.jurisdiction,
            version: pack.version,
            source: pack.source,
            product,
            classes: pack.classes.map(({ id, nonPerforming }, rank) => ({
              class: id,
              nonPerforming,
              accounts: tally.accounts[rank] as number,
              balance: this.#balances ? Math.round(100 * (tally.balances[rank] as number)) / 100 : null,
              onProbation: tally.probation[rank] as number,
            })),
          },
        ]
      }),
    )
  }
}

/** Would days past due alone say better on the last day? */
function keptBack({ reason }: ClockReading): boolean {
  return classReasons[reason.at(-1) ?? 0] !== 'days-past-due'
}
