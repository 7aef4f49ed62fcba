import { expect, test } from 'vitest'
import { keptRate, type PaymentPromise, promiseStatuses, responseSoFar } from '../../../models/policy/index.ts'

const promise = (dueOn: number, amount: number, more: Partial<PaymentPromise> = {}): PaymentPromise => ({
  accountId: 'a',
  madeOn: 100,
  dueOn,
  amount,
  ...more,
})
const paid = (paidOn: number, amount: number, accountId = 'a') => ({ accountId, paidOn, amount })

test('a promise is kept when all of it comes by its date and the grace day, open until then, broken after', () => {
  const statusOn = (day: number, ...payments: ReturnType<typeof paid>[]) =>
    promiseStatuses([promise(110, 50)], payments, day, 1)[0]
  expect(statusOn(105)).toBe('open')
  expect(statusOn(111)).toBe('open')
  expect(statusOn(112)).toBe('broken')
  expect(statusOn(112, paid(111, 50))).toBe('kept')
  expect(statusOn(112, paid(112, 50))).toBe('broken')
  expect(statusOn(112, paid(99, 50))).toBe('broken') // before it was promised
  expect(statusOn(112, paid(105, 50, 'other'))).toBe('broken')
  expect(statusOn(104, paid(105, 50))).toBe('open') // not known yet
})

test('parts add up to the cent, and a payment keeps one promise only', () => {
  expect(promiseStatuses([promise(110, 0.3)], [paid(101, 0.1), paid(102, 0.2)], 120, 0)).toEqual(['kept'])
  expect(promiseStatuses([promise(115, 50), promise(110, 50)], [paid(105, 70)], 120, 0)).toEqual(['broken', 'kept'])
})

test('the kept rate is of promises that have come due', () => {
  expect(keptRate(['kept', 'broken', 'kept', 'open'])).toBeCloseTo(2 / 3, 12)
  expect(keptRate(['open'])).toBeNull()
})

test('of contacts and promises, the latest promise speaks first', () => {
  const call = { conversation: true }
  expect(responseSoFar([], [], [])).toBe('none')
  expect(responseSoFar([{ conversation: false }], [], [])).toBe('no-answer')
  expect(responseSoFar([call], [], [])).toBe('reached')
  const promises = [promise(110, 1, { madeOn: 105 }), promise(104, 1, { madeOn: 100 })]
  expect(responseSoFar([call], promises, ['open', 'broken'])).toBe('promised')
  expect(responseSoFar([call], promises, ['kept', 'broken'])).toBe('promise-kept')
})
