/** The hold-out arm: who is left untreated, by a hash, so that what treating does can be measured. */

import { stableFraction } from '../../../data/index.ts'
import type { PolicyFile } from '../file/policy-schema.ts'

/** Arm of a borrower. */
export type Arm = 'treated' | 'hold-out'

/** The arm of a borrower: the same for all accounts, for good, until the salt changes. */
export function armOf({ holdOut }: Pick<PolicyFile, 'holdOut'>, borrowerId: string): Arm {
  return stableFraction(`${holdOut.salt}/${borrowerId}`, 0) < holdOut.share ? 'hold-out' : 'treated'
}

/** Counts of one arm. */
export interface ArmCounts {
  readonly accounts: number
  /** Accounts with the event. */
  readonly events: number
}

/** What treating did. */
export interface Uplift {
  readonly treated: ArmCounts & { readonly rate: number | null }
  readonly holdOut: ArmCounts & { readonly rate: number | null }
  /** Event rate of the hold-out less that of the treated; above 0: treating prevents events. Null: an arm is empty. */
  readonly difference: number | null
  /** 95 % interval of the difference. */
  readonly interval: readonly [number, number] | null
  /** False while the interval holds 0: chance alone may have made the difference. */
  readonly told: boolean
}

const z95 = 1.959963984540054

/**
 * Compares the event rates of the two arms.
 *
 * @see Newcombe (1998), Interval estimation for the difference between independent proportions, method 10
 */
export function uplift(treated: ArmCounts, holdOut: ArmCounts): Uplift {
  const rated = (arm: ArmCounts) => ({ ...arm, rate: arm.accounts === 0 ? null : arm.events / arm.accounts })
  const [a, b] = [rated(holdOut), rated(treated)]
  if (a.rate === null || b.rate === null) {
    return { treated: b, holdOut: a, difference: null, interval: null, told: false }
  }
  const difference = a.rate - b.rate
  const [l1, u1] = wilson(a)
  const [l2, u2] = wilson(b)
  const low = difference - Math.hypot(a.rate - l1, u2 - b.rate)
  const high = difference + Math.hypot(u1 - a.rate, b.rate - l2)
  return { treated: b, holdOut: a, difference, interval: [low, high], told: low > 0 || high < 0 }
}

/** 95 % interval of a proportion. @see Wilson (1927) */
function wilson({ accounts: n, events }: ArmCounts): [number, number] {
  const p = events / n
  const z2 = z95 * z95
  const middle = p + z2 / (2 * n)
  const half = z95 * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n))
  return [(middle - half) / (1 + z2 / n), (middle + half) / (1 + z2 / n)]
}
