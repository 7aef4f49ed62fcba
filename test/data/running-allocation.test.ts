import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RunningAllocation } from '../../data/allocation.ts'
import { allocatePayments } from '../../data/index.ts'
import { days, randomInstalments, randomPayments } from './random-ledgers.ts'

test('an allocation brought from day to day is the one made from nothing, with the same payments told of', () => {
  let continued = 0
  let anew = 0
  fc.assert(
    fc.property(randomInstalments, randomPayments, fc.integer({ min: 1, max: 30 }), (due, paid, step) => {
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
