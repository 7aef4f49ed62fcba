/** Cures: of the accounts past due at a month's end, how many owe nothing overdue a month later, and how. */

import { type Day, type HistoryBlock, type Month, monthEnd } from '../../data/index.ts'
import { buckets, statusOf } from './month-status.ts'

/** Cures out of one bucket. Amounts are balances at the first of the two months; null where not known. */
export interface CureRate {
  readonly bucket: string
  /** Account-months in the bucket whose next month is known, or that were the last before a write-off. */
  readonly accounts: number
  readonly cured: number
  /** Cured without the account having been restructured in the month. */
  readonly curedByPayment: number
  /** Cured by payment and without a contact since the overdue began; null if the data set has no contacts. */
  readonly selfCured: number | null
  readonly amount: number | null
  readonly amountCured: number | null
}

/** Adds up blocks of account-months. */
export class Cures {
  readonly #contacts: ReadonlyMap<string, readonly Day[]> | null
  readonly #rows = buckets.map(() => ({ accounts: 0, cured: 0, byPayment: 0, self: 0, amount: 0, amountCured: 0 }))
  #balances = false

  readonly #lastMonth: Month

  /** @param contacts - Days of contacts by account, in order; null if not known. */
  constructor(lastMonth: Month, contacts: ReadonlyMap<string, readonly Day[]> | null) {
    this.#lastMonth = lastMonth
    this.#contacts = contacts
  }

  /** Adds a block of whole borrowers. */
  add(history: HistoryBlock): void {
    const { balance, daysPastDue, restructured } = history.numbers
    for (let account = 0; account + 1 < history.accountStart.length; account += 1) {
      const end = history.accountStart[account + 1] as number
      for (let row = history.accountStart[account] as number; row < end; row += 1) {
        const status = statusOf(history, row)
        const tally = this.#rows[status]
        const stays = row + 1 < end
        const known = stays ? statusOf(history, row + 1) !== -1 : (history.month[row] as number) < this.#lastMonth
        if (status < 1 || !known || tally === undefined) continue
        const owed = balance[row] as number
        if (!Number.isNaN(owed)) this.#balances = true
        tally.accounts += 1
        tally.amount += Number.isNaN(owed) ? 0 : owed
        if (!stays || daysPastDue[row + 1] !== 0) continue
        tally.cured += 1
        tally.amountCured += Number.isNaN(owed) ? 0 : owed
        if (restructured[row + 1] === 1 && restructured[row] !== 1) continue
        tally.byPayment += 1
        const on = monthEnd(history.month[row] as number)
        const [from, to] = [on - (daysPastDue[row] as number), monthEnd(history.month[row + 1] as number)]
        if (!this.#contacted(history.accountIds[account] ?? '', from, to)) tally.self += 1
      }
    }
  }

  #contacted(accountId: string, from: Day, to: Day): boolean {
    return (this.#contacts?.get(accountId) ?? []).some(day => day > from && day <= to)
  }

  /** The table of all that was added; M0 has nothing to cure. */
  result(): CureRate[] {
    return this.#rows.slice(1).map((tally, place) => ({
      bucket: buckets[place + 1] ?? '',
      accounts: tally.accounts,
      cured: tally.cured,
      curedByPayment: tally.byPayment,
      selfCured: this.#contacts === null ? null : tally.self,
      amount: this.#balances ? Math.round(100 * tally.amount) / 100 : null,
      amountCured: this.#balances ? Math.round(100 * tally.amountCured) / 100 : null,
    }))
  }
}
