/** Level instalments of a loan, to the cent. */

import { Exact, toMinorUnit } from './money.ts'

/** One instalment of a schedule. */
export interface AmortisationRow {
  readonly payment: Exact
  readonly interest: Exact
  readonly principal: Exact
  /** What is owed after it. */
  readonly balance: Exact
}

/**
 * The level payment of an annuity, rounded to the currency's smallest unit.
 *
 * @param rate - Interest per period, as a fraction; 0 or more.
 * @param periods - At least 1.
 * @returns P·r / (1 − (1 + r)⁻ⁿ), or P / n without interest.
 */
export function levelPayment(principal: Exact, rate: Exact, periods: number, currency: string): Exact {
  const payment = rate.isZero()
    ? principal.div(periods)
    : principal.mul(rate).div(new Exact(1).minus(rate.plus(1).pow(-periods)))
  return toMinorUnit(payment, currency)
}

/**
 * Amortises a principal in level instalments. Interest of each period is rounded to the smallest unit; the last
 * instalment pays exactly what is left.
 *
 * @param rate - Interest per period, as a fraction; 0 or more.
 * @param periods - At least 1.
 */
export function amortise(principal: Exact, rate: Exact, periods: number, currency: string): AmortisationRow[] {
  const level = levelPayment(principal, rate, periods, currency)
  let balance = principal
  return Array.from({ length: periods }, (_, place) => {
    const interest = toMinorUnit(balance.mul(rate), currency)
    const owed = balance.plus(interest)
    const payment = place === periods - 1 ? owed : Exact.min(level, owed)
    balance = owed.minus(payment)
    return { payment, interest, principal: payment.minus(interest), balance }
  })
}

/** What is owed after periods in which nothing is paid and interest is added, each rounded to the smallest unit. */
export function capitalise(principal: Exact, rate: Exact, periods: number, currency: string): Exact {
  let balance = principal
  for (let period = 0; period < periods; period += 1) balance = balance.plus(toMinorUnit(balance.mul(rate), currency))
  return balance
}
