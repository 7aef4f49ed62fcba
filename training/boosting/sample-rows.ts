/** The rows that a tree is grown on. */

import type { Random } from '../../data/index.ts'

/** Rows of a sample, and how many rows each stands for. */
export interface RowSample {
  /** Places of the rows, ascending, shape `[sample]`. */
  readonly places: Int32Array
  /** Shape `[sample]`; at least 1. */
  readonly weights: Float64Array
}

/** Each with the same probability, in their order; at least one. */
export function sampleOf(items: Int32Array, share: number, source: Random): Int32Array {
  if (share >= 1) return items
  const sampled = items.filter(() => source.uniform() < share)
  return sampled.length === 0 ? items.slice(0, 1) : sampled
}

/** Each of `count` rows with the same probability; all count as one row. */
export function sampleEvenly(count: number, share: number, source: Random): RowSample {
  const places = sampleOf(
    new Int32Array(count).map((_, place) => place),
    share,
    source,
  )
  return { places, weights: new Float64Array(places.length).fill(1) }
}

/**
 * Each row with a probability in proportion to what it has still to teach, and never more than 1; a row stands for as
 * many as it takes to make the sums of a sample those of all rows in the mean.
 *
 * @param teaches - Absolute first derivative of the loss by a row's logit, shape `[row]`; rows with 0 are never drawn.
 * @param share - Rows that are drawn on average, as a share of all; fewer if fewer have anything to teach.
 * @see Ibragimov & Gusev (2019), Minimal Variance Sampling in Stochastic Gradient Boosting, with λ = 0
 */
export function sampleByGradient(teaches: Float64Array, share: number, source: Random): RowSample {
  const unit = certainFrom(teaches, share * teaches.length)
  const places: number[] = []
  const weights: number[] = []
  teaches.forEach((size, place) => {
    const probability = size < unit ? size / unit : 1
    if (size === 0 || source.uniform() >= probability) return
    places.push(place)
    weights.push(1 / probability)
  })
  return { places: Int32Array.from(places), weights: Float64Array.from(weights) }
}

/**
 * The size from which on a row is drawn for certain: Σ min(1, size / it) = `wanted`. That sum is concave in 1 / it, so that
 * Newton's steps come to it from one side, and are there once no more rows are certain.
 */
function certainFrom(sizes: Float64Array, wanted: number): number {
  let unit = Number.POSITIVE_INFINITY
  for (let certain = -1; ; ) {
    let [above, rest] = [0, 0]
    for (const size of sizes) {
      if (size >= unit) above += 1
      else rest += size
    }
    if (rest === 0) return 0
    if (above <= certain) return unit // fewer only by rounding, where sizes lie at the very edge
    certain = above
    unit = rest / (wanted - above)
  }
}
