import fc from 'fast-check'
import { expect, test } from 'vitest'
import { allocatePayments, type DatedInstalment, type DatedPayment } from '../../data/allocation.ts'

function instalment(place: number, cents: number, dates: Partial<DatedInstalment> = {}): DatedInstalment {
  return {
    id: `i${place}`,
    dueOn: 30 * (place + 1),
    cents,
    issuedOn: 0,
    cancelledOn: Number.POSITIVE_INFINITY,
    balance: Number.NaN,
    ...dates,
  }
}

function payment(paidOn: number, cents: number, more: Partial<DatedPayment> = {}): DatedPayment {
  const known = {
    recordedOn: paidOn,
    reversedOn: Number.POSITIVE_INFINITY,
    instalment: -1,
    channel: null,
    bank: null,
    hour: Number.NaN,
    failed: false,
  }
  return { id: `p${paidOn}`, paidOn, cents, ...known, ...more }
}

test('the oldest unpaid instalment is paid first, and the rest spills over', () => {
  const result = allocatePayments(
    [instalment(0, 100), instalment(1, 100), instalment(2, 100)],
    [payment(40, 130), payment(70, 30)],
    100,
  )
  expect([...result.unpaidCents]).toEqual([0, 100 - 30 - 30, 100])
  expect([...result.paidOffOn]).toEqual([40, Number.NaN, Number.NaN])
})

test('a payment that names a paid instalment spills to the oldest unpaid one', () => {
  const result = allocatePayments(
    [instalment(0, 100), instalment(1, 100)],
    [payment(10, 100, { instalment: 1 }), payment(20, 100, { instalment: 1 })],
    100,
  )
  expect([...result.paidOffOn]).toEqual([20, 10])
})

test('a cancelled instalment takes no money', () => {
  const result = allocatePayments(
    [instalment(0, 100, { cancelledOn: 50 }), instalment(1, 100)],
    [payment(60, 100)],
    100,
  )
  expect([...result.unpaidCents]).toEqual([100, 0])
})

test('money is conserved: what is paid is allocated or left over', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(500), { minLength: 1, maxLength: 8 }),
      fc.array(fc.tuple(fc.nat(300), fc.nat(400), fc.integer({ min: -1, max: 7 }), fc.boolean()), { maxLength: 12 }),
      (amounts, paid) => {
        const instalments = amounts.map((cents, place) => instalment(place, cents))
        const payments = paid
          .map(([paidOn, cents, named, failed], place) =>
            payment(paidOn, cents, { id: `p${place}`, instalment: named, failed }),
          )
          .sort((a, b) => a.paidOn - b.paidOn)
        const { unpaidCents, surplusCents } = allocatePayments(instalments, payments, 1000)
        const received = payments.reduce((sum, { cents, failed }) => sum + (failed ? 0 : cents), 0)
        const billed = amounts.reduce((sum, cents) => sum + cents, 0)
        const open = unpaidCents.reduce((sum, cents) => sum + cents, 0)
        expect(billed - open + surplusCents).toBe(received)
        expect(surplusCents === 0 || open === 0).toBe(true)
      },
    ),
  )
})
