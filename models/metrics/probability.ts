/** How good probabilities are as probabilities: Brier score, log-loss, calibration. */

import { InputError } from '../../data/index.ts'

/** Probabilities are kept this far from 0 and 1, as scikit-learn keeps doubles. */
const epsilon = Number.EPSILON

/** Bins of the expected calibration error by default. */
const calibrationBins = 20

/**
 * Brier score: mean squared difference between probability and event.
 *
 * @param pd - In [0, 1], shape `[row]`.
 * @param events - 1 or 0; same length.
 * @returns In [0, 1]; lower is better.
 * @throws InputError if lengths differ or there is no row.
 */
export function brierScore(pd: Float64Array, events: Uint8Array, weights?: ArrayLike<number>): number {
  return weightedMean(squaredErrors(pd, events), weights)
}

/**
 * Mean negative log-likelihood. Probabilities of 0 and 1 are clipped by the machine epsilon.
 *
 * @returns At least 0; lower is better. Arguments and errors as for {@link brierScore}.
 */
export function logLoss(pd: Float64Array, events: Uint8Array, weights?: ArrayLike<number>): number {
  return weightedMean(logLosses(pd, events), weights)
}

/** What each row adds to {@link brierScore}. Arguments and errors as there. */
export function squaredErrors(pd: Float64Array, events: Uint8Array): Float64Array {
  check(pd, events)
  return pd.map((p, row) => (p - (events[row] as number)) ** 2)
}

/** What each row adds to {@link logLoss}. Arguments and errors as there. */
export function logLosses(pd: Float64Array, events: Uint8Array): Float64Array {
  check(pd, events)
  return pd.map((p, row) => {
    const clipped = Math.min(1 - epsilon, Math.max(epsilon, p))
    return events[row] === 1 ? -Math.log(clipped) : -Math.log1p(-clipped)
  })
}

/** Mean of losses, shape `[row]`; a row counts `weights` times, or once. */
export function weightedMean(losses: Float64Array, weights?: ArrayLike<number>): number {
  let [sum, total] = [0, 0]
  for (let row = 0; row < losses.length; row += 1) {
    const weight = weights === undefined ? 1 : (weights[row] as number)
    sum += weight * (losses[row] as number)
    total += weight
  }
  return sum / total
}

/** One bin of a calibration curve. */
export interface CalibrationBin {
  readonly rows: number
  readonly meanPd: number
  /** Share of rows with the event. */
  readonly eventRate: number
}

/**
 * Calibration curve: rows in bins of equal count by rising probability. Errors as for {@link brierScore}.
 */
export function calibrationCurve(pd: Float64Array, events: Uint8Array, bins = 10): CalibrationBin[] {
  check(pd, events)
  const order = Int32Array.from(pd.keys()).sort((a, b) => (pd[a] as number) - (pd[b] as number))
  return Array.from({ length: Math.min(bins, pd.length) }, (_, bin) => {
    const from = Math.floor((bin * order.length) / Math.min(bins, pd.length))
    const to = Math.floor(((bin + 1) * order.length) / Math.min(bins, pd.length))
    let [sum, happened] = [0, 0]
    for (let at = from; at < to; at += 1) {
      sum += pd[order[at] as number] as number
      happened += events[order[at] as number] as number
    }
    return { rows: to - from, meanPd: sum / (to - from), eventRate: happened / (to - from) }
  })
}

/**
 * Expected calibration error: mean |event rate − mean probability| over bins of equal count, by rows.
 *
 * @returns In [0, 1]. Errors as for {@link brierScore}.
 * @see Naeini, Cooper & Hauskrecht (2015), Obtaining Well Calibrated Probabilities Using Bayesian Binning
 */
export function expectedCalibrationError(pd: Float64Array, events: Uint8Array, bins = calibrationBins): number {
  return calibrationCurve(pd, events, bins).reduce(
    (sum, bin) => sum + (bin.rows / pd.length) * Math.abs(bin.eventRate - bin.meanPd),
    0,
  )
}

/**
 * Calibration slope and intercept: the logistic regression of the event on logit(PD); 1 and 0 if perfectly calibrated.
 *
 * A slope below 1 says that the probabilities are too extreme.
 *
 * @throws InputError as for {@link brierScore}.
 * @see Cox (1958), Two further applications of a model for binary regression
 */
export function calibrationSlopeAndIntercept(
  pd: Float64Array,
  events: Uint8Array,
): { readonly slope: number; readonly intercept: number } {
  check(pd, events)
  return logisticLine(Float64Array.from(pd, logit), Float64Array.from(events), new Float64Array(pd.length).fill(1))
}

/** Log-odds of a probability, clipped as {@link logLoss} clips. */
export function logit(probability: number): number {
  const clipped = Math.min(1 - epsilon, Math.max(epsilon, probability))
  return Math.log(clipped) - Math.log1p(-clipped)
}

/**
 * Logistic regression of a share of events on one number, by Newton's method.
 *
 * @param x - Shape `[group]`.
 * @param events - Events in each group; shape `[group]`.
 * @param rows - Rows in each group; shape `[group]`.
 * @returns NaN where all groups have the same x or the classes can't be told.
 */
export function logisticLine(
  x: Float64Array,
  events: Float64Array,
  rows: Float64Array,
): { readonly slope: number; readonly intercept: number } {
  let [slope, intercept] = [1, 0]
  for (let step = 0; step < 100; step += 1) {
    let [g0, g1, h00, h01, h11] = [0, 0, 0, 0, 0]
    for (let at = 0; at < x.length; at += 1) {
      const value = x[at] as number
      const p = 1 / (1 + Math.exp(-(intercept + slope * value)))
      const residual = (events[at] as number) - (rows[at] as number) * p
      const weight = (rows[at] as number) * p * (1 - p)
      g0 += residual
      g1 += residual * value
      h00 += weight
      h01 += weight * value
      h11 += weight * value * value
    }
    const determinant = h00 * h11 - h01 * h01
    if (!(determinant > 1e-12 * h00 * h11)) return { slope: Number.NaN, intercept: Number.NaN }
    const change0 = (h11 * g0 - h01 * g1) / determinant
    const change1 = (h00 * g1 - h01 * g0) / determinant
    const size = Math.max(1, Math.abs(change0) / 5, Math.abs(change1) / 5) // far from the optimum a full step overshoots
    intercept += change0 / size
    slope += change1 / size
    if (Math.abs(change0) + Math.abs(change1) < 1e-12) break
  }
  return { slope, intercept }
}

function check(pd: Float64Array, events: Uint8Array): void {
  if (pd.length === events.length && pd.length > 0) return
  throw new InputError({
    source: 'metric',
    found: `${pd.length} probabilities, ${events.length} events`,
    expected: 'equal lengths above 0',
  })
}
