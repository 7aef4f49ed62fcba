import { expect, test } from 'vitest'
import { formatDay, type Outage, toDay } from '../../../data/index.ts'
import { classifyAccount, classPeriods, rankOf, readClock } from '../../../models/index.ts'
import { account } from '../../data/ledger.ts'
import { classBy, classOn, monthly, packOf, packs, timelineOf } from './overdue-account.ts'

/** Class of a loan whose only instalment fell due so many days ago. */
function classAfter(id: string, days: number): string {
  const pack = packOf(id)
  return pack.classes[rankOf(pack, days)]?.id ?? ''
}

test('every boundary of every shipped clock is where its source puts it', () => {
  // RULES: M1 1–30 … M6 151–180, M7+ > 180; China loans > 90, > 270, > 360; cards 1–90, 91–120, 121–180, > 180;
  // IFRS 9 > 30 and no later than 90; FFIEC 90, charge-off 120 closed-end and 180 open-end; EU > 90.
  const boundaries: Record<string, readonly [number, string, string][]> = {
    'm-buckets': [
      [1, 'M0', 'M1'],
      [31, 'M1', 'M2'],
      [61, 'M2', 'M3'],
      [91, 'M3', 'M4'],
      [121, 'M4', 'M5'],
      [151, 'M5', 'M6'],
      [181, 'M6', 'M7+'],
    ],
    'cn-five-tier-loans': [
      [1, 'normal', 'special-mention'],
      [91, 'special-mention', 'substandard'],
      [271, 'substandard', 'doubtful'],
      [361, 'doubtful', 'loss'],
    ],
    'cn-five-tier-cards': [
      [1, 'normal', 'special-mention'],
      [91, 'special-mention', 'substandard'],
      [121, 'substandard', 'doubtful'],
      [181, 'doubtful', 'loss'],
    ],
    'ifrs9-stages': [
      [31, 'stage-1', 'stage-2'],
      [90, 'stage-2', 'stage-3'],
    ],
    'us-ffiec-closed-end': [
      [90, 'pass', 'substandard'],
      [120, 'substandard', 'loss'],
    ],
    'us-ffiec-open-end': [
      [90, 'pass', 'substandard'],
      [180, 'substandard', 'loss'],
    ],
    'eu-default': [[91, 'not-in-default', 'in-default']],
  }
  expect(packs.map(({ id }) => id).sort()).toEqual(Object.keys(boundaries).sort())
  for (const [id, steps] of Object.entries(boundaries)) {
    for (const [day, before, after] of steps) {
      expect(classAfter(id, day - 1), `${id}, ${day - 1} days`).toBe(before)
      expect(classAfter(id, day), `${id}, ${day} days`).toBe(after)
    }
  }
})

test('the due date itself is not overdue, and the next day is day 1', () => {
  const one = monthly(1, {})
  expect(classBy('m-buckets', one, '2024-01-10')).toBe('M0')
  expect(classBy('m-buckets', one, '2024-01-11')).toBe('M1')
})

test('one overdue of 100 days: a loan is substandard and a card too, but after 121 days only the card is doubtful', () => {
  const one = monthly(1, {}) // due 2024-01-10; + 121 days = 2024-05-10
  expect(classBy('cn-five-tier-loans', one, '2024-05-10')).toBe('substandard')
  expect(classBy('cn-five-tier-cards', one, '2024-05-10')).toBe('doubtful')
})

test('a partial payment does not reset the clock', () => {
  const one = account([{ dueOn: '2024-01-10', amountDue: 100 }], [{ paidOn: '2024-02-01', amount: 99.99 }])
  expect(classBy('m-buckets', one, '2024-02-15')).toBe('M2') // 36 days
})

test('a payment recorded late reclassifies the days since it was paid, and only for those who know of it', () => {
  const back = account(
    [{ dueOn: '2024-01-10', amountDue: 100 }],
    [{ paidOn: '2024-01-20', recordedOn: '2024-02-20', amount: 100 }],
  )
  const before = timelineOf(back, '2024-02-19')
  expect(classOn(readClock(packOf('m-buckets'), before, 'EUR'), before, '2024-02-15')).toBe('M2')
  const after = timelineOf(back, '2024-02-20')
  const reading = readClock(packOf('m-buckets'), after, 'EUR')
  expect(classOn(reading, after, '2024-01-19')).toBe('M1')
  expect(classOn(reading, after, '2024-01-20')).toBe('M0')
  expect(classOn(reading, after, '2024-02-15')).toBe('M0')
  const then = timelineOf(back, '2024-02-25', { knownOn: toDay('2024-02-19') })
  expect(classOn(readClock(packOf('m-buckets'), then, 'EUR'), then, '2024-02-25')).toBe('M2')
})

test('a reversed payment puts its days back into arrears', () => {
  const one = account(
    [{ dueOn: '2024-01-10', amountDue: 100 }],
    [{ paidOn: '2024-01-10', reversedOn: '2024-03-01', amount: 100 }],
  )
  expect(classBy('m-buckets', one, '2024-02-29')).toBe('M0')
  expect(classBy('m-buckets', one, '2024-02-20', { asOf: '2024-03-01' })).toBe('M2') // 41 days, seen from March
})

test('a pause stops the clocks that say so: days counted = days past due − days of the pause that fall into them', () => {
  const pause = { from: toDay('2024-01-01'), to: toDay('2024-01-30'), recordedOn: toDay('2024-01-01') }
  const one = monthly(1, {})
  // On 2024-02-20 it is 41 days past due; of the pause 11 … 30 January count, 20 days: 21 are left.
  const timeline = timelineOf(one, '2024-02-20', { pauses: [pause] })
  expect(readClock(packOf('m-buckets'), timeline, 'EUR').countedDays.at(-1)).toBe(21)
  expect(readClock(packOf('cn-five-tier-loans'), timeline, 'EUR').countedDays.at(-1)).toBe(41)
})

test('pauses that overlap count once, and one that ended before the due date not at all', () => {
  const day = (text: string) => toDay(text)
  const pauses = [
    { from: day('2023-12-01'), to: day('2024-01-05'), recordedOn: day('2023-12-01') },
    { from: day('2024-01-15'), to: day('2024-01-24'), recordedOn: day('2024-01-15') },
    { from: day('2024-01-20'), to: day('2024-01-29'), recordedOn: day('2024-01-20') },
  ]
  const timeline = timelineOf(monthly(1, {}), '2024-02-20', { pauses })
  expect(readClock(packOf('m-buckets'), timeline, 'EUR').countedDays.at(-1)).toBe(41 - 15)
})

test('a back-dated pause reclassifies the past from its own first day, once it is recorded', () => {
  const pause = { from: toDay('2024-01-11'), to: toDay('2024-02-29'), recordedOn: toDay('2024-03-05') }
  const one = monthly(1, {})
  expect(classBy('m-buckets', one, '2024-03-04', { pauses: [pause] })).toBe('M2') // 54 days
  expect(classBy('m-buckets', one, '2024-02-20', { pauses: [pause], asOf: '2024-03-05' })).toBe('M0')
  expect(classBy('m-buckets', one, '2024-03-05', { pauses: [pause] })).toBe('M1') // 55 − 50
})

test('overdue from an outage is technical: exempt for seven days in China, and counted from the first on the eighth', () => {
  const one = account(
    [{ dueOn: '2024-01-10', amountDue: 100 }],
    [{ paidOn: '2024-01-10', amount: 100, outcome: 'failed', channel: 'auto-debit', bank: 'X', attemptedHour: 9 }],
  )
  const outage = { bank: 'X', channel: 'auto-debit', day: toDay('2024-01-10'), hours: [8, 10] as const }
  const at = (day: string, outages: Outage[] = [outage]) => classBy('cn-five-tier-loans', one, day, { outages })
  expect(at('2024-01-11', [])).toBe('special-mention')
  expect(at('2024-01-17')).toBe('normal')
  expect(at('2024-01-18')).toBe('special-mention')
  expect(at('2024-01-11', [{ ...outage, bank: 'Y' }])).toBe('special-mention')
  expect(at('2024-01-11', [{ ...outage, hours: [10, 12] as const }])).toBe('special-mention')
  const status = classifyAccount(one, { asOf: toDay('2024-01-12'), packs, currency: 'CNY', outages: [outage] })
  expect(status).toMatchObject({
    daysPastDue: 2,
    technical: true,
    smallButFrequent: { episodes: 0, technicalEpisodes: 1 },
  })
})

test('EU days count from the day on which the amount became material, and both thresholds must be exceeded', () => {
  const due = [
    { dueOn: '2024-01-10', amountDue: 60 },
    { dueOn: '2024-02-10', amountDue: 60 },
    { dueOn: '2024-12-10', amountDue: 2000 },
  ].map(one => ({ ...one, issuedOn: '2024-01-01' }))
  const one = account(due, [])
  // 60 overdue is immaterial; 120 is more than 100 and more than 1 % of 2120. Breach on 2024-02-11, day 1.
  const timeline = timelineOf(one, '2024-06-01')
  const reading = readClock(packOf('eu-default'), timeline, 'EUR')
  const counted = (day: string) => reading.countedDays[timeline.day.indexOf(toDay(day))]
  expect(counted('2024-02-10')).toBe(0)
  expect(counted('2024-02-11')).toBe(1)
  expect(classOn(reading, timeline, '2024-05-10')).toBe('not-in-default') // day 90
  expect(classOn(reading, timeline, '2024-05-11')).toBe('in-default') // day 91
  const large = account([...due.slice(0, 2), { dueOn: '2024-12-10', amountDue: 12_000, issuedOn: '2024-01-01' }], [])
  expect(classBy('eu-default', large, '2024-06-01')).toBe('not-in-default') // 120 is less than 1 % of 12,120
})

test('out of EU default three months after the arrears were paid, and a lapse in between starts them again', () => {
  const late = { 1: '2024-05-20', 2: '2024-05-20', 3: '2024-05-20', 4: '2024-05-20', 5: '2024-05-20' }
  const onTime = { 6: '2024-06-10', 7: '2024-07-10', 8: '2024-08-10' }
  const paid = monthly(8, { ...late, ...onTime })
  expect(classBy('eu-default', paid, '2024-05-19')).toBe('in-default')
  expect(classBy('eu-default', paid, '2024-08-19')).toBe('in-default')
  expect(classBy('eu-default', paid, '2024-08-20')).toBe('not-in-default')
  const status = classifyAccount(paid, { asOf: toDay('2024-06-15'), packs, currency: 'EUR' })
  expect(status.clocks.find(({ pack }) => pack === 'eu-default')?.probation).toEqual({
    cleanSince: '2024-05-20',
    endsOn: '2024-08-20',
    months: 3,
    instalments: 0,
  })
})

test('in China non-performing ends after two instalments or six months, whichever is longer', () => {
  const late = { 1: '2024-04-20', 2: '2024-04-20', 3: '2024-04-20', 4: '2024-04-20' }
  const onTime = Object.fromEntries(
    [5, 6, 7, 8, 9, 10].map(month => [month, `2024-${String(month).padStart(2, '0')}-10`]),
  )
  const one = monthly(12, { ...late, ...onTime })
  expect(classBy('cn-five-tier-loans', one, '2024-04-19')).toBe('substandard') // 100 days
  expect(classBy('cn-five-tier-loans', one, '2024-10-19')).toBe('substandard')
  expect(classBy('cn-five-tier-loans', one, '2024-10-20')).toBe('normal') // six months; five instalments paid
  const yearly = account(
    ['2023-01-10', '2024-01-10', '2025-01-10', '2026-01-10'].map(dueOn => ({
      dueOn,
      amountDue: 100,
      issuedOn: '2022-12-01',
    })),
    ['2023-06-01', '2024-01-10', '2025-01-10', '2026-01-10'].map(paidOn => ({ paidOn, amount: 100 })),
    { openedOn: '2022-12-01' },
  )
  expect(classBy('cn-five-tier-loans', yearly, '2023-12-31')).toBe('substandard') // six months, but no instalment yet
  expect(classBy('cn-five-tier-loans', yearly, '2025-01-10')).toBe('substandard')
  expect(classBy('cn-five-tier-loans', yearly, '2025-01-11')).toBe('normal') // the second one paid
})

test('IFRS stages come back one at a time', () => {
  const paid = monthly(6, {
    1: '2024-04-20',
    2: '2024-04-20',
    3: '2024-04-20',
    4: '2024-04-20',
    5: '2024-05-10',
    6: '2024-06-10',
  })
  expect(classBy('ifrs9-stages', paid, '2024-04-19')).toBe('stage-3')
  expect(classBy('ifrs9-stages', paid, '2024-07-19')).toBe('stage-3')
  expect(classBy('ifrs9-stages', paid, '2024-07-20')).toBe('stage-2')
  expect(classBy('ifrs9-stages', paid, '2024-10-19')).toBe('stage-2')
  expect(classBy('ifrs9-stages', paid, '2024-10-20')).toBe('stage-1')
})

test('a charge-off is final, unless the payment turns out to have been made', () => {
  const late = account([{ dueOn: '2024-01-10', amountDue: 100 }], [{ paidOn: '2024-06-01', amount: 100 }])
  expect(classBy('us-ffiec-closed-end', late, '2024-05-09')).toBe('loss') // 120 days
  expect(classBy('us-ffiec-closed-end', late, '2025-06-01')).toBe('loss')
  const back = account(
    [{ dueOn: '2024-01-10', amountDue: 100 }],
    [{ paidOn: '2024-03-01', recordedOn: '2024-06-01', amount: 100 }],
  )
  expect(classBy('us-ffiec-closed-end', back, '2024-05-31')).toBe('loss')
  expect(classBy('us-ffiec-closed-end', back, '2024-06-01')).toBe('pass')
})

test('a restructuring keeps an account from its best class for a year, in the EU only with an NPV loss above 1 %', () => {
  const one = account(
    [
      { dueOn: '2024-01-10', amountDue: 100, issuedOn: '2024-01-01', cancelledOn: '2024-02-01' },
      { dueOn: '2024-03-10', amountDue: 100, issuedOn: '2024-02-01' },
    ],
    [{ paidOn: '2024-03-10', amount: 100 }],
  )
  expect(classBy('cn-five-tier-loans', one, '2024-04-01')).toBe('special-mention')
  expect(classBy('cn-five-tier-loans', one, '2025-01-31')).toBe('special-mention')
  expect(classBy('cn-five-tier-loans', one, '2025-02-01')).toBe('normal')
  const lost = (npvLoss: number) => ({ restructurings: [{ on: toDay('2024-02-01'), npvLoss }] })
  expect(classBy('eu-default', one, '2024-04-01', lost(0.01))).toBe('not-in-default')
  expect(classBy('eu-default', one, '2024-04-01', lost(0.0101))).toBe('in-default')
  const status = classifyAccount(one, { asOf: toDay('2024-04-01'), packs, currency: 'EUR', ...lost(0.02) })
  const eu = status.clocks.find(({ pack }) => pack === 'eu-default')
  expect(eu).toMatchObject({ class: 'in-default', reason: 'restructured', probation: { endsOn: '2025-02-01' } })
})

test('grace days are taken off before a class is looked up', () => {
  const pack = { ...packOf('m-buckets'), graceDays: { days: 3, source: 'test', basis: 'example' as const } }
  const timeline = timelineOf(monthly(1, {}), '2024-01-20')
  expect(Array.from(readClock(pack, timeline, 'EUR').countedDays).slice(0, 6)).toEqual([0, 0, 0, 0, 1, 2])
})

test('an account before its first due date has a class too', () => {
  const status = classifyAccount(monthly(3, {}), { asOf: toDay('2024-01-05'), packs, currency: 'EUR' })
  expect(status.clocks.map(({ class: id }) => id)).toContain('M0')
  expect(status).toMatchObject({ daysPastDue: 0, arrears: 0, exposure: 300, product: 'loan' })
})

test('periods are the reading’s days put together', () => {
  const timeline = timelineOf(monthly(1, { 1: '2024-02-15' }), '2024-02-20')
  const periods = classPeriods(readClock(packOf('m-buckets'), timeline, 'EUR'), timeline)
  expect(periods.map(({ from, to, class: id }) => [formatDay(from), formatDay(to), id])).toEqual([
    ['2024-01-10', '2024-01-10', 'M0'],
    ['2024-01-11', '2024-02-09', 'M1'],
    ['2024-02-10', '2024-02-14', 'M2'],
    ['2024-02-15', '2024-02-20', 'M0'],
  ])
})
