import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RunningAllocation } from '../../data/allocation.ts'
import { allocatePayments, type DatedInstalment, type DatedPayment } from '../../data/index.ts'

const days = 120
const day = fc.integer({ min: 0, max: days })
const later = fc.oneof(fc.constant(Number.POSITIVE_INFINITY), day)

const instalments = fc
  .array(fc.record({ dueOn: day, cents: fc.integer({ min: 0, max: 50 }), issued: day, lasts: later }), { maxLength: 8 })
  .map(rows =>
    rows
      .map(({ dueOn, cents, issued, lasts }, place): DatedInstalment => {
        const issuedOn = place % 2 === 0 ? 0 : issued
        return { id: `i${place}`, dueOn, cents, issuedOn, cancelledOn: issuedOn + lasts, balance: Number.NaN }
      })
      .sort((a, b) => a.dueOn - b.dueOn),
  )

const payments = fc
  .array(
    fc.record({
      paidOn: day,
      lag: fc.constantFrom(0, 0, 0, 5, 40),
      lasts: later,
      cents: fc.integer({ min: 0, max: 90 }),
      instalment: fc.oneof(fc.constant(-1), fc.integer({ min: 0, max: 7 })),
      failed: fc.constantFrom(false, false, false, true),
    }),
    { maxLength: 12 },
  )
  .map(rows =>
    rows
      .map(({ paidOn, lag, lasts, cents, instalment, failed }, place): DatedPayment => {
        const recordedOn = paidOn + lag
        const reversedOn = place % 3 === 0 ? recordedOn + lasts : Number.POSITIVE_INFINITY
        const attempt = { channel: null, bank: null, hour: Number.NaN }
        return { id: `p${place}`, paidOn, recordedOn, reversedOn, cents, instalment, failed, ...attempt }
      })
      .sort((a, b) => a.paidOn - b.paidOn),
  )

test('an allocation brought from day to day is the one made from nothing, with the same payments told of', () => {
  let continued = 0
  let anew = 0
  fc.assert(
    fc.property(instalments, payments, fc.integer({ min: 1, max: 30 }), (due, paid, step) => {
      const running = new RunningAllocation(due, paid)
      let told: unknown[] = []
      for (let knownOn = 0; knownOn <= 2 * days; knownOn += step) {
        let fromNothing = false
        running.advance(
          knownOn,
          () => {
            told = []
            fromNothing = true
          },
          (payment, instalment, partial, unpaid) => told.push([payment.id, instalment, partial, [...unpaid]]),
        )
        if (fromNothing) anew += 1
        else continued += 1
        const toldAtOnce: unknown[] = []
        const atOnce = allocatePayments(due, paid, knownOn, (payment, instalment, partial, unpaid) =>
          toldAtOnce.push([payment.id, instalment, partial, [...unpaid]]),
        )
        expect([...running.unpaidCents]).toEqual([...atOnce.unpaidCents])
        expect([...running.paidOffOn]).toEqual([...atOnce.paidOffOn])
        expect(running.surplusCents).toBe(atOnce.surplusCents)
        expect(told).toEqual(toldAtOnce)
      }
    }),
    { numRuns: 400 },
  )
  expect(continued).toBeGreaterThan(1000)
  expect(anew).toBeGreaterThan(1000)
})
