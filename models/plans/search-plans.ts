/** Finds instalment plans that a borrower can afford, those that cost the lender least first. */

import { addMonths } from '../../data/index.ts'
import { amortise, capitalise, levelPayment } from './amortisation.ts'
import { Exact, toMinorUnit, total } from './money.ts'
import type { Debt, Plan, PlanSearch } from './plan.ts'
import { monthlyRate, presentValue } from './present-value.ts'

/**
 * Searches plans: for each rate cut and payment holiday the shortest one whose instalments can be afforded (a longer one
 * at the same rate costs the borrower more and the lender no less). The first instalment falls due a month after the
 * agreement or the holiday.
 *
 * @returns By NPV loss to the basis point, then total payment, then months; at most `plansAtMost`; none if even the
 *   longest can't be afforded.
 */
export function searchPlans(debt: Debt, search: PlanSearch): Plan[] {
  const present = presentValue(debt.owed, debt.effectiveRate, debt.agreedOn)
  const principal = toMinorUnit(present, debt.currency)
  if (!principal.isPositive() || principal.isZero()) return []
  const plans: Plan[] = []
  for (const rateCut of new Set(search.rateCuts)) {
    for (let holidayMonths = 0; holidayMonths <= search.holidaysAtMost; holidayMonths += 1) {
      const plan = shortestPlan(debt, search, principal, rateCut, holidayMonths)
      if (plan !== undefined) plans.push(plan)
    }
  }
  return plans.sort(byCost).slice(0, search.plansAtMost)
}

function shortestPlan(
  debt: Debt,
  search: PlanSearch,
  principal: Exact,
  rateCut: number,
  holidayMonths: number,
): Plan | undefined {
  const { currency } = debt
  const rate = monthlyRate(debt.effectiveRate).mul(new Exact(1).minus(rateCut))
  const start = capitalise(principal, rate, holidayMonths, currency)
  const affordable = (count: number): boolean =>
    levelPayment(start, rate, count, currency).lessThanOrEqualTo(search.affordability)
  if (!affordable(search.instalmentsAtMost)) return undefined
  let [low, high] = [1, search.instalmentsAtMost]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (affordable(middle)) high = middle
    else low = middle + 1
  }
  for (let count = low; count <= search.instalmentsAtMost; count += 1) {
    const plan = makePlan(debt, principal, start, { rate, count, rateCut, holidayMonths })
    // rounding can make the last instalment a little higher than the others
    if (plan.instalments.every(({ payment }) => payment.lessThanOrEqualTo(search.affordability))) return plan
  }
  return undefined
}

function makePlan(
  debt: Debt,
  principal: Exact,
  start: Exact,
  terms: { rate: Exact; count: number; rateCut: number; holidayMonths: number },
): Plan {
  const rows = amortise(start, terms.rate, terms.count, debt.currency)
  const instalments = rows.map((row, place) => ({
    dueOn: addMonths(debt.agreedOn, terms.holidayMonths + place + 1),
    ...row,
  }))
  const totalPayment = total(rows.map(({ payment }) => payment))
  const before = presentValue(debt.owed, debt.effectiveRate, debt.agreedOn)
  const flows = instalments.map(({ dueOn, payment }) => ({ on: dueOn, amount: payment }))
  const after = presentValue(flows, debt.effectiveRate, debt.agreedOn)
  return {
    instalments,
    holidayMonths: terms.holidayMonths,
    rateCut: terms.rateCut,
    monthlyRate: terms.rate,
    principal,
    totalPayment,
    totalInterest: totalPayment.minus(principal),
    extraCost: totalPayment.minus(total(debt.owed.map(({ amount }) => amount))),
    npvLoss: before.minus(after).div(before),
  }
}

function byCost(a: Plan, b: Plan): number {
  const loss = (plan: Plan): Exact => plan.npvLoss.toDecimalPlaces(4)
  return (
    loss(a).comparedTo(loss(b)) ||
    a.totalPayment.comparedTo(b.totalPayment) ||
    a.instalments.length - b.instalments.length
  )
}
