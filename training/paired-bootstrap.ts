/** Two scores of the same rows against each other: differences of every figure, with intervals that pair them. */

import { random } from '../data/index.ts'
import { logLosses, type Ranking, rank, rankStatistics, squaredErrors, weightedMean } from '../models/index.ts'
import { clusterDraws } from './draw-clusters.ts'
import { type Performance, rowsAtHorizon } from './rows-at-horizon.ts'

/** What is compared; of the first three and the last more is better, of the others less. */
export const comparedFigures = ['auc', 'ks', 'captureTop10', 'brier', 'logLoss'] as const

/** Name of a figure that is compared. */
export type ComparedFigure = (typeof comparedFigures)[number]

/** Whether a greater figure is better. */
export const greaterIsBetter = {
  auc: true,
  ks: true,
  captureTop10: true,
  brier: false,
  logLoss: false,
} as const satisfies Record<ComparedFigure, boolean>

/** One figure of both scores. */
export interface PairedFigure {
  readonly a: number
  readonly b: number
  /** b − a. */
  readonly difference: number
  /** 95 % interval of the difference. */
  readonly interval: readonly [number, number]
  /** Standard error of the difference. */
  readonly standardError: number
}

/** Both scores at one horizon. */
export interface PairedComparison {
  readonly rows: number
  readonly events: number
  readonly figures: Readonly<Record<ComparedFigure, PairedFigure>>
}

const samples = 400

/**
 * Compares two scores at a horizon, drawing whole borrowers with replacement, the same for both.
 *
 * @param test - Rows with what became of them.
 * @param a - PD at the horizon by the first score, shape `[row]`.
 * @param b - By the second; same rows.
 * @returns undefined if the rows at this horizon are of one class.
 * @see Efron & Tibshirani (1993), An Introduction to the Bootstrap; Field & Welsh (2007), Bootstrapping clustered data
 */
export function comparePaired(
  test: Performance & { readonly borrowerIndex: Int32Array },
  a: Float64Array,
  b: Float64Array,
  horizon: number,
  seed: number,
): PairedComparison | undefined {
  const { rows, events } = rowsAtHorizon(test, horizon)
  const happened = events.reduce((sum, event) => sum + event, 0)
  if (happened === 0 || happened === rows.length) return undefined
  const scores = [a, b].map(pd =>
    judged(
      Float64Array.from(rows, row => pd[row] as number),
      events,
    ),
  ) as [Judged, Judged]
  const point = scores.map(score => figuresOf(score))
  const draw = clusterDraws(
    rows.map(row => test.borrowerIndex[row] as number),
    random(seed, 'paired', horizon),
  )
  const differences = new Map<ComparedFigure, number[]>(comparedFigures.map(name => [name, []]))
  for (let sample = 0; sample < samples; sample += 1) {
    const weights = draw()
    const [drawnA, drawnB] = scores.map(score => figuresOf(score, weights)) as [Figures, Figures]
    for (const name of comparedFigures) differences.get(name)?.push(drawnB[name] - drawnA[name])
  }
  return {
    rows: rows.length,
    events: happened,
    figures: Object.fromEntries(
      comparedFigures.map(name => {
        const [left, right] = [point[0]?.[name] ?? Number.NaN, point[1]?.[name] ?? Number.NaN]
        return [name, { a: left, b: right, difference: right - left, ...spread(differences.get(name) ?? []) }]
      }),
    ) as Record<ComparedFigure, PairedFigure>,
  }
}

type Figures = Record<ComparedFigure, number>

/** One score of the rows that count, and what each adds to the losses. */
interface Judged {
  readonly ranking: Ranking
  readonly squared: Float64Array
  readonly ofLog: Float64Array
}

function judged(pd: Float64Array, events: Uint8Array): Judged {
  return { ranking: rank(pd, events), squared: squaredErrors(pd, events), ofLog: logLosses(pd, events) }
}

function figuresOf({ ranking, squared, ofLog }: Judged, weights?: Float64Array): Figures {
  const { auc, ks, capture } = rankStatistics(ranking, weights, [0.1])
  return {
    auc,
    ks,
    captureTop10: capture[0] as number,
    brier: weightedMean(squared, weights),
    logLoss: weightedMean(ofLog, weights),
  }
}

function spread(values: readonly number[]): Pick<PairedFigure, 'interval' | 'standardError'> {
  const sorted = values.filter(Number.isFinite).sort((left, right) => left - right)
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length
  const variance = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (sorted.length - 1)
  return { interval: [at(0.025), at(0.975)], standardError: Math.sqrt(variance) }
}
