import { expect, test } from 'vitest'
import {
  addMonths,
  formatDay,
  formatMonth,
  InputError,
  lastEndedMonth,
  monthEnd,
  monthOf,
  monthStart,
  parseDay,
  parseMonth,
  toDay,
} from '../../data/index.ts'

test('a date that does not exist is no date', () => {
  for (const text of ['2026-02-30', '2025-02-29', '2026-13-01', '2026-1-1', '2026-01-01T00:00', '']) {
    expect(parseDay(text), text).toBeUndefined()
  }
  expect(parseDay('2024-02-29')).toBe(Date.UTC(2024, 1, 29) / 86_400_000)
})

test('a refused date names source, field and value', () => {
  expect(() => toDay('2026-02-30', 'payments.csv', 'paidOn')).toThrow(InputError)
  expect(() => toDay('2026-02-30', 'payments.csv', 'paidOn')).toThrow(
    'payments.csv, field paidOn: found "2026-02-30", expected a date that exists, as YYYY-MM-DD',
  )
})

test('months are numbers that count from January 1970', () => {
  expect(parseMonth('1970-01')).toBe(0)
  expect(parseMonth('2024-12')).toBe((2024 - 1970) * 12 + 11)
  expect(formatMonth(-1)).toBe('1969-12')
  expect(parseMonth('2024-00')).toBeUndefined()
})

test('a month ends on its last day, leap years included', () => {
  expect(formatDay(monthEnd(parseMonth('2024-02') ?? 0))).toBe('2024-02-29')
  expect(formatDay(monthEnd(parseMonth('2023-02') ?? 0))).toBe('2023-02-28')
})

test('the last ended month is the day’s own only on its last day', () => {
  expect(formatMonth(lastEndedMonth(toDay('2024-12-31')))).toBe('2024-12')
  expect(formatMonth(lastEndedMonth(toDay('2024-12-30')))).toBe('2024-11')
})

test('a month later is the same date, or the month’s last day where that does not exist', () => {
  expect(formatDay(addMonths(toDay('2024-01-31'), 1))).toBe('2024-02-29')
  expect(formatDay(addMonths(toDay('2024-03-31'), -1))).toBe('2024-02-29')
  expect(formatDay(addMonths(toDay('2024-11-15'), 3))).toBe('2025-02-15')
})

test('days, months and their ends agree with JavaScript’s own calendar over eight hundred years', () => {
  for (let day = toDay('1600-01-01'); day < toDay('2400-12-31'); day += 1) {
    const date = new Date(day * 86_400_000)
    const month = (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth()
    if (monthOf(day) !== month) expect(monthOf(day), formatDay(day)).toBe(month)
    if (date.getUTCDate() === 1) {
      expect(monthStart(month)).toBe(day)
      expect(monthEnd(month - 1)).toBe(day - 1)
      expect(parseDay(date.toISOString().slice(0, 10))).toBe(day)
    }
  }
})
