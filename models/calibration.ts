/** Hazard logits → calibrated hazards → PD(1…H), which never falls with the horizon. Apply only. */

import { z } from 'zod'

/** One line per month of the performance window: calibrated logit = intercept + slope · logit. */
export const calibrationSchema = z.strictObject({
  /** Greater than 0, so that calibration never changes the order of hazards; length H. */
  slope: z.array(z.number().positive()),
  /** Length H. */
  intercept: z.array(z.number()),
})

/** A fitted calibration. */
export type Calibration = z.infer<typeof calibrationSchema>

/** The calibration that changes nothing, for `horizonMonths` months. */
export function identityCalibration(horizonMonths: number): Calibration {
  return { slope: Array(horizonMonths).fill(1), intercept: Array(horizonMonths).fill(0) }
}

/** The logistic function. */
export function sigmoid(logit: number): number {
  return logit >= 0 ? 1 / (1 + Math.exp(-logit)) : Math.exp(logit) / (1 + Math.exp(logit))
}

/** ln(1 + eˣ), which is −ln(1 − σ(x)), without overflow. */
export function softplus(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x))
}

/**
 * PD within 1…H months from hazard logits: PD(h) = 1 − Π_{k ≤ h} (1 − λ(k)), λ(k) = σ(intercept + slope · logit).
 *
 * @param logits - Row-major hazard logits of the network, shape `[row, month]`.
 * @returns One column per horizon, `[h - 1][row]`, in [0, 1], ascending in h.
 * @see Singer & Willett (1993), discrete-time survival analysis
 */
export function cumulativePd(calibration: Calibration, logits: ArrayLike<number>, rows: number): Float64Array[] {
  const horizon = calibration.slope.length
  const pd = calibration.slope.map(() => new Float64Array(rows))
  for (let row = 0; row < rows; row += 1) {
    let survived = 0 // log of the probability of no event so far: keeps tiny probabilities exact
    for (let month = 0; month < horizon; month += 1) {
      const logit =
        (calibration.intercept[month] as number) +
        (calibration.slope[month] as number) * (logits[row * horizon + month] as number)
      survived -= softplus(logit)
      ;(pd[month] as Float64Array)[row] = -Math.expm1(survived)
    }
  }
  return pd
}
