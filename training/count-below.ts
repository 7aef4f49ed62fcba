/** Where a value belongs among some that ascend. */

/**
 * How many values are below one, or at it, too.
 *
 * @param sorted - Ascending.
 */
export function countBelow(sorted: Float32Array | Float64Array, value: number, orAt = false): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    const found = sorted[middle] as number
    if (found < value || (orAt && found === value)) low = middle + 1
    else high = middle
  }
  return low
}
