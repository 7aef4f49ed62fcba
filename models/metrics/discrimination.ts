/** How well scores tell events from non-events: AUC, Gini, KS, average precision, capture, and the ROC curve. */

import { rank, rankStatistics } from './ranking.ts'

/**
 * Area under the ROC curve: the probability that an event scores higher than a non-event, ties counting half.
 *
 * @param scores - Higher means riskier; shape `[row]`.
 * @param events - 1 if the event happened, else 0; same length.
 * @returns In [0, 1]; 0.5 for a useless score.
 * @throws InputError if lengths differ, a score is NaN, or either class is empty.
 */
export function areaUnderRoc(scores: Float64Array, events: Uint8Array): number {
  return rankStatistics(rank(scores, events)).auc
}

/** Gini coefficient, 2 · AUC − 1; in [−1, 1]. Arguments and errors as for {@link areaUnderRoc}. */
export function gini(scores: Float64Array, events: Uint8Array): number {
  return 2 * areaUnderRoc(scores, events) - 1
}

/**
 * Kolmogorov–Smirnov distance between the scores of events and of non-events; in [0, 1], about 0 for a useless score.
 * Arguments and errors as for {@link areaUnderRoc}.
 */
export function kolmogorovSmirnov(scores: Float64Array, events: Uint8Array): number {
  return rankStatistics(rank(scores, events)).ks
}

/**
 * Average precision, Σ (recall step · precision), which is scikit-learn's area under the precision–recall curve; in
 * [0, 1], about the event rate for a useless score. Arguments and errors as for {@link areaUnderRoc}.
 */
export function averagePrecision(scores: Float64Array, events: Uint8Array): number {
  return rankStatistics(rank(scores, events)).averagePrecision
}

/**
 * Share of all events among the given share of rows with the highest scores; ties at the border count in proportion.
 *
 * @param share - In (0, 1].
 * @returns In [0, 1]. Errors as for {@link areaUnderRoc}.
 */
export function captureAt(scores: Float64Array, events: Uint8Array, share: number): number {
  return rankStatistics(rank(scores, events), undefined, [share]).capture[0] as number
}

/** One point of a ROC curve. */
export interface RocPoint {
  /** Share of non-events at or above the score. */
  readonly falsePositiveRate: number
  /** Share of events at or above the score. */
  readonly truePositiveRate: number
  /** Share of rows at or above the score. */
  readonly rowShare: number
  readonly score: number
}

/**
 * The ROC curve, from the highest score down, at most about `points` points. Errors as for {@link areaUnderRoc}.
 */
export function rocCurve(scores: Float64Array, events: Uint8Array, points = 200): RocPoint[] {
  const { order } = rank(scores, events)
  const positives = events.reduce((sum, event) => sum + event, 0)
  const step = Math.max(1, Math.floor(order.length / points))
  const curve: RocPoint[] = [
    { falsePositiveRate: 0, truePositiveRate: 0, rowShare: 0, score: Number.POSITIVE_INFINITY },
  ]
  let truePositives = 0
  let drawn = 0
  order.forEach((row, place) => {
    truePositives += events[row] as number
    const score = scores[row] as number
    const endsTie = scores[order[place + 1] ?? -1] !== score
    if (!endsTie || (place + 1 - drawn < step && place + 1 < order.length)) return
    drawn = place + 1
    curve.push({
      falsePositiveRate: (drawn - truePositives) / (order.length - positives),
      truePositiveRate: truePositives / positives,
      rowShare: drawn / order.length,
      score,
    })
  })
  return curve
}
