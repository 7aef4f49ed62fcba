/**
 * Grades and warning levels that don't flap: a step of a ladder is left only when its boundary is crossed clearly, or
 * when the account has stood beyond it at several scorings in a row, and not again within some quiet days.
 */

import type { Day } from '../../../data/index.ts'

/** Steps from the least probability to the greatest. */
export interface Ladder<Step extends string> {
  readonly steps: readonly Step[]
  /** Least probability of each step, ascending, the first 0; shape `[step]`. */
  readonly from: readonly number[]
  /** Share by which a boundary must be crossed for a move at once, in [0, 1]. */
  readonly moveMargin: number
  /** Scorings in a row beyond a boundary after which it moves all the same. */
  readonly moveAfterScorings: number
  /** Days after a change in which there is no other, unless to the last step. */
  readonly quietDays: number
}

/** Where an account stands on a ladder. */
export interface Standing<Step extends string = string> {
  readonly step: Step
  /** Day on which it came to this step. */
  readonly since: Day
  /** The step beyond a boundary at which it has been scored lately, nearest of those; null = none. */
  readonly beyond: Step | null
  /** Scorings in a row there. */
  readonly beyondScorings: number
}

/** Index of the step of a probability: the last one whose least probability isn't above it. */
export function stepOf(from: ArrayLike<number>, probability: number): number {
  let step = 0
  while (step + 1 < from.length && (from[step + 1] as number) <= probability) step += 1
  return step
}

/**
 * Where an account stands after a scoring.
 *
 * @param probability - In [0, 1].
 * @param day - The scoring's day; later than that of `before`.
 * @param before - Where it stood; null, or a step that the ladder no longer has: it begins anew.
 * @param least - Step that it is raised to at least, at once, whatever the probability; for a sudden rise.
 */
export function stand<Step extends string>(
  ladder: Ladder<Step>,
  probability: number,
  day: Day,
  before: Standing | null,
  least = 0,
): Standing<Step> {
  const { steps, from, moveMargin, moveAfterScorings, quietDays } = ladder
  const target = Math.max(least, stepOf(from, probability))
  const at = before === null ? -1 : steps.indexOf(before.step as Step)
  if (before === null || at === -1) {
    return { step: steps[target] as Step, since: day, beyond: null, beyondScorings: 0 }
  }
  const stays = { step: steps[at] as Step, since: before.since }
  if (target === at) return { ...stays, beyond: null, beyondScorings: 0 }

  const up = target > at
  const lately = before.beyond === null ? -1 : steps.indexOf(before.beyond as Step)
  const sameSide = lately !== -1 && lately > at === up
  const beyond = sameSide ? (up ? Math.min(lately, target) : Math.max(lately, target)) : target
  const beyondScorings = sameSide ? before.beyondScorings + 1 : 1

  let reached = at
  if (up) {
    while (reached < target && probability >= (from[reached + 1] as number) * (1 + moveMargin)) reached += 1
    reached = Math.max(reached, Math.min(least, target))
  } else {
    while (reached > target && probability < (from[reached] as number) * (1 - moveMargin)) reached -= 1
  }
  if (beyondScorings >= moveAfterScorings) reached = up ? Math.max(reached, beyond) : Math.min(reached, beyond)

  const quiet = day - before.since < quietDays
  const toTheTop = up && reached === steps.length - 1
  if (reached === at || (quiet && !toTheTop)) return { ...stays, beyond: steps[beyond] as Step, beyondScorings }
  return { step: steps[reached] as Step, since: day, beyond: null, beyondScorings: 0 }
}
