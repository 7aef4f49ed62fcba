/** Score points from a probability, and back. */

/** How points are scaled. */
export interface PointsScale {
  /** Points at the base odds. */
  readonly baseScore: number
  /** Good : bad. */
  readonly baseOdds: number
  /** Points by which the score rises when the odds double (PDO). */
  readonly pointsToDoubleOdds: number
}

/** Probabilities nearer to 0 or 1 than this have the points of this one: odds without end have no score. */
const leastProbability = 1e-9

/**
 * factor = PDO / ln 2; offset = S₀ − factor · ln(odds₀).
 *
 * @see Siddiqi (2006), *Credit Risk Scorecards*, chapter 6
 */
export function factorAndOffset({ baseScore, baseOdds, pointsToDoubleOdds }: PointsScale): {
  factor: number
  offset: number
} {
  const factor = pointsToDoubleOdds / Math.LN2
  return { factor, offset: baseScore - factor * Math.log(baseOdds) }
}

/**
 * Points of a probability: offset + factor · ln((1 − p) / p); more points, less risk.
 *
 * @param pd - In [0, 1].
 */
export function pointsOf(scale: PointsScale, pd: number): number {
  const { factor, offset } = factorAndOffset(scale)
  const p = Math.min(1 - leastProbability, Math.max(leastProbability, pd))
  return offset + factor * Math.log((1 - p) / p)
}

/** Probability of a number of points: 1 / (1 + e^((S − offset) / factor)). */
export function probabilityOf(scale: PointsScale, points: number): number {
  const { factor, offset } = factorAndOffset(scale)
  return 1 / (1 + Math.exp((points - offset) / factor))
}
