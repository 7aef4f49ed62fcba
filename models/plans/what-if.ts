/** What an instalment plan would change: schedule, cost, class, probation, and what a model would then say. */

import { type Day, datedLedger, formatDay, type LedgerAccount, lastEndedMonth, monthEnd } from '../../data/index.ts'
import { classPeriods, overdueTimeline, packsInForce, productOf, type RulePack, readClock } from '../overdue/index.ts'
import { applyPlan } from './apply-plan.ts'
import { debtOf } from './debt.ts'
import type { Plan, PlanSearch } from './plan.ts'
import { effectiveFromNominal } from './present-value.ts'
import { type ReAgeVerdict, reAgeVerdicts } from './re-age.ts'
import { searchPlans } from './search-plans.ts'

/** An NPV loss above this makes a restructuring a distressed one in the EU; as an example elsewhere. */
const npvLossLimit = 0.01

/** PD by horizon; null where the model has none for the account. */
export type PdByMonths = readonly { readonly months: number; readonly probability: number }[] | null

/** What a what-if needs besides the account. */
export interface WhatIfContext {
  readonly asOf: Day
  readonly currency: string
  readonly packs: readonly RulePack[]
  /** Nominal yearly rate of the contract; left out, told from the first schedule. */
  readonly nominalRate?: number
  readonly search: PlanSearch
  /** Scores accounts in place of the account, each as it stood at the end of the last month; left out, no PD is given. */
  readonly rescore?: (accounts: readonly LedgerAccount[]) => Promise<readonly PdByMonths[]>
}

/** What the re-scored PD is, and what it can't know: for whoever decides on a plan. */
export const rescoringCaveats = {
  kind: 'associational',
  says: {
    en: 'What the model says of accounts with such a history. It is not the effect of the plan.',
    zh: '这是模型对具有类似还款历史的账户的判断，并不代表该方案带来的效果。',
  },
  cannotKnow: [
    {
      en: 'whether the borrower accepts the plan and keeps to it',
      zh: '借款人是否接受并遵守该方案',
    },
    {
      en: 'why accounts of the past were restructured: those chosen for a plan differ from those that weren’t',
      zh: '过去账户被重组的原因：被选中的账户与未被选中的账户本来就不同',
    },
    {
      en: 'what changes outside this account, such as income or debts to other lenders',
      zh: '本账户之外的变化，例如收入或其他机构的债务',
    },
    {
      en: 'payments and arrears after the last month’s end',
      zh: '上月末之后的还款与欠款',
    },
  ],
} as const

/** Where an account stands by one clock before and after a plan, if the plan is kept. */
export interface ClassOutlook {
  readonly pack: string
  readonly classBefore: string
  readonly classAfter: string
  /** First day in the mildest class for good, if every instalment of the plan is paid on time; null: not in its course. */
  readonly mildestFrom: string | null
}

/** One plan with all that follows from it. Amounts in units of the currency. */
export interface PlanOutcome {
  readonly instalments: readonly {
    readonly dueOn: string
    readonly payment: number
    readonly interest: number
    readonly principal: number
    readonly balance: number
  }[]
  readonly months: number
  readonly payment: number
  readonly holidayMonths: number
  readonly rateCut: number
  /** Effective yearly rate, as a fraction. */
  readonly effectiveRate: number
  readonly principal: number
  readonly totalPayment: number
  readonly totalInterest: number
  readonly extraCost: number
  readonly npvLoss: number
  /** Does the NPV loss stay within 1 %? */
  readonly withinNpvLimit: boolean
  readonly reAge: readonly ReAgeVerdict[]
  readonly classes: readonly ClassOutlook[]
  readonly pd: PdByMonths
}

/** The answer of a what-if. */
export interface WhatIf {
  readonly accountId: string
  readonly agreedOn: string
  readonly currency: string
  /** Original effective yearly rate, as a fraction. */
  readonly effectiveRate: number
  /** Present value of what is owed, at that rate: what a plan is made for. */
  readonly owed: number
  /** PD without a plan. */
  readonly pd: PdByMonths
  readonly plans: readonly PlanOutcome[]
  readonly rescoring: typeof rescoringCaveats
}

/**
 * Searches plans for an account and works out what follows from each.
 *
 * PD is re-scored on the history as it would stand had the plan been agreed on the last month's end, by the same
 * features as any other history.
 *
 * @throws InputError if nothing is owed, or the original rate can't be told.
 */
export async function whatIf(account: LedgerAccount, context: WhatIfContext): Promise<WhatIf> {
  const { asOf, currency } = context
  const debt = debtOf(account, { ...context, agreedOn: asOf })
  const plans = searchPlans(debt, context.search)
  const packs = packsInForce(context.packs, productOf(account), formatDay(asOf))
  const scoredOn = monthEnd(lastEndedMonth(asOf))
  const histories = [account, ...plans.map(plan => applyPlan(account, plan, scoredOn, false))]
  const pds = (await context.rescore?.(histories)) ?? histories.map(() => null)
  return {
    accountId: account.accountId,
    agreedOn: formatDay(asOf),
    currency,
    effectiveRate: debt.effectiveRate.toDecimalPlaces(6).toNumber(),
    owed: plans[0]?.principal.toNumber() ?? 0,
    pd: pds[0] ?? null,
    plans: plans.map((plan, place) => ({
      ...amountsOf(plan),
      reAge: reAgeVerdicts(packs, account, asOf),
      classes: packs.map(pack => outlook(pack, account, plan, asOf, currency)),
      pd: pds[place + 1] ?? null,
    })),
    rescoring: rescoringCaveats,
  }
}

function amountsOf(plan: Plan): Omit<PlanOutcome, 'reAge' | 'classes' | 'pd'> {
  const npvLoss = plan.npvLoss.toDecimalPlaces(6).toNumber()
  return {
    instalments: plan.instalments.map(({ dueOn, payment, interest, principal, balance }) => ({
      dueOn: formatDay(dueOn),
      payment: payment.toNumber(),
      interest: interest.toNumber(),
      principal: principal.toNumber(),
      balance: balance.toNumber(),
    })),
    months: plan.holidayMonths + plan.instalments.length,
    payment: plan.instalments[0]?.payment.toNumber() ?? 0,
    holidayMonths: plan.holidayMonths,
    rateCut: plan.rateCut,
    effectiveRate: effectiveFromNominal(plan.monthlyRate.mul(12)).toDecimalPlaces(6).toNumber(),
    principal: plan.principal.toNumber(),
    totalPayment: plan.totalPayment.toNumber(),
    totalInterest: plan.totalInterest.toNumber(),
    extraCost: plan.extraCost.toNumber(),
    npvLoss,
    withinNpvLimit: plan.npvLoss.lessThanOrEqualTo(npvLossLimit),
  }
}

/** Years after the plan's end through which a class is looked for. */
const yearsAfter = 2

function outlook(pack: RulePack, account: LedgerAccount, plan: Plan, agreedOn: Day, currency: string): ClassOutlook {
  const now = overdueTimeline(datedLedger(account), { asOf: agreedOn })
  const before = readClock(pack, now, currency).rank.at(-1) ?? 0
  const kept = datedLedger(applyPlan(account, plan, agreedOn, true))
  const end = (plan.instalments.at(-1)?.dueOn ?? agreedOn) + 366 * yearsAfter
  const timeline = overdueTimeline(kept, {
    asOf: end,
    restructurings: [...now.restructurings, { on: agreedOn, npvLoss: plan.npvLoss.toNumber() }],
  })
  const periods = classPeriods(readClock(pack, timeline, currency), timeline)
  const after = periods.find(({ from, to }) => from <= agreedOn && agreedOn <= to)
  const last = periods.at(-1)
  return {
    pack: pack.id,
    classBefore: pack.classes[before]?.id ?? '',
    classAfter: after?.class ?? '',
    mildestFrom: last?.rank === 0 ? formatDay(Math.max(agreedOn, last.from)) : null,
  }
}
