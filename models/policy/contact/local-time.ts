/** Wall clocks: local days and times of day at an instant, and the first instant at which a time of day is open. */

import { IANAZone } from 'luxon'
import { type Day, millisecondsPerDay as dayMs } from '../../../data/index.ts'

const minuteMs = 60_000
const quarterMs = 900_000
/** Offsets kept of one zone. */
const offsetsAtMost = 10_000
/** No place is further from UTC than this. */
const furthestMs = 16 * 3_600_000
/** Days in which an opening is looked for. */
const horizonDays = 400

/** A time span of a local day, in milliseconds of the wall clock from midnight; the end is not part of it. */
export interface DaySpan {
  readonly from: number
  readonly to: number
}

/** The wall clock of a time zone. */
export interface WallClock {
  readonly zone: string
  /** Offset from UTC at an instant, in milliseconds. */
  offset(at: number): number
}

const clocks = new Map<string, WallClock>()

/** The wall clock of a zone; kept, because making one is dear. */
export function wallClock(zone: string): WallClock {
  const known = clocks.get(zone)
  if (known !== undefined) return known
  const luxon = IANAZone.create(zone)
  const offsets = new Map<number, number>()
  const clock: WallClock = {
    zone,
    offset: at => {
      // Clocks change on full quarters of an hour: many borrowers are asked about within the same ones.
      const quarter = Math.floor(at / quarterMs)
      const before = offsets.get(quarter)
      if (before !== undefined) return before
      const offset = luxon.offset(at) * minuteMs
      if (offsets.size === offsetsAtMost) offsets.clear()
      offsets.set(quarter, offset)
      return offset
    },
  }
  clocks.set(zone, clock)
  return clock
}

/** The local calendar day at an instant. */
export function localDay(clock: WallClock, at: number): Day {
  return Math.floor((at + clock.offset(at)) / dayMs)
}

/** Milliseconds of the wall clock since midnight at an instant. */
export function localTime(clock: WallClock, at: number): number {
  const local = at + clock.offset(at)
  return local - Math.floor(local / dayMs) * dayMs
}

/** Day of the week, 0 = Monday. */
export function weekdayOf(day: Day): number {
  return (((day + 3) % 7) + 7) % 7 // 1970-01-01 was a Thursday
}

/**
 * The first instant, from `at` on, at which the wall clock is within a span of its day.
 *
 * Where a clock is put forward, a time that doesn't exist opens with the first that does; where it is put back, an hour
 * that comes twice is open twice.
 *
 * @param spansOf - Open spans of a local day, in order.
 * @returns Null if there is none within 400 days.
 */
export function firstOpening(clock: WallClock, at: number, spansOf: (day: Day) => readonly DaySpan[]): number | null {
  const first = localDay(clock, at)
  for (let day = first; day < first + horizonDays; day += 1) {
    const spans = spansOf(day)
    if (spans.length === 0) continue
    const found = isSteady(clock, day) ? openingOf(clock, at, day, spans) : scan(clock, at, day, spans)
    if (found !== null) return found
  }
  return null
}

/** The first instant of a local day. */
export function startOfDay(clock: WallClock, day: Day): number {
  const wholeDay = [{ from: 0, to: dayMs }]
  const nobody: readonly DaySpan[] = []
  return firstOpening(clock, day * dayMs - furthestMs, one => (one === day ? wholeDay : nobody)) ?? day * dayMs
}

/** Does the clock run through a day and its neighbourhood without a change? */
function isSteady(clock: WallClock, day: Day): boolean {
  return clock.offset(day * dayMs - furthestMs) === clock.offset((day + 1) * dayMs + furthestMs)
}

function openingOf(clock: WallClock, at: number, day: Day, spans: readonly DaySpan[]): number | null {
  const midnight = day * dayMs - clock.offset(day * dayMs)
  for (const { from, to } of spans) if (midnight + to > at) return Math.max(at, midnight + from)
  return null
}

/** Minute by minute, on the two or three days a year around a change of the clock. */
function scan(clock: WallClock, at: number, day: Day, spans: readonly DaySpan[]): number | null {
  const isOpen = (instant: number): boolean => {
    if (localDay(clock, instant) !== day) return false
    const time = localTime(clock, instant)
    return spans.some(({ from, to }) => from <= time && time < to)
  }
  if (isOpen(at)) return at
  const begin = Math.max(Math.floor(at / minuteMs) * minuteMs + minuteMs, day * dayMs - furthestMs)
  for (let instant = begin; instant < (day + 1) * dayMs + furthestMs; instant += minuteMs) {
    if (isOpen(instant)) return instant
  }
  return null
}
