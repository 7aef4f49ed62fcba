/** The door of instalment plans: what one would cost and change, before it is agreed. */

export { type AmortisationRow, amortise, capitalise, levelPayment } from './amortisation.ts'
export { applyPlan } from './apply-plan.ts'
export { type DebtContext, debtOf } from './debt.ts'
export { Exact } from './money.ts'
export { type Debt, type Plan, type PlanSearch, planSearchSchema } from './plan.ts'
export { type CashFlow, effectiveFromNominal, effectiveRate, monthlyRate, presentValue } from './present-value.ts'
export { type ReAgeVerdict, reAgeVerdicts } from './re-age.ts'
export { searchPlans } from './search-plans.ts'
export {
  type ClassOutlook,
  type PdByMonths,
  type PlanOutcome,
  rescoringCaveats,
  type WhatIf,
  type WhatIfContext,
  whatIf,
} from './what-if.ts'
