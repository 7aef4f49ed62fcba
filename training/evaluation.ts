/** Judges scored test rows: every figure at every horizon, with intervals, by segment, and beside the truth. */

import { random } from '../data/index.ts'
import {
  brierScore,
  calibrationSlopeAndIntercept,
  type Evaluation,
  expectedCalibrationError,
  type HorizonFigures,
  logisticLine,
  logit,
  logLoss,
  logLosses,
  type Ranking,
  rank,
  rankStatistics,
  squaredErrors,
  weightedMean,
} from '../models/index.ts'
import { clusterDraws } from './draw-clusters.ts'
import { type Performance, rowsAtHorizon } from './rows-at-horizon.ts'

/** Test rows with their scores and what became of them; columns of shape `[row]`. */
export interface ScoredTest extends Performance {
  /** H. */
  readonly horizonMonths: number
  readonly borrowerIndex: Int32Array
  readonly accountIndex: Int32Array
  /** As-of month. */
  readonly month: Int32Array
  /** `[h - 1][row]`. */
  readonly pd: readonly Float64Array[]
  /** PD by the challenger's scorecard, `[h - 1][row]`; null if none was trained. */
  readonly challenger: readonly Float64Array[] | null
  /** True PD, `[h - 1][row]`, NaN where not known; null if nothing is known. */
  readonly truth: readonly Float64Array[] | null
  /** Name → 1 where the row belongs. */
  readonly segments: Readonly<Record<string, Uint8Array>>
}

/** Bootstrap samples behind each interval. */
const samples = 200

/** Groups of rows by rising logit, to which the bootstrap of the calibration line is reduced. */
const calibrationGroups = 500

const captureShares = [0.05, 0.1, 0.2] as const

/**
 * Judges scored rows.
 *
 * Which rows count at a horizon, {@link rowsAtHorizon} says.
 *
 * @param options - `seed` draws the bootstrap samples; `intervals: false` leaves them out.
 */
export function evaluateScores(
  test: ScoredTest,
  options: { readonly seed: number; readonly intervals?: boolean },
): Evaluation {
  const judge = (pd: readonly Float64Array[], belongs: (row: number) => boolean): Record<string, HorizonFigures> =>
    Object.fromEntries(
      pd.map((column, index) => [String(index + 1), judgeHorizon(test, column, index + 1, belongs, options)]),
    )
  const { truth } = test
  return {
    test: judge(test.pd, () => true),
    segments: Object.fromEntries(
      Object.entries(test.segments).map(([name, member]) => [name, judge(test.pd, row => member[row] === 1)]),
    ),
    challenger: test.challenger === null ? null : judge(test.challenger, () => true),
    truth: truth === null ? null : besideTruth(test, truth, judge),
  }
}

function besideTruth(
  test: ScoredTest,
  truth: readonly Float64Array[],
  judge: (pd: readonly Float64Array[], belongs: (row: number) => boolean) => Record<string, HorizonFigures>,
): Evaluation['truth'] {
  const isKnown = (row: number): boolean => truth.every(column => !Number.isNaN(column[row]))
  const ofTruth = judge(truth, isKnown)
  const ofModel = judge(test.pd, isKnown)
  const attainedGini = Object.fromEntries(
    Object.entries(ofTruth).map(([horizon, { gini }]) => {
      const ours = ofModel[horizon]?.gini ?? null
      return [horizon, gini === null || gini === 0 || ours === null ? null : ours / gini]
    }),
  )
  return { truth: ofTruth, model: ofModel, attainedGini }
}

function judgeHorizon(
  test: ScoredTest,
  pd: Float64Array,
  horizon: number,
  belongs: (row: number) => boolean,
  options: { readonly seed: number; readonly intervals?: boolean },
): HorizonFigures {
  const { rows, events } = rowsAtHorizon(test, horizon, belongs)
  const scores = Float64Array.from(rows, row => pd[row] as number)
  const happened = events.reduce((sum, event) => sum + event, 0)
  const mean = (sum: number): number | null => (rows.length === 0 ? null : sum / rows.length)
  const counted = {
    rows: rows.length,
    events: happened,
    baseRate: mean(happened),
    meanPd: mean(scores.reduce((sum, value) => sum + value, 0)),
  }
  if (happened === 0 || happened === rows.length) return { ...counted, ...noFigures }

  const ranking = rank(scores, events)
  const { auc, ks, averagePrecision, capture } = rankStatistics(ranking, undefined, captureShares)
  const line = calibrationSlopeAndIntercept(scores, events)
  const point = {
    auc,
    gini: 2 * auc - 1,
    ks,
    prAuc: averagePrecision,
    brier: brierScore(scores, events),
    logLoss: logLoss(scores, events),
    calibrationSlope: finite(line.slope),
    calibrationIntercept: finite(line.intercept),
    captureTop5: capture[0] as number,
    captureTop10: capture[1] as number,
    captureTop20: capture[2] as number,
  }
  return {
    ...counted,
    ...point,
    expectedCalibrationError: expectedCalibrationError(scores, events),
    intervals: options.intervals === false ? {} : bootstrap(test, rows, ranking, horizon, options.seed),
  }
}

const noFigures = {
  auc: null,
  gini: null,
  ks: null,
  prAuc: null,
  brier: null,
  logLoss: null,
  calibrationSlope: null,
  calibrationIntercept: null,
  expectedCalibrationError: null,
  captureTop5: null,
  captureTop10: null,
  captureTop20: null,
  intervals: {},
} as const

/**
 * 95 % percentile intervals. Whole borrowers are drawn with replacement, because rows of one borrower hang together.
 *
 * @see Efron & Tibshirani (1993), An Introduction to the Bootstrap; Field & Welsh (2007), Bootstrapping clustered data
 */
function bootstrap(
  test: ScoredTest,
  unordered: Int32Array,
  ranking: Ranking,
  horizon: number,
  seed: number,
): HorizonFigures['intervals'] {
  // by falling score from here on, so that every sample goes through memory in one direction
  const rows = Array.from(ranking.order, place => unordered[place] as number)
  const scores = Float64Array.from(ranking.order, place => ranking.scores[place] as number)
  const events = Uint8Array.from(ranking.order, place => ranking.events[place] as number)
  const ordered: Ranking = { order: Int32Array.from(rows.keys()), scores, events }
  const [squared, ofLog] = [squaredErrors(scores, events), logLosses(scores, events)]
  const groups = groupsByLogit(scores, events)
  const draw = clusterDraws(
    rows.map(row => test.borrowerIndex[row] as number),
    random(seed, 'bootstrap', horizon),
  )
  const drawn: Record<string, number[]> = {}
  for (let sample = 0; sample < samples; sample += 1) {
    const weights = draw()
    const { auc, ks, averagePrecision, capture } = rankStatistics(ordered, weights, captureShares)
    const line = groups(weights)
    const figures = {
      auc,
      gini: 2 * auc - 1,
      ks,
      prAuc: averagePrecision,
      brier: weightedMean(squared, weights),
      logLoss: weightedMean(ofLog, weights),
      calibrationSlope: line.slope,
      calibrationIntercept: line.intercept,
      captureTop5: capture[0] as number,
      captureTop10: capture[1] as number,
      captureTop20: capture[2] as number,
    }
    for (const [name, value] of Object.entries(figures)) {
      drawn[name] ??= []
      drawn[name].push(value)
    }
  }
  return Object.fromEntries(Object.entries(drawn).map(([name, values]) => [name, percentileInterval(values)]))
}

/**
 * The calibration line of a weighting, from groups of neighbouring rows: exact enough for an interval, and fast.
 *
 * @param scores - By falling score.
 */
function groupsByLogit(
  scores: Float64Array,
  events: Uint8Array,
): (weights: Float64Array) => { readonly slope: number; readonly intercept: number } {
  const count = Math.min(calibrationGroups, scores.length)
  const logits = Float64Array.from(scores, logit)
  return weights => {
    const [x, happened, total] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)]
    for (let group = 0, row = 0; group < count; group += 1) {
      const end = Math.ceil(((group + 1) * weights.length) / count)
      let [sum, late, rows] = [0, 0, 0]
      for (; row < end; row += 1) {
        const weight = weights[row] as number
        sum += weight * (logits[row] as number)
        late += weight * (events[row] as number)
        rows += weight
      }
      x[group] = rows > 0 ? sum / rows : 0
      happened[group] = late
      total[group] = rows
    }
    return logisticLine(x, happened, total)
  }
}

function percentileInterval(values: readonly number[]): [number | null, number | null] {
  const sorted = Float64Array.from(values)
    .filter(value => Number.isFinite(value))
    .sort()
  if (sorted.length < samples / 2) return [null, null]
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] as number
  return [at(0.025), at(0.975)]
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
