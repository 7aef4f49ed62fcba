/** The economy as it was known: figures count from the day on which they were published, not from their month. */

import { type Day, type Month, monthEnd, toDay, toMonth } from './calendar.ts'
import type { EconomyMonth } from './contracts.ts'

/** The economy as known at any month's end. */
export interface Economy {
  /** Latest figures published by a month's end, in percent; NaN if there are none. */
  asOf(month: Month): { readonly unemployment: number; readonly interestRate: number }
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
  // by month: an array is looked up several times faster than a map, and every account-month is
  const known: { unemployment: number; interestRate: number }[] = []

  return {
    asOf: month => {
      const before = known[month]
      if (before !== undefined) return before
      const asOf = monthEnd(month)
      const latest = { unemployment: Number.NaN, interestRate: Number.NaN }
      for (const row of published) {
        if (row.publishedOn > asOf) continue
        if (row.unemployment !== null) latest.unemployment = row.unemployment
        if (row.interestRate !== null) latest.interestRate = row.interestRate
      }
      known[month] = latest
      return latest
    },
  }
}
