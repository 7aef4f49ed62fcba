/** The warning level: PD, its change since the last scoring, and as many warnings as there are people to act. */

import type { Day } from '../../../data/index.ts'
import { type PolicyFile, type WarningLevel, warningLevels } from '../file/policy-schema.ts'
import { type Ladder, type Standing, stand, stepOf } from './ladder.ts'

/** Prepares the ladder of warning levels. */
export function warningLadder({ warning }: PolicyFile): Ladder<WarningLevel> {
  return { ...warning, steps: warningLevels, from: warning.levels.map(({ from }) => from) }
}

/**
 * The ladder when warnings are short: below the cut-off nobody is newly warned, and the cut-off is a boundary like any
 * other, with its margin.
 *
 * @param cutoff - PD from which there are people to act; null = no limit.
 */
export function withinBudget(
  ladder: Ladder<WarningLevel>,
  { warning }: PolicyFile,
  cutoff: number | null,
): Ladder<WarningLevel> {
  if (cutoff === null || warning.budget === null) return ladder
  const first = warningLevels.indexOf(warning.budget.from)
  return { ...ladder, from: ladder.from.map((from, step) => (step < first ? from : Math.max(from, cutoff))) }
}

/**
 * Where an account stands on the ladder of warning levels after a scoring.
 *
 * @param pd - At the policy's horizon.
 * @param previousPd - The same at the scoring before; null = none.
 */
export function warn(
  policy: PolicyFile,
  ladder: Ladder<WarningLevel>,
  pd: number,
  previousPd: number | null,
  day: Day,
  before: Standing | null,
): Standing<WarningLevel> {
  const { rise } = policy.warning
  const rose = rise !== null && previousPd !== null && pd >= rise.times * previousPd && pd - previousPd >= rise.atLeast
  if (!rose) return stand(ladder, pd, day, before)
  const raised = Math.min(stepOf(ladder.from, pd) + 1, warningLevels.length - 1)
  // A rise doesn't lift anybody over the cut-off of the budget: one step up from below it is not a warning yet.
  const beyond = ladder.from[raised] as number
  const own = policy.warning.levels[raised]?.from ?? 0
  return stand(ladder, pd, day, before, beyond > own && pd < beyond ? 0 : raised)
}

/**
 * The cut-off at which no more accounts are at or above a level than can be acted on.
 *
 * @param pds - PD of each account of the book.
 * @param warnings - How many there may be.
 * @returns The least PD at which at most so many accounts lie; accounts with equal PD are all in or all out.
 */
export function budgetCutoff(pds: ArrayLike<number>, warnings: number): number {
  const sorted = Float64Array.from(pds).sort()
  if (warnings >= sorted.length) return 0
  const first = sorted[sorted.length - warnings - 1] as number
  const above = sorted.subarray(sorted.length - warnings).find(pd => pd > first)
  return above ?? Number.POSITIVE_INFINITY
}
