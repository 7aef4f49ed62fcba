/** Present value and effective rate of dated payments. */

import type { Day } from '../../data/index.ts'
import { Exact, total } from './money.ts'

/** An amount on a day; below 0 what is paid out. */
export interface CashFlow {
  readonly on: Day
  readonly amount: Exact
}

/** Days of a year in discounting, whatever the year (actual/365). */
const daysOfYear = 365

/**
 * Present value on a day at an effective yearly rate: Σ amount · (1 + rate)^(−days/365). What was due before counts in
 * full, undiscounted: it is owed now.
 */
export function presentValue(flows: readonly CashFlow[], effectiveRate: Exact, on: Day): Exact {
  const base = effectiveRate.plus(1).ln()
  return total(
    flows.map(flow => {
      const days = Math.max(0, flow.on - on)
      return days === 0 ? flow.amount : flow.amount.mul(base.mul(-days).div(daysOfYear).exp())
    }),
  )
}

/** Steps of the search for an effective rate, at most, and the step that ends it. */
const search = { stepsAtMost: 200, precision: '1e-15' } as const

/**
 * Effective yearly rate of a loan: the one at which its payments are worth what was paid out (internal rate of return,
 * actual/365).
 *
 * With x = ln(1 + rate) the value falls and is convex in x, so Newton's steps from the left of the root never pass it.
 *
 * @param paidOut - Amount and day of the loan.
 * @param payments - All of its agreed payments, after that day; above 0.
 * @returns As a fraction, to about 1e-15; null if there is nothing to pay, or no rate above −99 % is one.
 */
export function effectiveRate(paidOut: CashFlow, payments: readonly CashFlow[]): Exact | null {
  const years = payments.map(({ on }) => new Exact(on - paidOut.on).div(daysOfYear))
  if (payments.length === 0 || years.some(year => !year.isPositive() || year.isZero())) return null
  const gains = total(payments.map(({ amount }) => amount)).greaterThanOrEqualTo(paidOut.amount)
  let x = gains ? new Exact(0) : new Exact('0.01').ln()
  for (let step = 0; step < search.stepsAtMost; step += 1) {
    const values = payments.map(({ amount }, place) => amount.mul((years[place] ?? new Exact(0)).mul(x).neg().exp()))
    const worth = total(values).minus(paidOut.amount)
    const slope = total(values.map((value, place) => value.mul(years[place] ?? 0))).neg()
    if (step === 0 && worth.isNegative()) return null
    const change = worth.div(slope)
    x = x.minus(change)
    if (change.abs().lessThan(search.precision)) return x.exp().minus(1)
  }
  return null
}

/** Interest per month that compounds to an effective yearly rate. */
export function monthlyRate(effectiveYearly: Exact): Exact {
  return effectiveYearly.plus(1).pow(new Exact(1).div(12)).minus(1)
}

/** Effective yearly rate of a nominal yearly rate that is charged monthly. */
export function effectiveFromNominal(nominalYearly: Exact): Exact {
  return nominalYearly.div(12).plus(1).pow(12).minus(1)
}
