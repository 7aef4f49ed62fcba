/** Whom to reach first with the people there are: by expected saving, with a share kept for those who wait longest. */

import { Decimal } from 'decimal.js'
import type { Day } from '../../data/index.ts'
import { stepOf } from './decision/ladder.ts'
import type { PolicyFile } from './file/policy-schema.ts'
import type { TreatmentName } from './file/treatment-schema.ts'

/** An account whose treatment may need a person. */
export interface WorklistCase {
  readonly borrowerId: string
  readonly accountId: string
  readonly treatment: TreatmentName
  /** PD at the policy's horizon; null if the model gives none: days past due speak then. */
  readonly pd: number | null
  readonly daysPastDue: number
  /** What is owed, in the policy's currency. */
  readonly exposure: number
  /** Day since which it has been waiting for this treatment. */
  readonly waitingSince: Day
  /** May it be contacted now? */
  readonly permitted: boolean
}

/** A place on the worklist. */
export interface WorklistPlace<Case extends WorklistCase = WorklistCase> {
  readonly case: Case
  /** Money to the cent, such as `123.45`. */
  readonly expectedSaving: string
  readonly waitedDays: number
  /** waiting: it has a place of the share reserved for those who wait longest. */
  readonly because: 'saving' | 'waiting'
}

/** A worklist, and who is not on it. */
export interface Worklist<Case extends WorklistCase = WorklistCase> {
  /** By expected saving, greatest first. */
  readonly places: readonly WorklistPlace<Case>[]
  /** Cases that may not be contacted now. */
  readonly notPermitted: number
  /** Cases whose treatment costs more than it saves. */
  readonly notWorthwhile: number
  /** Worthwhile cases for which nobody is there. */
  readonly unserved: { readonly cases: number; readonly expectedSaving: string }
}

/**
 * Expected saving of treating a case once: probability × exposure × loss given default × effect − cost.
 *
 * @returns In the policy's currency, exact.
 */
export function expectedSaving(policy: PolicyFile, one: WorklistCase): Decimal {
  const { worklist, treatments } = policy
  const { effect, cost } = treatments[one.treatment]
  const probability = one.pd ?? overdueProbability(policy, one.daysPastDue)
  return new Decimal(probability).times(one.exposure).times(worklist.lossGivenDefault).times(effect).minus(cost)
}

/** Probability of loss of an account that is too overdue for the model, by the policy's table. */
function overdueProbability({ worklist: { overdueProbability: table } }: PolicyFile, daysPastDue: number): number {
  const step = stepOf(
    table.map(({ daysPastDue: { from } }) => from),
    daysPastDue,
  )
  return table[step]?.probability ?? 0
}

/**
 * Orders cases for the people there are.
 *
 * @param capacity - Cases that can be handled.
 * @param today - Day of the list.
 */
export function makeWorklist<Case extends WorklistCase>(
  policy: PolicyFile,
  cases: readonly Case[],
  capacity: number,
  today: Day,
): Worklist<Case> {
  const byPeople = cases.filter(({ treatment }) => policy.treatments[treatment].by === 'person')
  const permitted = byPeople.filter(one => one.permitted)
  const valued = permitted.map(one => ({
    case: one,
    saving: expectedSaving(policy, one),
    waitedDays: Math.max(0, today - one.waitingSince),
  }))
  const worthwhile = valued.filter(({ saving }) => saving.greaterThan(0))
  const bySaving = [...worthwhile].sort(
    (a, b) =>
      b.saving.comparedTo(a.saving) || b.waitedDays - a.waitedDays || compareText(a.case.accountId, b.case.accountId),
  )
  const waiting = bySaving
    .filter(({ waitedDays }) => waitedDays >= policy.worklist.longestWaitDays)
    .sort((a, b) => b.waitedDays - a.waitedDays) // stable: of equal waits the greater saving first
  const reserved = new Set(waiting.slice(0, Math.ceil(capacity * policy.worklist.reservedShare)))
  const others = bySaving.filter(one => !reserved.has(one)).slice(0, Math.max(0, capacity - reserved.size))
  const chosen = new Set([...reserved, ...others])
  const left = bySaving.filter(one => !chosen.has(one))
  return {
    places: bySaving
      .filter(one => chosen.has(one))
      .map(one => ({
        case: one.case,
        expectedSaving: one.saving.toFixed(2),
        waitedDays: one.waitedDays,
        because: reserved.has(one) ? 'waiting' : 'saving',
      })),
    notPermitted: byPeople.length - permitted.length,
    notWorthwhile: valued.length - worthwhile.length,
    unserved: {
      cases: left.length,
      expectedSaving: left.reduce((sum, { saving }) => sum.plus(saving), new Decimal(0)).toFixed(2),
    },
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
