/** The latent state that drives everything: the economy's regime and a borrower's financial stress, as Markov chains. */

/** Regime of the economy: 0 normal, 1 downturn. */
export type Regime = 0 | 1

/** A borrower's financial stress: 0 calm, 1 strained, 2 distressed. */
export type Stress = 0 | 1 | 2

/** Monthly probability of each regime after each. */
const regimeTransition = [
  [0.95, 0.05],
  [0.12, 0.88],
] as const

/** Monthly probabilities of getting worse and better at vulnerability 1 in normal times. */
const worse = { calm: 0.03, strained: 0.11 } as const
const better = { strained: 0.2, distressed: 0.16 } as const

/** What a downturn does to them. */
const downturn = { worse: 2, better: 0.7 } as const

/** No month makes more than this share worse, however vulnerable. */
const worseAtMost = 0.5

/** Probability of each regime next month. */
export function nextRegime(regime: Regime): readonly [number, number] {
  return regimeTransition[regime]
}

/**
 * Probability of each stress next month.
 *
 * @param regime - Regime of the next month.
 * @param vulnerability - Multiplies the probabilities of getting worse; 1 is average.
 */
export function nextStress(stress: Stress, regime: Regime, vulnerability: number): readonly [number, number, number] {
  const down = (base: number): number =>
    Math.min(worseAtMost, base * vulnerability * (regime === 1 ? downturn.worse : 1))
  const up = (base: number): number => base * (regime === 1 ? downturn.better : 1)
  if (stress === 0) return [1 - down(worse.calm), down(worse.calm), 0]
  if (stress === 1) return [up(better.strained), 1 - up(better.strained) - down(worse.strained), down(worse.strained)]
  return [0, up(better.distressed), 1 - up(better.distressed)]
}

/** When an instalment is paid: on its due date or before, 1–6 days late, 7–27 days late, or not within 30 days. */
export type DelayClass = 'on-time' | 'short' | 'medium' | 'missed'

/** Days late of each class, first and last. A missed instalment is drawn apart. */
export const delayDays = { short: [1, 6], medium: [7, 27] } as const

/** Probability of each class given stress. */
const delayProbability = {
  'on-time': [0.93, 0.74, 0.4],
  short: [0.052, 0.15, 0.19],
  medium: [0.013, 0.07, 0.19],
  missed: [0.005, 0.04, 0.22],
} as const satisfies Record<DelayClass, readonly number[]>

/** What a forgetful borrower pays a few days late although nothing is wrong: share of what would be on time. */
const forgetfulShare = 0.3

/** Before and after the turn of the year more is paid a few days late. */
const seasonalShare = { months: [0, 11], share: 0.06 } as const

/**
 * Probability of each delay class.
 *
 * Forgetfulness and season move payments from on time to a few days late, and never beyond: small and frequent lapses
 * are not distress.
 *
 * @param monthOfYear - 0 = January.
 */
export function delayProbabilities(
  stress: Stress,
  forgetful: boolean,
  monthOfYear: number,
): Record<DelayClass, number> {
  const onTime = delayProbability['on-time'][stress]
  const seasonal = (seasonalShare.months as readonly number[]).includes(monthOfYear) ? seasonalShare.share : 0
  const moved = onTime * ((forgetful ? forgetfulShare : 0) + seasonal)
  return {
    'on-time': onTime - moved,
    short: delayProbability.short[stress] + moved,
    medium: delayProbability.medium[stress],
    missed: delayProbability.missed[stress],
  }
}

/** Probability that a loan paid on time is settled early with that payment, by stress. */
export const earlySettlement = [0.02, 0.006, 0.001] as const
