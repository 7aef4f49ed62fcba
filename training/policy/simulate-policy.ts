/** A past portfolio under a policy: who would have been treated how, at what cost, catching which events, how early. */

import { Decimal } from 'decimal.js'
import { formatMonth, type Month, monthEnd } from '../../data/index.ts'
import {
  type AccountState,
  type Arm,
  budgetCutoff,
  type CompiledPolicy,
  type DecisionMade,
  decide,
  makeWorklist,
  type TreatmentName,
  treatmentNames,
  type Uplift,
  uplift,
  type WarningLevel,
  type WorklistCase,
  warningLevels,
} from '../../models/index.ts'
import { decidedAt, type PastCase } from './past-decisions.ts'

/** What a treatment would have come to. */
export interface TreatmentOutcome {
  readonly treatment: TreatmentName
  /** Decisions for it, an account counting once a month. */
  readonly decisions: number
  readonly accounts: number
  readonly cost: string
  /** Decisions after which the event came within the horizon, of those of which that is known. */
  readonly events: number
  readonly known: number
  /** Decisions that were held back because of the hold-out arm. */
  readonly withheld: number
}

/** One month of the simulation. */
export interface SimulatedMonth {
  readonly month: string
  readonly accounts: number
  readonly levels: Readonly<Record<WarningLevel, number>>
  /** PD from which there were people to act; null: the policy has no budget. */
  readonly budgetCutoff: number | null
  /** Accounts whose level differs from the month before. */
  readonly levelChanges: number
  readonly worklist: {
    readonly served: number
    readonly expectedSaving: string
    readonly unserved: number
    readonly unservedSaving: string
  }
}

/** The result. */
export interface PolicySimulation {
  readonly policy: { readonly name: string; readonly version: number; readonly hash: string }
  readonly from: string
  readonly to: string
  readonly treatments: readonly TreatmentOutcome[]
  readonly cost: string
  readonly months: readonly SimulatedMonth[]
  /** Accounts that came to the event, those warned before it, and how early. */
  readonly warnings: {
    readonly from: WarningLevel
    readonly events: number
    readonly warned: number
    /** Quarters of the warned: months from the first warning to the event; null if none was. */
    readonly leadMonths: { readonly p25: number; readonly median: number; readonly p75: number } | null
    /** Accounts that were warned and came to no event. */
    readonly falseAlarms: number
  }
  /** By treatment that may be held back: events after it and after its being held back. */
  readonly holdOut: readonly { readonly treatment: TreatmentName; readonly uplift: Uplift }[]
}

/** Accounts at this level or above are warned, unless the budget says otherwise. */
const warnedFrom: WarningLevel = 'yellow'

/**
 * Decides about every case in the order of months, as it would have been decided then.
 *
 * @param cases - By month, ascending.
 * @param capacity - Cases that people can handle in a month.
 */
export function simulatePolicy(policy: CompiledPolicy, cases: readonly PastCase[], capacity: number): PolicySimulation {
  const byMonth = new Map<Month, PastCase[]>()
  for (const one of cases) {
    const month = byMonth.get(one.month)
    if (month === undefined) byMonth.set(one.month, [one])
    else month.push(one)
  }
  const run: Run = {
    policy,
    capacity,
    warnedFrom: policy.file.warning.budget?.from ?? warnedFrom,
    states: new Map(),
    waiting: new Map(),
    firstWarning: new Map(),
    firstEvent: new Map(),
    tally: new Map(),
    arms: new Map(),
  }
  const months = [...byMonth].map(([month, cases]) => simulateMonth(run, month, cases))
  const treatments = outcomes(run)
  const cost = treatments.reduce((sum, one) => sum.plus(one.cost), new Decimal(0))
  return {
    policy: { name: policy.file.name, version: policy.file.version, hash: policy.hash },
    from: months[0]?.month ?? '',
    to: months.at(-1)?.month ?? '',
    treatments,
    cost: cost.toFixed(2),
    months,
    warnings: warningsOf(run),
    holdOut: policy.file.holdOut.treatments.flatMap(treatment => {
      const arms = run.arms.get(treatment as TreatmentName)
      if (arms === undefined) return []
      return [{ treatment: treatment as TreatmentName, uplift: uplift(arms.treated, arms['hold-out']) }]
    }),
  }
}

interface Tally {
  decisions: number
  readonly accounts: Set<string>
  events: number
  known: number
  withheld: number
}

interface Run {
  readonly policy: CompiledPolicy
  readonly capacity: number
  readonly warnedFrom: WarningLevel
  readonly states: Map<string, AccountState>
  /** Account → treatment and the day since which it waits for it. */
  readonly waiting: Map<string, { readonly treatment: TreatmentName; readonly since: number }>
  readonly firstWarning: Map<string, Month>
  readonly firstEvent: Map<string, Month>
  readonly tally: Map<TreatmentName, Tally>
  /** The first decision about an account for each treatment that may be held back. */
  readonly arms: Map<TreatmentName, Record<Arm, { accounts: number; events: number; readonly seen: Set<string> }>>
}

function simulateMonth(run: Run, month: Month, cases: readonly PastCase[]): SimulatedMonth {
  const { policy } = run
  const day = monthEnd(month)
  const { budget, horizonMonths } = policy.file.warning
  const pds = cases.flatMap(({ pd }) => (pd === null ? [] : [pd[Math.min(horizonMonths, pd.length) - 1] as number]))
  const cutoff = budget === null ? null : budgetCutoff(pds, budget.warnings)
  const levels = Object.fromEntries(warningLevels.map(level => [level, 0])) as Record<WarningLevel, number>
  let levelChanges = 0
  const people: WorklistCase[] = []
  for (const one of cases) {
    const before = run.states.get(one.accountId)
    const made = decideCase(policy, one, day, before ?? null, cutoff)
    run.states.set(one.accountId, made.state)
    const level = made.decision.warningLevel
    if (level !== null) levels[level] += 1
    if (before?.level !== undefined && before.level !== null && level !== null && before.level.step !== level) {
      levelChanges += 1
    }
    note(run, one, made)
    const waiting = waitFor(run, one.accountId, made.decision.treatment.name, day)
    people.push({
      borrowerId: one.borrowerId,
      accountId: one.accountId,
      treatment: made.decision.treatment.name,
      pd: made.state.pd,
      daysPastDue: one.daysPastDue,
      exposure: one.exposure,
      waitingSince: waiting,
      // Within the month there is time to wait for the next permitted hour.
      permitted: made.decision.permit !== null && made.decision.permit.nextPermittedAt !== null,
    })
  }
  const list = makeWorklist(policy.file, people, run.capacity, day)
  for (const { case: served } of list.places) run.waiting.delete(served.accountId)
  return {
    month: formatMonth(month),
    accounts: cases.length,
    levels,
    budgetCutoff: cutoff,
    levelChanges,
    worklist: {
      served: list.places.length,
      expectedSaving: list.places.reduce((sum, place) => sum.plus(place.expectedSaving), new Decimal(0)).toFixed(2),
      unserved: list.unserved.cases,
      unservedSaving: list.unserved.expectedSaving,
    },
  }
}

function decideCase(
  policy: CompiledPolicy,
  one: PastCase,
  day: number,
  previous: AccountState | null,
  cutoff: number | null,
): DecisionMade {
  return decide(policy, {
    borrowerId: one.borrowerId,
    accountId: one.accountId,
    day,
    pd: one.pd,
    daysPastDue: one.daysPastDue,
    classes: {},
    technical: false,
    partialPayments: one.partialPayments,
    brokenPromises: 0,
    response: 'none',
    reasonFamily: one.reasonFamily,
    product: one.product,
    stops: [],
    previous,
    budgetCutoff: cutoff,
    contact: { at: decidedAt(one.month), jurisdiction: null, timeZone: null, consents: [], refusals: [], attempts: [] },
  })
}

/** Counts a decision. */
function note(run: Run, one: PastCase, { decision }: DecisionMade): void {
  const { accountId, month, eventMonth } = one
  const known = eventMonth !== null
  const event = known && eventMonth > 0
  const { name, withheld, arm } = decision.treatment
  const tally = tallyOf(run, name)
  tally.decisions += 1
  tally.accounts.add(accountId)
  if (known) tally.known += 1
  if (event) tally.events += 1
  if (withheld !== null) tallyOf(run, withheld).withheld += 1

  const meant = withheld ?? name
  if (known && run.policy.file.holdOut.treatments.includes(meant)) {
    const arms = run.arms.get(meant) ?? { treated: newArm(), 'hold-out': newArm() }
    run.arms.set(meant, arms)
    if (!arms[arm].seen.has(accountId)) {
      arms[arm].seen.add(accountId)
      arms[arm].accounts += 1
      if (event) arms[arm].events += 1
    }
  }

  const level = decision.warningLevel
  const warned = level !== null && warningLevels.indexOf(level) >= warningLevels.indexOf(run.warnedFrom)
  if (warned && !run.firstWarning.has(accountId)) run.firstWarning.set(accountId, month)
  if (event) {
    const first = run.firstEvent.get(accountId) ?? Number.POSITIVE_INFINITY
    run.firstEvent.set(accountId, Math.min(first, month + eventMonth))
  }
}

function newArm(): { accounts: number; events: number; readonly seen: Set<string> } {
  return { accounts: 0, events: 0, seen: new Set() }
}

function tallyOf(run: Run, treatment: TreatmentName): Tally {
  const known = run.tally.get(treatment)
  if (known !== undefined) return known
  const tally = { decisions: 0, accounts: new Set<string>(), events: 0, known: 0, withheld: 0 }
  run.tally.set(treatment, tally)
  return tally
}

/** Day since which an account has been waiting for the treatment it is meant to have. */
function waitFor(run: Run, accountId: string, treatment: TreatmentName, day: number): number {
  const waiting = run.waiting.get(accountId)
  if (waiting?.treatment === treatment) return waiting.since
  run.waiting.set(accountId, { treatment, since: day })
  return day
}

function outcomes({ tally, policy }: Run): TreatmentOutcome[] {
  return treatmentNames.flatMap(treatment => {
    const counted = tally.get(treatment)
    if (counted === undefined) return []
    const { decisions, accounts, events, known, withheld } = counted
    const cost = new Decimal(policy.file.treatments[treatment].cost).times(decisions).toFixed(2)
    return [{ treatment, decisions, accounts: accounts.size, cost, events, known, withheld }]
  })
}

function warningsOf({ firstWarning, firstEvent, warnedFrom: from }: Run): PolicySimulation['warnings'] {
  const lead = [...firstEvent]
    .flatMap(([account, event]) => {
      const warning = firstWarning.get(account)
      return warning !== undefined && warning < event ? [event - warning] : []
    })
    .sort((a, b) => a - b)
  const at = (share: number): number => lead[Math.min(lead.length - 1, Math.floor(lead.length * share))] as number
  return {
    from,
    events: firstEvent.size,
    warned: lead.length,
    leadMonths: lead.length === 0 ? null : { p25: at(0.25), median: at(0.5), p75: at(0.75) },
    falseAlarms: [...firstWarning.keys()].filter(account => !firstEvent.has(account)).length,
  }
}
