/** Concentration of a portfolio on its last month's end: by channel, age of the borrower and number of lenders. */

import { type HistoryBlock, type Month, monthEnd } from '../../data/index.ts'
import { paidOff, statusOf } from './month-status.ts'

/** Accounts with something owed in one group. */
export interface Group {
  readonly group: string
  readonly accounts: number
  readonly balance: number | null
  /** Accounts 1+ and 30+ days past due. */
  readonly overdue: number
  readonly overdue30: number
}

/** One way of grouping accounts, with its concentration. */
export interface ConcentrationTable {
  readonly by: string
  readonly groups: readonly Group[]
  /** Herfindahl–Hirschman index of the groups' shares of accounts: 1 = all in one group, 1/n = spread evenly over n. */
  readonly herfindahl: number
}

const ageBands = [
  [0, 'under 25'],
  [25, '25–29'],
  [30, '30–39'],
  [40, '40–49'],
  [50, '50–59'],
  [60, '60 and over'],
] as const

const daysOfYear = 365.25
const unknown = 'not known'

interface Tally {
  accounts: number
  balance: number
  overdue: number
  overdue30: number
}

/** Adds up blocks of account-months. */
export class Concentration {
  readonly #month: Month
  readonly #tables = new Map<string, Map<string, Tally>>([
    ['channel', new Map()],
    ['age', new Map()],
    ['lenders of the borrower', new Map()],
  ])
  #balances = false

  /** @param month - At whose end accounts are looked at. */
  constructor(month: Month) {
    this.#month = month
  }

  /** Adds a block of whole borrowers. */
  add(history: HistoryBlock): void {
    const on = monthEnd(this.#month)
    for (let borrower = 0; borrower + 1 < history.borrowerStart.length; borrower += 1) {
      const from = history.borrowerStart[borrower] as number
      const to = history.borrowerStart[borrower + 1] as number
      const owing: { account: number; row: number }[] = []
      for (let account = from; account < to; account += 1) {
        const row = (history.accountStart[account + 1] as number) - 1
        const status = history.month[row] === this.#month ? statusOf(history, row) : -1
        if (status !== -1 && status !== paidOff) owing.push({ account, row })
      }
      const { channel, fundingPartner } = history.categoryFacts
      const lenders = new Set(owing.flatMap(({ account }) => fundingPartner.at(account) ?? []))
      const lenderCount = owing.some(({ account }) => fundingPartner.at(account) === null)
        ? unknown
        : lenders.size >= 4
          ? '4 and more'
          : String(lenders.size)
      for (const { account, row } of owing) {
        this.#add('channel', channel.at(account) ?? unknown, history, row)
        this.#add('age', ageBand(on - (history.dateFacts.bornOn[account] as number)), history, row)
        this.#add('lenders of the borrower', lenderCount, history, row)
      }
    }
  }

  #add(by: string, group: string, { numbers }: HistoryBlock, row: number): void {
    const table = this.#tables.get(by)
    const tally = table?.get(group) ?? { accounts: 0, balance: 0, overdue: 0, overdue30: 0 }
    const balance = numbers.balance[row] as number
    const days = numbers.daysPastDue[row] as number
    if (!Number.isNaN(balance)) {
      tally.balance += balance
      this.#balances = true
    }
    tally.accounts += 1
    if (days >= 1) tally.overdue += 1
    if (days >= 30) tally.overdue30 += 1
    table?.set(group, tally)
  }

  /** The tables of all that was added, the largest group first. */
  result(): ConcentrationTable[] {
    return [...this.#tables].map(([by, table]) => {
      const all = [...table.values()].reduce((sum, { accounts }) => sum + accounts, 0)
      return {
        by,
        groups: [...table]
          .map(([group, { balance, ...counts }]) => ({
            group,
            ...counts,
            balance: this.#balances ? Math.round(100 * balance) / 100 : null,
          }))
          .sort((a, b) => b.accounts - a.accounts || (a.group < b.group ? -1 : 1)),
        herfindahl: all === 0 ? 0 : [...table.values()].reduce((sum, { accounts }) => sum + (accounts / all) ** 2, 0),
      }
    })
  }
}

function ageBand(days: number): string {
  if (Number.isNaN(days)) return unknown
  const years = days / daysOfYear
  return ageBands.findLast(([from]) => years >= from)?.[1] ?? unknown
}
