/** Vintages: what share of the accounts opened in a month has ever been 30 days past due, by months on book. */

import { formatMonth, type LabelledHistory, type Month, monthOf } from '../../data/index.ts'

/** Accounts opened in one month, or in the months of one quarter. */
export interface Vintage {
  /** `2024-01`, or `2024 Q1`. */
  readonly cohort: string
  readonly accounts: number
  /** Share ever so many days past due by 0, 1, 2 … months on book; ends where the cohort hasn't got yet. */
  readonly everShare: readonly number[]
}

/** Vintages by month of opening, and put together by quarter. */
export interface VintageTables {
  readonly daysPastDue: number
  readonly months: readonly Vintage[]
  /** Only of quarters whose months are all there; each cell is of accounts that have all got there. */
  readonly quarters: readonly Vintage[]
  /** Accounts whose opening isn't known: their first month in the data is taken for it. */
  readonly openingUnknown: number
}

interface Cohort {
  accounts: number
  /** Accounts that reached it for the first time so many months after opening. */
  readonly first: number[]
}

/** Adds up blocks of account-months. */
export class Vintages {
  readonly #lastMonth: Month
  readonly #daysPastDue: number
  readonly #cohorts = new Map<Month, Cohort>()
  #openingUnknown = 0

  /** @param daysPastDue - What “ever” is asked about. */
  constructor(lastMonth: Month, daysPastDue = 30) {
    this.#lastMonth = lastMonth
    this.#daysPastDue = daysPastDue
  }

  /** Adds a block of whole borrowers. Days past due are those known in the end, on the worst day of each month. */
  add({ history, outcome }: LabelledHistory): void {
    for (let account = 0; account + 1 < history.accountStart.length; account += 1) {
      const start = history.accountStart[account] as number
      const end = history.accountStart[account + 1] as number
      const openedOn = history.dateFacts.openedOn[account] as number
      if (Number.isNaN(openedOn)) this.#openingUnknown += 1
      const opened = Number.isNaN(openedOn) ? (history.month[start] as number) : monthOf(openedOn)
      let cohort = this.#cohorts.get(opened)
      if (cohort === undefined) {
        cohort = { accounts: 0, first: [] }
        this.#cohorts.set(opened, cohort)
      }
      cohort.accounts += 1
      for (let row = start; row < end; row += 1) {
        if ((outcome.worstDaysPastDue[row] as number) >= this.#daysPastDue) {
          const onBook = Math.max(0, (history.month[row] as number) - opened)
          cohort.first[onBook] = (cohort.first[onBook] ?? 0) + 1
          break
        }
      }
    }
  }

  /** The tables of all that was added. */
  result(): VintageTables {
    const months = [...this.#cohorts.keys()].sort((a, b) => a - b)
    const quarters = [...new Set(months.map(month => Math.floor(month / 3)))]
    return {
      daysPastDue: this.#daysPastDue,
      months: months.map(month => this.#vintage(formatMonth(month), [month])),
      quarters: quarters
        .map(quarter => ({ quarter, of: [0, 1, 2].map(place => 3 * quarter + place) }))
        .filter(({ of }) => of.every(month => this.#cohorts.has(month)))
        .map(({ quarter, of }) => this.#vintage(quarterName(quarter), of)),
      openingUnknown: this.#openingUnknown,
    }
  }

  /** Cohorts put together: as far as the youngest has got. */
  #vintage(name: string, months: readonly Month[]): Vintage {
    const cohorts = months.map(month => this.#cohorts.get(month) ?? { accounts: 0, first: [] })
    const accounts = cohorts.reduce((sum, cohort) => sum + cohort.accounts, 0)
    const cells = Math.max(0, this.#lastMonth - Math.max(...months) + 1)
    let ever = 0
    return {
      cohort: name,
      accounts,
      everShare: Array.from({ length: cells }, (_, onBook) => {
        ever += cohorts.reduce((sum, { first }) => sum + (first[onBook] ?? 0), 0)
        return ever / accounts
      }),
    }
  }
}

function quarterName(quarter: number): string {
  return `${1970 + Math.floor(quarter / 4)} Q${(((quarter % 4) + 4) % 4) + 1}`
}
