/** A clock's reading as periods: from when to when an account stood in which class, without gap or overlap. */

import type { Day } from '../../data/index.ts'
import { type ClassReason, type ClockReading, classReasons } from './clock.ts'
import type { OverdueTimeline } from './timeline.ts'

/** Days in one class; both ends included. */
export interface ClassPeriod {
  readonly from: Day
  readonly to: Day
  /** Id of the class in its pack. */
  readonly class: string
  /** 0 = the mildest. */
  readonly rank: number
  /** Why, on its last day. */
  readonly reason: ClassReason
}

/** The periods of a reading, in order; each lasts until the day before the next. */
export function classPeriods(reading: ClockReading, { day }: OverdueTimeline): ClassPeriod[] {
  const periods: ClassPeriod[] = []
  let start = 0
  for (let index = 1; index <= day.length; index += 1) {
    const rank = reading.rank[start] as number
    if (index < day.length && reading.rank[index] === rank) continue
    periods.push({
      from: day[start] as number,
      to: index < day.length ? (day[index] as number) - 1 : (day[index - 1] as number),
      class: reading.pack.classes[rank]?.id ?? '',
      rank,
      reason: classReasons[reading.reason[index - 1] as number] as ClassReason,
    })
    start = index
  }
  return periods
}
