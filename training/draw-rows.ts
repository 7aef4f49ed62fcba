/** Draws some rows where there are more than a fit needs. */

import { type Random, shuffle } from '../data/index.ts'

/** So many of the rows, in ascending order; all where there are no more. */
export function drawRows(rows: Int32Array, count: number, source: Random): Int32Array {
  return rows.length <= count ? rows : shuffle(rows.slice(), source).slice(0, count).sort()
}
