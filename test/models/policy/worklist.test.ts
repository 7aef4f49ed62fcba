import { expect, test } from 'vitest'
import {
  defaultPolicyPath,
  expectedSaving,
  makeWorklist,
  readPolicy,
  type WorklistCase,
} from '../../../models/policy/index.ts'

const { file } = readPolicy(defaultPolicyPath())
const base: WorklistCase = {
  borrowerId: 'b',
  accountId: 'a',
  treatment: 'care-call',
  pd: 0.2,
  daysPastDue: 5,
  exposure: 10_000,
  waitingSince: 100,
  permitted: true,
}

test('expected saving is probability × exposure × loss × effect − cost, to the cent', () => {
  // 0.2 × 10,000 × 0.6 × 0.2 − 15 = 225
  expect(expectedSaving(file, base).toFixed(2)).toBe('225.00')
  // 0.1 × 0.3 × 0.6 × 0.2 − 15, which binary numbers would miss in the last places
  expect(expectedSaving(file, { ...base, pd: 0.1, exposure: 0.3 }).toString()).toBe('-14.9964')
  // No PD: 40 days past due are 0.4 by the policy's table; 0.4 × 10,000 × 0.6 × 0.25 − 20 = 580
  const overdue = { ...base, pd: null, daysPastDue: 40, treatment: 'human-collection' } as const
  expect(expectedSaving(file, overdue).toFixed(2)).toBe('580.00')
})

test('the greatest saving comes first; who may not be contacted, costs more than it saves or needs nobody is left out', () => {
  const list = makeWorklist(
    file,
    [
      { ...base, accountId: 'small', exposure: 1000 }, // 24 − 15 = 9
      { ...base, accountId: 'great', exposure: 50_000 },
      { ...base, accountId: 'middle' },
      { ...base, accountId: 'asleep', permitted: false },
      { ...base, accountId: 'tiny', exposure: 100 }, // 2.40 − 15
      { ...base, accountId: 'texted', treatment: 'reminder' },
    ],
    2,
    100,
  )
  expect(list.places.map(place => [place.case.accountId, place.expectedSaving])).toEqual([
    ['great', '1185.00'],
    ['middle', '225.00'],
  ])
  expect(list).toMatchObject({ notPermitted: 1, notWorthwhile: 1, unserved: { cases: 1, expectedSaving: '9.00' } })
})

test('a tenth of the places goes to those who have waited longest, and says so', () => {
  const rich = Array.from({ length: 20 }, (_, id) => ({ ...base, accountId: `rich-${id}`, exposure: 20_000 + id }))
  const old = { ...base, accountId: 'old', exposure: 1000, waitingSince: 70 }
  const older = { ...base, accountId: 'older', exposure: 900, waitingSince: 60 }
  const { places } = makeWorklist(file, [...rich, old, older], 10, 100)
  expect(places).toHaveLength(10)
  expect(places.filter(({ because }) => because === 'waiting').map(place => place.case.accountId)).toEqual(['older'])
  expect(places.at(-1)).toMatchObject({ case: { accountId: 'older' }, waitedDays: 40 })
})

test('day after day, with more coming than can be served, nobody waits for ever', () => {
  const capacity = 10
  let queue: WorklistCase[] = []
  let longest = 0
  const served = new Set<string>()
  for (let day = 0; day < 200; day += 1) {
    // Nine rich and one poor case a day, so that by saving alone no poor one would ever be served.
    for (let id = 0; id < 10; id += 1) {
      queue.push({ ...base, accountId: `${day}-${id}`, exposure: id === 0 ? 800 : 50_000, waitingSince: day })
    }
    queue.push({ ...base, accountId: `${day}-more`, exposure: 60_000, waitingSince: day })
    const { places } = makeWorklist(file, queue, capacity, day)
    for (const place of places) {
      served.add(place.case.accountId)
      longest = Math.max(longest, place.waitedDays)
    }
    queue = queue.filter(one => !served.has(one.accountId))
  }
  const poor = Array.from({ length: 100 }, (_, day) => `${day}-0`)
  expect(poor.every(accountId => served.has(accountId))).toBe(true)
  expect(longest).toBeGreaterThanOrEqual(file.worklist.longestWaitDays)
})
