/** A timeline from account-months, for data without a ledger: one observation a month, at its end. */

import { type HistoryBlock, monthEnd } from '../../data/index.ts'
import type { OverdueTimeline, Restructuring } from './timeline.ts'

/**
 * The month-end timeline of one account of a block. Months that weren't seen, or whose days past due aren't known, are
 * left out. Each month stands for one instalment; lapses that began and ended within a month don't show.
 */
export function monthTimeline(history: HistoryBlock, account: number): OverdueTimeline {
  const { daysPastDue, arrears, balance, restructured } = history.numbers
  const rows: number[] = []
  const end = history.accountStart[account + 1] as number
  for (let row = history.accountStart[account] as number; row < end; row += 1) {
    if (history.observed[row] === 1 && !Number.isNaN(daysPastDue[row])) rows.push(row)
  }
  const day = Int32Array.from(rows, row => monthEnd(history.month[row] as number))
  const restructurings: Restructuring[] = []
  rows.forEach((row, place) => {
    const before = place === 0 ? 0 : restructured[rows[place - 1] as number]
    if (restructured[row] === 1 && before !== 1) restructurings.push({ on: day[place] as number, npvLoss: null })
  })
  const cents = (column: Float64Array): Float64Array =>
    Float64Array.from(rows, row => Math.round(100 * (column[row] as number)))
  const isOverdue = (row: number | undefined): boolean => row !== undefined && (daysPastDue[row] as number) > 0
  return {
    day,
    oldestDueOn: Float64Array.from(rows, (row, place) =>
      isOverdue(row) ? (day[place] as number) - (daysPastDue[row] as number) : Number.NaN,
    ),
    lapses: rows.flatMap((row, place) => (isOverdue(row) && !isOverdue(rows[place - 1]) ? [place] : [])),
    arrearsCents: cents(arrears),
    exposureCents: cents(balance),
    pausedDays: new Int32Array(rows.length),
    pausedSince: new Int32Array(rows.length),
    technical: new Uint8Array(rows.length),
    dueDays: [...day],
    restructurings,
  }
}
