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
export function overdueEpisodes(timeline: OverdueTimeline): OverdueEpisode[] {
  const { day, oldestDueOn, arrearsCents, technical, restructurings } = timeline
  const episodes: OverdueEpisode[] = []
  let open: OverdueEpisode | undefined
  for (let index = 0; index < day.length; index += 1) {
    const today = day[index] as number
    const days = today - (oldestDueOn[index] as number)
    if (Number.isNaN(days)) {
      if (open !== undefined) {
        const replaced = restructurings.some(({ on }) => on === today)
        episodes.push({ ...open, open: false, restructured: replaced })
      }
      open = undefined
      continue
    }
    const cents = arrearsCents[index] as number
    open =
      open === undefined
        ? {
            from: today,
            to: today,
            open: true,
            days,
            worstCents: cents,
            technical: technical[index] === 1,
            restructured: false,
          }
        : { ...open, to: today, days: Math.max(open.days, days), worstCents: Math.max(open.worstCents, cents) }
  }
  return open === undefined ? episodes : [...episodes, open]
}
