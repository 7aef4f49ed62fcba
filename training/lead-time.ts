/** How early warnings come: from the first as-of month at or above a threshold to the event. */

import type { ScoredTest } from './evaluation.ts'

/** Lead time when the riskiest share of rows is warned. */
export interface LeadTimeAtShare {
  /** Share of test rows warned. */
  readonly share: number
  /** Least PD(H) among them. */
  readonly threshold: number
  /** Accounts of the test rows with an event. */
  readonly events: number
  /** Those of them warned at all before it. */
  readonly warned: number
  /** Median months from the first warning to the event, over those warned; null if none was. */
  readonly medianMonths: number | null
  /** Events by months of lead time, 1, 2 …; index 0 is one month. */
  readonly byMonths: readonly number[]
}

/** Lead time at several shares of rows warned. */
export type LeadTime = readonly LeadTimeAtShare[]

const shares = [0.05, 0.1, 0.2] as const

/** Measures lead time over the accounts of the test rows that came to an event. */
export function leadTime(test: ScoredTest): LeadTime {
  const pd = test.pd.at(-1) ?? new Float64Array()
  const sorted = Float64Array.from(pd).sort()
  return shares.map(share => {
    const threshold = sorted[Math.max(0, Math.floor(sorted.length * (1 - share)))] ?? Number.NaN
    const firstWarning = new Map<number, number>()
    const firstEvent = new Map<number, number>()
    for (let row = 0; row < test.rows; row += 1) {
      const account = test.accountIndex[row] as number
      const month = test.month[row] as number
      const event = test.eventMonth[row] as number
      if (event > 0)
        firstEvent.set(account, Math.min(month + event, firstEvent.get(account) ?? Number.POSITIVE_INFINITY))
      if ((pd[row] as number) >= threshold) {
        firstWarning.set(account, Math.min(month, firstWarning.get(account) ?? Number.POSITIVE_INFINITY))
      }
    }
    const months = [...firstEvent]
      .flatMap(([account, event]) => {
        const warning = firstWarning.get(account)
        return warning !== undefined && warning < event ? [event - warning] : []
      })
      .sort((a, b) => a - b)
    const byMonths = new Array<number>(months.at(-1) ?? 0).fill(0)
    for (const lead of months) byMonths[lead - 1] = (byMonths[lead - 1] as number) + 1
    return {
      share,
      threshold,
      events: firstEvent.size,
      warned: months.length,
      medianMonths: median(months),
      byMonths,
    }
  })
}

function median(sorted: readonly number[]): number | null {
  if (sorted.length === 0) return null
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}
