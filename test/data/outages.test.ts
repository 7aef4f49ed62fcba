import { expect, test } from 'vitest'
import {
  addLedgerBorrower,
  addMonths,
  defaultLabelSpec,
  economyAsOf,
  findOutages,
  formatDay,
  HistoryBuilder,
  type LedgerAccount,
  labelHash,
  labelSpecSchema,
  monthOf,
  type Outage,
  toDay,
} from '../../data/index.ts'
import { type SimulationOptions, simulateBorrowers, simulatedBanks } from '../../data/simulator/index.ts'
import { account } from './ledger.ts'

const day = toDay('2024-01-10')
const quiet = (bank: string, on: number) => ({
  bank,
  channel: 'auto-debit',
  day: on,
  hour: 9,
  attempts: 40,
  failures: 2,
})

test('an hour in which debits of one bank fail together is an outage; others of the bank, and other banks, are not', () => {
  const days = Array.from({ length: 60 }, (_, place) => day + place)
  const counts = days.flatMap(on => [quiet('X', on), quiet('Y', on)])
  counts[40] = { ...quiet('X', day + 20), failures: 38 }
  expect(findOutages(counts)).toEqual([
    {
      bank: 'X',
      channel: 'auto-debit',
      day: day + 20,
      hours: [9, 9],
      attempts: 40,
      failures: 38,
      expected: expect.closeTo(40 * (118.5 / 2361), 10),
    },
  ])
})

test('a bank whose debits often fail, and a few failures, are no outage', () => {
  const often = Array.from({ length: 60 }, (_, place) => ({ ...quiet('X', day + place), failures: 22 + (place % 5) }))
  expect(findOutages(often)).toEqual([])
  const few = [
    ...Array.from({ length: 60 }, (_, place) => quiet('X', day + place)),
    { ...quiet('X', day + 70), attempts: 4, failures: 4 },
  ]
  expect(findOutages(few)).toEqual([])
})

test('outages of simulated banks are found from their failed debits, and nothing else is', () => {
  const options: SimulationOptions = { borrowers: 1500, months: 18, seed: 3, outages: true }
  const counts = new Map<
    string,
    { bank: string; channel: string; day: number; hour: number; attempts: number; failures: number }
  >()
  for (const { accounts } of simulateBorrowers(options)) {
    for (const { bank, channel, paidOn, attemptedHour, outcome } of accounts.flatMap(one => one.payments)) {
      if (!bank || !channel) continue
      const key = `${bank} ${paidOn} ${attemptedHour}`
      const count = counts.get(key) ?? {
        bank,
        channel,
        day: toDay(paidOn),
        hour: attemptedHour ?? Number.NaN,
        attempts: 0,
        failures: 0,
      }
      counts.set(key, {
        ...count,
        attempts: count.attempts + 1,
        failures: count.failures + (outcome === 'failed' ? 1 : 0),
      })
    }
  }
  const isDown = ({ bank, day: on }: { bank: string | null; day: number }) =>
    simulatedBanks(options).some(one => one.name === bank && one.isDownOn(on))
  const found = findOutages([...counts.values()])
  expect(found.filter(one => !isDown(one))).toEqual([])
  const large = [...counts.values()].filter(one => isDown(one) && one.attempts >= 8)
  expect(large.length).toBeGreaterThan(4)
  const missed = large.filter(one => !found.some(outage => outage.bank === one.bank && outage.day === one.day))
  expect(missed).toEqual([])
})

/** What became of an account, with and without technical overdue, by month. */
function outcomes(one: LedgerAccount, outages: readonly Outage[]): [number, number][] {
  const builder = new HistoryBuilder()
  const knownOn = toDay('2024-06-30')
  const context = { lastMonth: monthOf(knownOn), knownOn, economy: economyAsOf([]), outages }
  addLedgerBorrower(builder, { borrowerId: 'B' }, [one], context)
  const { outcome } = builder.build()
  return [...outcome.worstDaysPastDue].map((worst, row) => [worst, outcome.worstOwnDaysPastDue[row] as number])
}

test('technical overdue is kept out of the event up to seven days; from the eighth on all of it counts', () => {
  const failed = (on: string) => ({
    paidOn: on,
    amount: 100,
    outcome: 'failed' as const,
    channel: 'auto-debit' as const,
    bank: 'X',
    attemptedHour: 9,
  })
  const paidAfter = (days: number) =>
    account(
      [1, 2].map(place => ({ dueOn: formatDay(addMonths(toDay('2024-01-10'), place)), amountDue: 100 })),
      [
        failed('2024-02-10'),
        { paidOn: formatDay(toDay('2024-02-10') + days), amount: 100 },
        failed('2024-03-10'),
        { paidOn: '2024-03-13', amount: 100 },
      ],
    )
  const outages = [{ bank: 'X', channel: 'auto-debit', day: toDay('2024-02-10'), hours: [8, 10] as const }]
  // 10 February was an outage, 10 March was not
  expect(outcomes(paidAfter(7), outages).slice(1, 3)).toEqual([
    [6, 0],
    [2, 2],
  ])
  expect(outcomes(paidAfter(8), outages)[1]).toEqual([7, 7])
  expect(outcomes(paidAfter(7), [])[1]).toEqual([6, 6])
})

test('the exclusion changes the hash of a label that uses it, and of no other', () => {
  expect(labelHash(defaultLabelSpec)).toBe('c0b9e7980fb9ef73')
  const technical = labelSpecSchema.parse({ version: 1, exclusions: ['technical-overdue'] })
  expect(labelHash(technical)).not.toBe(labelHash(defaultLabelSpec))
})
