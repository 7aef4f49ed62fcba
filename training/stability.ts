/** How the distribution of the score moves from month to month, against what sampling alone would do. */

import { formatMonth } from '../data/index.ts'
import { chiSquaredQuantile, populationStabilityIndex } from '../models/index.ts'

/** The score's distribution in one as-of month against the reference. */
export interface MonthStability {
  /** `YYYY-MM`. */
  readonly month: string
  readonly rows: number
  readonly psi: number
  /** The PSI that chance exceeds once in a thousand times if nothing moved. */
  readonly limit: number
}

const bins = 10

/** Share of months without any change that stay below the limit. */
const confidence = 0.999

/**
 * PSI of PD by as-of month, over deciles of the reference.
 *
 * @param reference - PD of the reference rows.
 * @param pd - PD of the rows to judge, shape `[row]`.
 * @param months - As-of month of each row.
 * @returns Ascending months; the limit is χ²(0.999; bins − 1) · (1/N + 1/M).
 * @see Yurdakul (2018), Statistical Properties of Population Stability Index
 */
export function stabilityByMonth(
  reference: Float64Array,
  pd: Float64Array,
  months: ArrayLike<number>,
): MonthStability[] {
  const sorted = Float64Array.from(reference).sort()
  const edges = [
    ...new Set(
      Array.from({ length: bins - 1 }, (_, bin) => sorted[Math.floor(((bin + 1) * sorted.length) / bins)] ?? 0),
    ),
  ]
  const expected = shares(reference, edges)
  const byMonth = new Map<number, number[]>()
  pd.forEach((value, row) => {
    const month = months[row] as number
    const values = byMonth.get(month) ?? []
    values.push(value)
    byMonth.set(month, values)
  })
  const quantile = chiSquaredQuantile(confidence, Math.max(1, edges.length))
  return [...byMonth]
    .sort(([a], [b]) => a - b)
    .map(([month, values]) => ({
      month: formatMonth(month),
      rows: values.length,
      psi: populationStabilityIndex(expected, shares(Float64Array.from(values), edges)),
      limit: quantile * (1 / values.length + 1 / reference.length),
    }))
}

function shares(values: Float64Array, edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0)
  for (const value of values) {
    let bin = 0
    while (bin < edges.length && (edges[bin] as number) <= value) bin += 1
    counts[bin] = (counts[bin] as number) + 1
  }
  return counts.map(count => count / Math.max(1, values.length))
}
