/** Deviation and slope over windows of any length: what `moment-lanes.ts` computes of short ones, in the same order. */

/** A statistic of rows `first` to `last`. */
export type MomentsOf = (values: Float64Array, first: number, last: number) => number

/** Sample standard deviation; rounding can leave a variance a little below 0. */
export const standardDeviationOf: MomentsOf = (values, first, last) => {
  let [known, anchor, sum, squares] = [0, 0, 0, 0]
  for (let row = first; row <= last; row += 1) {
    const value = values[row] as number
    if (Number.isNaN(value)) continue
    if (known === 0) anchor = value
    const distance = value - anchor
    known += 1
    sum += distance
    squares += distance * distance
  }
  return known < 2 ? Number.NaN : Math.sqrt(Math.max(0, (squares - (sum * sum) / known) / (known - 1)))
}

/** Slope of the least-squares line. */
export const slopeOf: MomentsOf = (values, first, last) => {
  let [known, anchor, sumX, sumXx, sum, sumXd] = [0, 0, 0, 0, 0, 0]
  for (let row = first; row <= last; row += 1) {
    const value = values[row] as number
    if (Number.isNaN(value)) continue
    if (known === 0) anchor = value
    const x = row - first
    const distance = value - anchor
    known += 1
    sumX += x
    sumXx += x * x
    sum += distance
    sumXd += x * distance
  }
  return known < 3 ? Number.NaN : (known * sumXd - sumX * sum) / (known * sumXx - sumX * sumX)
}
