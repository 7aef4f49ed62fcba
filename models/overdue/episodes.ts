/** Overdue episodes of an account: from the first day past due to the day before everything due is paid again. */

import type { Day } from '../../data/index.ts'
import type { OverdueTimeline } from './timeline.ts'

/** One episode. */
export interface OverdueEpisode {
  /** First day past due. */
  readonly from: Day
  /** Last day past due. */
  readonly to: Day
  /** True while the episode goes on at the timeline's end. */
  readonly open: boolean
  /** Most days past due in it. */
  readonly days: number
  /** Most that was past due in it, in hundredths; NaN where not known. */
  readonly worstCents: number
  /** It began with a debit that failed for reasons that weren't the borrower's. */
  readonly technical: boolean
  /** It ended with a restructuring, not with payment. */
  readonly restructured: boolean
}

/** The episodes of a timeline, in order. */
export function overdueEpisodes({ day, oldestDueOn, ...timeline }: OverdueTimeline): OverdueEpisode[] {
  const episodes: OverdueEpisode[] = []
  let start = -1
  let [days, worstCents] = [0, 0]
  for (let index = 0; index <= day.length; index += 1) {
    const late = index < day.length ? (day[index] as number) - (oldestDueOn[index] as number) : Number.NaN
    if (Number.isNaN(late)) {
      if (start !== -1) {
        const ended = day[index]
        episodes.push({
          from: day[start] as number,
          to: day[index - 1] as number,
          open: ended === undefined,
          days,
          worstCents,
          technical: timeline.technical[start] === 1,
          restructured: timeline.restructurings.some(({ on }) => on === ended),
        })
      }
      start = -1
      continue
    }
    if (start === -1) [start, days, worstCents] = [index, 0, Number.NEGATIVE_INFINITY]
    days = Math.max(days, late)
    worstCents = Math.max(worstCents, timeline.arrearsCents[index] as number)
  }
  return episodes
}
