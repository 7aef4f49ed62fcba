/** Scores rows of a feature store with a scorecard, a part at a time. */

import { applyScorecard, type Scorecard } from '../../models/index.ts'
import type { FeatureStore } from '../feature-store.ts'

/** Rows scored at once: bounds the memory that copies take. */
const rowsAtOnce = 50_000

/**
 * Log-odds and PD of rows, in the order given.
 *
 * @throws Error if the store lacks a feature of the card.
 */
export function scoreWithCard(
  card: Scorecard,
  columns: FeatureStore,
  rows: Int32Array,
): { readonly logit: Float64Array; readonly pd: readonly Float64Array[] } {
  const needed = new Set(card.features.map(({ name }) => name))
  const own = columns.only(columns.features.filter(({ name }) => needed.has(name)))
  const logit = new Float64Array(rows.length)
  const pd = Array.from({ length: card.horizonMonths }, () => new Float64Array(rows.length))
  for (let first = 0; first < rows.length; first += rowsAtOnce) {
    const part = applyScorecard(card, own.take(rows.subarray(first, first + rowsAtOnce)))
    logit.set(part.logit, first)
    part.pd.forEach((column, index) => {
      pd[index]?.set(column, first)
    })
  }
  return { logit, pd }
}
