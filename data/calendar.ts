/** ISO calendar dates as day numbers and months as month numbers: no time zones, exact arithmetic. */

import { InputError } from './errors.ts'

/** Days since 1970-01-01. */
export type Day = number

/** Months since January 1970: 0 is 1970-01. */
export type Month = number

const millisecondsPerDay = 86_400_000

/**
 * Parses `YYYY-MM-DD`.
 *
 * @returns The day number, or `undefined` if the text is no date that exists.
 */
export function parseDay(text: string): Day | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (match === null) return undefined
  const [year, month, date] = [Number(match[1]), Number(match[2]), Number(match[3])]
  const day = dayOf(year, month, date)
  return formatDay(day) === text ? day : undefined
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

/** Formats a day number as `YYYY-MM-DD`. */
export function formatDay(day: Day): string {
  return new Date(day * millisecondsPerDay).toISOString().slice(0, 10)
}

/** The day number of a calendar date; months count from 1. */
export function dayOf(year: number, month: number, date: number): Day {
  return Date.UTC(year, month - 1, date) / millisecondsPerDay
}

/**
 * Parses `YYYY-MM`.
 *
 * @returns The month number, or `undefined` if the text is no month.
 */
export function parseMonth(text: string): Month | undefined {
  const match = /^(\d{4})-(\d{2})$/.exec(text)
  if (match === null) return undefined
  const month = Number(match[2])
  return month >= 1 && month <= 12 ? (Number(match[1]) - 1970) * 12 + month - 1 : undefined
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

/** The month in which a day lies. */
export function monthOf(day: Day): Month {
  const date = new Date(day * millisecondsPerDay)
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth()
}

/** First day of a month. */
export function monthStart(month: Month): Day {
  return Date.UTC(1970, month, 1) / millisecondsPerDay
}

/** Last day of a month: the as-of date of that month's snapshot. */
export function monthEnd(month: Month): Day {
  return Date.UTC(1970, month + 1, 1) / millisecondsPerDay - 1
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
