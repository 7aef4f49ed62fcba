/** The economy as it was known: figures count from the day on which they were published, not from their month. */

import { type Day, type Month, monthEnd, toDay, toMonth } from './calendar.ts'
import type { EconomyMonth } from './contracts.ts'

/** Figures in percent; NaN if there are none. */
interface Figures {
  readonly unemployment: number
  readonly interestRate: number
}

/** The economy as known at any month's end. */
export interface Economy {
  /** Latest figures published by a month's end. */
  asOf(month: Month): Figures
}

/**
 * Orders figures by when they became known. A month's figures without `publishedOn` count from the end of the following
 * month, as most statistical offices publish.
 */
export function economyAsOf(rows: readonly EconomyMonth[]): Economy {
  const published = rows
    .map(row => {
      const month = toMonth(row.month, 'economy', 'month')
      const publishedOn: Day =
        row.publishedOn === null || row.publishedOn === undefined
          ? monthEnd(month + 1)
          : toDay(row.publishedOn, 'economy', 'publishedOn')
      return { month, publishedOn, unemployment: row.unemployment ?? null, interestRate: row.interestRate ?? null }
    })
    .sort((a, b) => a.month - b.month)
  const earliest = published[0]?.month ?? 0
  // By months after the earliest: an array is looked up several times faster than a map, and every account-month is.
  const known: Figures[] = []

  return {
    asOf: month => {
      const before = known[month - earliest]
      if (before !== undefined) return before
      const asOf = monthEnd(month)
      const figures = { unemployment: latest('unemployment', asOf), interestRate: latest('interestRate', asOf) }
      if (month >= earliest) known[month - earliest] = figures
      return figures
    },
  }

  function latest(name: keyof Figures, asOf: Day): number {
    for (let place = published.length - 1; place >= 0; place -= 1) {
      const row = published[place] as (typeof published)[number]
      if (row.publishedOn <= asOf && row[name] !== null) return row[name]
    }
    return Number.NaN
  }
}
