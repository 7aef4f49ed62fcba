/** Rows in the order of their scores, once, for all measures of discrimination: with weights, so that a bootstrap is cheap. */

import { InputError } from '../../data/index.ts'

/** Rows sorted by falling score. */
export interface Ranking {
  /** Row numbers, highest score first; shape `[row]`. */
  readonly order: Int32Array
  readonly scores: Float64Array
  /** 1 if the event happened, else 0; shape `[row]`. */
  readonly events: Uint8Array
}

/** Measures that depend on the order of the scores alone. */
export interface RankStatistics {
  /** Area under the ROC curve, in [0, 1]. */
  readonly auc: number
  /** Kolmogorov–Smirnov distance, in [0, 1]. */
  readonly ks: number
  /** Score at which the distance is greatest. */
  readonly ksAt: number
  /** Area under the precision–recall curve as average precision, in [0, 1]. */
  readonly averagePrecision: number
  /** Share of events among the rows with the highest scores, by share of rows. */
  readonly capture: readonly number[]
}

/**
 * Sorts rows by falling score.
 *
 * @throws InputError if lengths differ, a score is NaN, or either class is empty.
 */
export function rank(scores: Float64Array, events: Uint8Array): Ranking {
  if (scores.length !== events.length) {
    throw new InputError({
      source: 'metric',
      found: `${scores.length} scores, ${events.length} events`,
      expected: 'equal lengths',
    })
  }
  const happened = events.reduce((sum, event) => sum + event, 0)
  if (happened === 0 || happened === events.length) {
    throw new InputError({
      source: 'metric',
      found: `${happened} events in ${events.length} rows`,
      expected: 'rows with and without an event',
    })
  }
  if (scores.some(Number.isNaN))
    throw new InputError({ source: 'metric', found: 'NaN', expected: 'a score in every row' })
  return {
    order: Int32Array.from(scores.keys()).sort((a, b) => (scores[b] as number) - (scores[a] as number)),
    scores,
    events,
  }
}

/**
 * Measures of a ranking; equal scores count as one step, so that ties are at mid-rank.
 *
 * @param weights - How often each row counts, ≥ 0; left out, once. Shape `[row]`.
 * @param shares - Shares of rows at which to measure capture, each in (0, 1].
 * @returns NaN for every measure if the weights leave a class empty.
 * @see Hanley & McNeil (1982), The meaning and use of the area under a ROC curve; Siddiqi (2006), Credit Risk Scorecards
 */
export function rankStatistics(
  { order, scores, events }: Ranking,
  weights?: ArrayLike<number>,
  shares: readonly number[] = [],
): RankStatistics {
  let positives = 0
  let negatives = 0
  for (let row = 0; row < events.length; row += 1) {
    const weight = weights === undefined ? 1 : (weights[row] as number)
    if (events[row] === 1) positives += weight
    else negatives += weight
  }
  const total = positives + negatives
  const capture = new Array<number>(shares.length).fill(0)
  let [truePositives, falsePositives, area, ks, ksAt, averagePrecision] = [0, 0, 0, 0, Number.NaN, 0]
  for (let at = 0; at < order.length; ) {
    const score = scores[order[at] as number] as number
    let [tiedPositives, tiedNegatives] = [0, 0]
    for (; at < order.length && scores[order[at] as number] === score; at += 1) {
      const row = order[at] as number
      const weight = weights === undefined ? 1 : (weights[row] as number)
      if (events[row] === 1) tiedPositives += weight
      else tiedNegatives += weight
    }
    const tied = tiedPositives + tiedNegatives
    if (tied === 0) continue
    area += tiedNegatives * (truePositives + tiedPositives / 2)
    shares.forEach((share, index) => {
      const room = share * total - truePositives - falsePositives
      if (room > 0) capture[index] = (capture[index] as number) + (tiedPositives * Math.min(1, room / tied)) / positives
    })
    truePositives += tiedPositives
    falsePositives += tiedNegatives
    averagePrecision += ((tiedPositives / positives) * truePositives) / (truePositives + falsePositives)
    const distance = Math.abs(truePositives / positives - falsePositives / negatives)
    if (distance > ks) [ks, ksAt] = [distance, score]
  }
  const empty = positives === 0 || negatives === 0
  return empty
    ? {
        auc: Number.NaN,
        ks: Number.NaN,
        ksAt: Number.NaN,
        averagePrecision: Number.NaN,
        capture: capture.map(() => Number.NaN),
      }
    : { auc: area / (positives * negatives), ks, ksAt, averagePrecision, capture }
}
