/** ISO calendar dates as day numbers and months as month numbers: no time zones, exact arithmetic. */

import { InputError } from './errors.ts'

/** Days since 1970-01-01. */
export type Day = number

/** Months since January 1970: 0 is 1970-01. */
export type Month = number

/**
 * Parses `YYYY-MM-DD`.
 *
 * @returns The day number, or `undefined` if the text is no date that exists.
 */
export function parseDay(text: string): Day | undefined {
  const known = parsed.get(text)
  if (known !== undefined) return known
  const day = parseOnce(text)
  if (day !== undefined && parsed.size < parsedAtMost) parsed.set(text, day)
  return day
}

/** Requests say the same few thousand dates again and again: looking one up is several times as fast as parsing it. */
const parsed = new Map<string, Day>()
const parsedAtMost = 50_000

function parseOnce(text: string): Day | undefined {
  if (text.length !== 10 || text[4] !== '-' || text[7] !== '-') return undefined
  const year = digits(text, 0, 4)
  const month = digits(text, 5, 7)
  const date = digits(text, 8, 10)
  if (!(year >= 0 && month >= 1 && month <= 12 && date >= 1 && date <= daysIn(year, month))) return undefined
  return dayOf(year, month, date)
}

/** The number that some characters spell; NaN if any is no digit. Requests hold hundreds of dates: a pattern is slow. */
function digits(text: string, from: number, to: number): number {
  let number = 0
  for (let at = from; at < to; at += 1) {
    const digit = text.charCodeAt(at) - 48
    if (!(digit >= 0 && digit <= 9)) return Number.NaN
    number = 10 * number + digit
  }
  return number
}

/** Days of a month, 28 to 31. */
function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/**
 * Parses `YYYY-MM-DD`.
 *
 * @throws InputError naming `source` and `field` if the text is no date that exists.
 */
export function toDay(text: string, source = 'date', field?: string): Day {
  const day = parseDay(text)
  if (day === undefined) {
    throw new InputError({
      source,
      ...(field === undefined ? {} : { field }),
      found: text,
      expected: 'a date that exists, as YYYY-MM-DD',
    })
  }
  return day
}

/** Milliseconds of a day in UTC. */
export const millisecondsPerDay = 86_400_000

/** The UTC day of an instant, in milliseconds since 1970-01-01T00:00Z. */
export function dayAt(instant: number): Day {
  return Math.floor(instant / millisecondsPerDay)
}

/** Formats a day number as `YYYY-MM-DD`. */
export function formatDay(day: Day): string {
  const month = monthOf(day)
  const date = day - monthStart(month) + 1
  return `${formatMonth(month)}-${date < 10 ? '0' : ''}${date}`
}

/**
 * The day number of a calendar date; months count from 1.
 *
 * @see Hinnant (2013), chrono-Compatible Low-Level Date Algorithms: days_from_civil
 */
export function dayOf(year: number, month: number, date: number): Day {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + date - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

/**
 * Parses `YYYY-MM`.
 *
 * @returns The month number, or `undefined` if the text is no month.
 */
export function parseMonth(text: string): Month | undefined {
  if (text.length !== 7 || text[4] !== '-') return undefined
  const year = digits(text, 0, 4)
  const month = digits(text, 5, 7)
  return year >= 0 && month >= 1 && month <= 12 ? (year - 1970) * 12 + month - 1 : undefined
}

/**
 * Parses `YYYY-MM`.
 *
 * @throws InputError naming `source` and `field` if the text is no month.
 */
export function toMonth(text: string, source = 'month', field?: string): Month {
  const month = parseMonth(text)
  if (month === undefined) {
    throw new InputError({
      source,
      ...(field === undefined ? {} : { field }),
      found: text,
      expected: 'a month, as YYYY-MM',
    })
  }
  return month
}

/** Formats a month number as `YYYY-MM`. */
export function formatMonth(month: Month): string {
  const year = 1970 + Math.floor(month / 12)
  return `${String(year).padStart(4, '0')}-${String((((month % 12) + 12) % 12) + 1).padStart(2, '0')}`
}

/**
 * The month in which a day lies.
 *
 * @see Hinnant (2013), chrono-Compatible Low-Level Date Algorithms: civil_from_days
 */
export function monthOf(day: Day): Month {
  const z = day + 719_468
  const era = Math.floor(z / 146_097)
  const dayOfEra = z - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shifted = Math.floor((5 * dayOfYear + 2) / 153)
  const month = shifted < 10 ? shifted + 3 : shifted - 9
  return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0) - 1970) * 12 + month - 1
}

/** First day of a month. */
export function monthStart(month: Month): Day {
  const year = Math.floor(month / 12)
  return dayOf(1970 + year, month - 12 * year + 1, 1)
}

/** Last day of a month: the as-of date of that month's snapshot. */
export function monthEnd(month: Month): Day {
  return monthStart(month + 1) - 1
}

/** The last month that has ended on a day: the day's own month on its last day, else the month before. */
export function lastEndedMonth(day: Day): Month {
  const month = monthOf(day)
  return monthEnd(month) === day ? month : month - 1
}

/** The same date `count` months later, on the month's last day where the date doesn't exist there. */
export function addMonths(day: Day, count: number): Day {
  const month = monthOf(day)
  const target = monthStart(month + count) + (day - monthStart(month))
  return Math.min(target, monthEnd(month + count))
}
