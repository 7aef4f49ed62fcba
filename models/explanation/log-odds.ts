/** From hazard logits to the log-odds of a PD, and how a change of the log-odds is shared out among the hazards. */

import { type Calibration, sigmoid, softplus } from '../calibration.ts'

/** Nodes and weights on [0, 1]; ten nodes are exact to about 1e-9 for the functions met here. */
const quadrature = gaussLegendre(10)

/**
 * logit PD(h) for hazard logits of months 1…H.
 *
 * @param hazards - Row-major hazard logits, shape `[row, H]`.
 * @param row - Which row.
 * @param horizon - h, 1…H.
 * @returns In log-odds.
 */
export function logitOfPd(calibration: Calibration, hazards: ArrayLike<number>, row: number, horizon: number): number {
  const first = row * calibration.slope.length
  let logSurvival = 0
  for (let month = 0; month < horizon; month += 1) {
    const hazard = hazards[first + month] as number
    logSurvival -= softplus((calibration.intercept[month] as number) + (calibration.slope[month] as number) * hazard)
  }
  return Math.log(-Math.expm1(logSurvival)) - logSurvival
}

/**
 * Aumann–Shapley weight of each hazard logit: the mean derivative of logit PD(h) along the line from `from` to a row.
 *
 * @param from - Hazard logits of the baseline, shape `[H]`.
 * @param hazards - Row-major hazard logits, shape `[row, H]`.
 * @param horizon - h, 1…H; later months get 0.
 * @returns Row-major, shape `[row, H]`: times the change of each hazard logit they sum to the change of logit PD(h).
 * @see Aumann & Shapley (1974), Values of Non-Atomic Games; Sundararajan, Taly & Yan (2017), Axiomatic Attribution
 */
export function hazardWeights(
  calibration: Calibration,
  from: ArrayLike<number>,
  hazards: ArrayLike<number>,
  rows: number,
  horizon: number,
): Float32Array {
  const { slope, intercept } = calibration
  const months = slope.length
  const weights = new Float32Array(rows * months)
  const point = new Float64Array(horizon)
  const sums = new Float64Array(horizon)
  for (let row = 0; row < rows; row += 1) {
    sums.fill(0)
    for (const { at, weight } of quadrature) {
      let logSurvival = 0
      for (let month = 0; month < horizon; month += 1) {
        const start = from[month] as number
        const hazard = start + at * ((hazards[row * months + month] as number) - start)
        const z = (intercept[month] as number) + (slope[month] as number) * hazard
        point[month] = z
        logSurvival -= softplus(z)
      }
      const share = weight / -Math.expm1(logSurvival)
      for (let month = 0; month < horizon; month += 1) {
        sums[month] = (sums[month] as number) + share * (slope[month] as number) * sigmoid(point[month] as number)
      }
    }
    for (let month = 0; month < horizon; month += 1) weights[row * months + month] = sums[month] as number
  }
  return weights
}

/**
 * Nodes and weights of Gauss–Legendre quadrature on [0, 1], by Newton's method on the Legendre polynomials.
 *
 * @see Press et al. (2007), Numerical Recipes, section 4.6
 */
export function gaussLegendre(count: number): readonly { readonly at: number; readonly weight: number }[] {
  return Array.from({ length: count }, (_, index) => {
    let x = Math.cos((Math.PI * (index + 0.75)) / (count + 0.5))
    let derivative = 1
    for (let step = 0; step < 100; step += 1) {
      let [previous, current] = [0, 1]
      for (let n = 1; n <= count; n += 1) {
        ;[previous, current] = [current, ((2 * n - 1) * x * current - (n - 1) * previous) / n]
      }
      derivative = (count * (x * current - previous)) / (x * x - 1)
      const change = current / derivative
      x -= change
      if (Math.abs(change) < 1e-15) break
    }
    return { at: (1 + x) / 2, weight: 1 / ((1 - x * x) * derivative * derivative) }
  })
}
