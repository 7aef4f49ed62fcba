/** Traps found in other systems' code (named in each test), as far as they concern overdue accounts. */

import { expect, test } from 'vitest'
import { toDay } from '../../../data/index.ts'
import { classifyAccount, overdueEpisodes, rankOf, readClock, smallButFrequent } from '../../../models/index.ts'
import { account } from '../../data/ledger.ts'
import { classBy, monthly, packOf, packs, timelineOf } from './overdue-account.ts'

test('Home Credit 7th (LATE_PAYMENT set from days before due): who pays before the due date is never late', () => {
  const early = monthly(3, { 1: '2024-01-02', 2: '2024-02-01', 3: '2024-02-20' })
  const timeline = timelineOf(early, '2024-06-30')
  expect(overdueEpisodes(timeline)).toEqual([])
  for (const pack of packs) expect(Math.max(...readClock(pack, timeline, 'EUR').rank), pack.id).toBe(0)
})

test('toad TimePartition (no upper bound): what happens after the as-of date changes nothing on it', () => {
  const asOf = toDay('2024-03-01')
  const before = monthly(4, { 1: '2024-01-25' })
  const after = account(
    [...before.instalments, { instalmentId: 'i9', dueOn: '2024-03-05', amountDue: 900, issuedOn: '2024-03-02' }],
    [
      ...before.payments,
      { paidOn: '2024-03-02', amount: 500 },
      { paidOn: '2024-02-15', recordedOn: '2024-03-04', amount: 100 },
    ],
  )
  const late = { from: toDay('2024-02-01'), to: toDay('2024-02-28'), recordedOn: toDay('2024-03-02') }
  const seen = classifyAccount(after, { asOf, packs, currency: 'EUR', pauses: [late], contacts: [toDay('2024-03-03')] })
  expect(seen).toEqual(classifyAccount(before, { asOf, packs, currency: 'EUR', contacts: [] }))
})

test('Frappe (days past due in a range gap yield an empty class): every count of days has a class in every pack', () => {
  for (const pack of packs) {
    for (let days = 0; days <= 1000; days += 1)
      expect(pack.classes[rankOf(pack, days)]?.id, `${pack.id} ${days}`).toBeTruthy()
  }
})

test('Frappe (isnull | end < d parsed as (isnull | end) < d): with no watch period an account upgrades at once, with one only after it', () => {
  const cured = monthly(3, { 1: '2024-03-20', 2: '2024-03-20', 3: '2024-03-20' }) // 70 days past due, then paid
  expect(classBy('m-buckets', cured, '2024-03-19')).toBe('M3')
  expect(classBy('m-buckets', cured, '2024-03-20')).toBe('M0')
  expect(classBy('ifrs9-stages', cured, '2024-03-20')).toBe('stage-2')
  expect(classBy('ifrs9-stages', cured, '2024-06-19')).toBe('stage-2')
  expect(classBy('ifrs9-stages', cured, '2024-06-20')).toBe('stage-1')
})

test('Fineract 2668, 2739, 6157 (back-dating): a chargeback and a back-dated pause move the days of the past', () => {
  const charged = account(
    [{ dueOn: '2024-01-10', amountDue: 100 }],
    [{ paidOn: '2024-01-09', reversedOn: '2024-02-15', amount: 100 }],
  )
  expect(classBy('m-buckets', charged, '2024-02-14')).toBe('M0')
  expect(classBy('m-buckets', charged, '2024-02-15')).toBe('M2') // 36 days, at once
  const pause = { from: toDay('2024-01-11'), to: toDay('2024-01-31'), recordedOn: toDay('2024-02-16') }
  expect(classBy('m-buckets', charged, '2024-02-16', { pauses: [pause] })).toBe('M1') // 37 − 21
})

test('Fineract 3604, 3659, 5100 (pause arithmetic): after the oldest instalment is paid only pauses of the next one count', () => {
  const one = monthly(2, { 1: '2024-02-20' })
  const pause = { from: toDay('2024-01-20'), to: toDay('2024-02-14'), recordedOn: toDay('2024-01-20') }
  const timeline = timelineOf(one, '2024-02-25', { pauses: [pause] })
  const counted = readClock(packOf('m-buckets'), timeline, 'EUR').countedDays
  const on = (day: string) => counted[timeline.day.indexOf(toDay(day))]
  expect(on('2024-01-19')).toBe(9)
  expect(on('2024-02-14')).toBe(9) // stands still through the pause
  expect(on('2024-02-19')).toBe(14)
  expect(on('2024-02-20')).toBe(10 - 4) // now from 10 February, of whose days 11 … 14 were paused
})

test('the worst days past due of a year hide what the small-but-frequent index shows', () => {
  const often = monthly(
    12,
    Object.fromEntries(
      Array.from({ length: 11 }, (_, place) => [place + 1, `2024-${String(place + 1).padStart(2, '0')}-15`]),
    ),
  )
  const once = monthly(12, {
    ...Object.fromEntries(
      Array.from({ length: 11 }, (_, place) => [place + 1, `2024-${String(place + 1).padStart(2, '0')}-10`]),
    ),
    6: '2024-06-15',
  })
  const asOf = toDay('2024-12-01')
  const index = (one: typeof often) => smallButFrequent(overdueEpisodes(timelineOf(one, '2024-12-01')), asOf)
  expect(index(often)).toMatchObject({ episodes: 11, medianDays: 4, medianCents: 10_000, selfCureShare: 1 })
  expect(index(often).index).toBeCloseTo((100 * 11) / 12)
  expect(index(once)).toMatchObject({ episodes: 1, medianDays: 4, gapTrend: null })
})
