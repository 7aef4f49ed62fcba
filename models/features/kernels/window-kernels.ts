/**
 * Kernels that look back over the months of one account: lags and aggregates over windows.
 *
 * Every aggregate is the algebra prepare / update / merge / finalise over a small state, as in a distributed engine:
 * - **count, share**: state (trues, known); update adds a month, and, because whole numbers subtract exactly, takes
 *   away the month that leaves the window: one step per row.
 * - **sum, mean**: state (sum, known). A sliding subtraction would carry the rounding of months long gone into the
 *   result, so a window is summed anew, oldest month first. Over all months the running sum already is that.
 * - **max, min**: state (extreme). It is sought anew in the window only when it leaves.
 * - **standard deviation, slope**: states (known, Σd, Σd²) and (known, Σx, Σx², Σd, Σxd), where d is the distance from
 *   one of the window's own values, so that equal values give exactly 0 and large amounts lose no digits.
 * States of accounts are merged by `acrossAccounts` at equal month, in the order of account ids: the merge of counts is
 * their sum, of maxima their maximum. Because a state holds only months of the window, a row's value can't depend on
 * later rows, on older rows outside the window, or on what else is in the block.
 */

import type { NumberExpression, Window } from '../expression.ts'
import type { Chunk, Kernels, Run } from './kernel.ts'

const single = (node: { of: NumberExpression }) => [node.of]

/** Computes rows `start` to before `end`, all of one account; `length` = months of the window. */
type AccountRun = (values: Float64Array, out: Float64Array, start: number, end: number, length: number) => void

/** See each kind in `expression.ts` for what it means. */
export const windowKernels: Kernels<
  'lag' | 'changed' | 'count' | 'share' | 'sum' | 'mean' | 'max' | 'min' | 'standardDeviation' | 'slope' | 'decayed'
> = {
  lag: { inputs: single, prepare: ({ months }) => lag(months) },
  changed: { inputs: single, prepare: () => perAccount(changed, 2) },
  count: { inputs: node => [node.of], prepare: ({ window }) => perAccount(count, window) },
  share: { inputs: node => [node.of], prepare: ({ window }) => perAccount(share, window) },
  sum: { inputs: single, prepare: ({ window }) => perAccount(window === 'ever' ? sumEver : sum, window) },
  mean: { inputs: single, prepare: ({ window }) => perAccount(window === 'ever' ? meanEver : mean, window) },
  max: { inputs: single, prepare: ({ window }) => perAccount(max, window) },
  min: { inputs: single, prepare: ({ window }) => perAccount(min, window) },
  standardDeviation: { inputs: single, prepare: ({ window }) => perAccount(standardDeviation, window) },
  slope: { inputs: single, prepare: ({ window }) => perAccount(slope, window) },
  decayed: { inputs: single, prepare: ({ factor }) => perAccount(decayed(factor), 'ever') },
}

/** Runs over every account of a chunk. */
function perAccount(run: AccountRun, window: Window): Run {
  const length = window === 'ever' ? Number.MAX_SAFE_INTEGER : window
  return ({ accounts, accountStart }: Chunk, [values], out) => {
    if (values === undefined) return
    for (let account = 0; account < accounts; account += 1) {
      run(values, out, accountStart[account] as number, accountStart[account + 1] as number, length)
    }
  }
}

/** Moves the whole chunk at once, then takes away what came from the account before. */
function lag(months: number): Run {
  return ({ rows, accounts, accountStart }, [values], out) => {
    if (values === undefined) return
    if (months < rows) out.set(values.subarray(0, rows - months), months)
    for (let account = 0; account < accounts; account += 1) {
      const start = accountStart[account] as number
      const first = Math.min(start + months, accountStart[account + 1] as number)
      for (let row = start; row < first; row += 1) out[row] = Number.NaN
    }
  }
}

const changed: AccountRun = (values, out, start, end) => {
  let before = Number.NaN
  for (let row = start; row < end; row += 1) {
    const value = values[row] as number
    // x + y is missing if either is
    out[row] = Number.isNaN(value + before) ? Number.NaN : value === before ? 0 : 1
    before = value
  }
}

const count: AccountRun = (values, out, start, end, length) => {
  let trues = 0
  let known = 0
  for (let row = start; row < end; row += 1) {
    const enters = values[row] as number
    if (!Number.isNaN(enters)) {
      trues += enters
      known += 1
    }
    if (row - length >= start) {
      const leaves = values[row - length] as number
      if (!Number.isNaN(leaves)) {
        trues -= leaves
        known -= 1
      }
    }
    out[row] = known > 0 ? trues : Number.NaN
  }
}

const share: AccountRun = (values, out, start, end, length) => {
  let trues = 0
  let known = 0
  for (let row = start; row < end; row += 1) {
    const enters = values[row] as number
    if (!Number.isNaN(enters)) {
      trues += enters
      known += 1
    }
    if (row - length >= start) {
      const leaves = values[row - length] as number
      if (!Number.isNaN(leaves)) {
        trues -= leaves
        known -= 1
      }
    }
    out[row] = known > 0 ? trues / known : Number.NaN
  }
}

const sum: AccountRun = (values, out, start, end, length) => {
  for (let row = start; row < end; row += 1) {
    let total = 0
    let known = 0
    for (let month = Math.max(start, row - length + 1); month <= row; month += 1) {
      const value = values[month] as number
      if (!Number.isNaN(value)) {
        total += value
        known += 1
      }
    }
    out[row] = known > 0 ? total : Number.NaN
  }
}

const sumEver: AccountRun = (values, out, start, end) => {
  let total = 0
  let known = 0
  for (let row = start; row < end; row += 1) {
    const value = values[row] as number
    if (!Number.isNaN(value)) {
      total += value
      known += 1
    }
    out[row] = known > 0 ? total : Number.NaN
  }
}

const mean: AccountRun = (values, out, start, end, length) => {
  for (let row = start; row < end; row += 1) {
    let total = 0
    let known = 0
    for (let month = Math.max(start, row - length + 1); month <= row; month += 1) {
      const value = values[month] as number
      if (!Number.isNaN(value)) {
        total += value
        known += 1
      }
    }
    out[row] = known > 0 ? total / known : Number.NaN
  }
}

const meanEver: AccountRun = (values, out, start, end) => {
  let total = 0
  let known = 0
  for (let row = start; row < end; row += 1) {
    const value = values[row] as number
    if (!Number.isNaN(value)) {
      total += value
      known += 1
    }
    out[row] = known > 0 ? total / known : Number.NaN
  }
}

/** The oldest of the greatest values: equal ones entering don't replace it, and it is sought anew when it leaves. */
const max: AccountRun = (values, out, start, end, length) => {
  let greatest = Number.NEGATIVE_INFINITY
  for (let row = start; row < end; row += 1) {
    const value = values[row] as number
    const left = row - length
    if (left >= start && values[left] === greatest) {
      greatest = Number.NEGATIVE_INFINITY
      for (let month = left + 1; month <= row; month += 1) {
        const kept = values[month] as number
        if (kept > greatest) greatest = kept
      }
    } else if (value > greatest) greatest = value
    out[row] = greatest === Number.NEGATIVE_INFINITY ? Number.NaN : greatest
  }
}

/** As {@link max}, the other way round. */
const min: AccountRun = (values, out, start, end, length) => {
  let least = Number.POSITIVE_INFINITY
  for (let row = start; row < end; row += 1) {
    const value = values[row] as number
    const left = row - length
    if (left >= start && values[left] === least) {
      least = Number.POSITIVE_INFINITY
      for (let month = left + 1; month <= row; month += 1) {
        const kept = values[month] as number
        if (kept < least) least = kept
      }
    } else if (value < least) least = value
    out[row] = least === Number.POSITIVE_INFINITY ? Number.NaN : least
  }
}

const standardDeviation: AccountRun = (values, out, start, end, length) => {
  for (let row = start; row < end; row += 1) {
    let anchor = Number.NaN
    let known = 0
    let total = 0
    let squares = 0
    for (let month = Math.max(start, row - length + 1); month <= row; month += 1) {
      const value = values[month] as number
      if (!Number.isNaN(value)) {
        if (known === 0) anchor = value
        const distance = value - anchor
        known += 1
        total += distance
        squares += distance * distance
      }
    }
    // rounding can leave a variance a little below 0
    out[row] = known < 2 ? Number.NaN : Math.sqrt(Math.max(0, (squares - (total * total) / known) / (known - 1)))
  }
}

const slope: AccountRun = (values, out, start, end, length) => {
  for (let row = start; row < end; row += 1) {
    const first = Math.max(start, row - length + 1)
    let anchor = Number.NaN
    let n = 0
    let sumX = 0
    let sumXX = 0
    let sumY = 0
    let sumXY = 0
    for (let month = first; month <= row; month += 1) {
      const value = values[month] as number
      if (!Number.isNaN(value)) {
        if (n === 0) anchor = value
        const x = month - first
        const y = value - anchor
        n += 1
        sumX += x
        sumXX += x * x
        sumY += y
        sumXY += x * y
      }
    }
    out[row] = n < 3 ? Number.NaN : (n * sumXY - sumX * sumY) / (n * sumXX - sumX * sumX)
  }
}

function decayed(factor: number): AccountRun {
  return (values, out, start, end) => {
    let total = 0
    let weight = 0
    for (let row = start; row < end; row += 1) {
      const value = values[row] as number
      total *= factor
      weight *= factor
      if (!Number.isNaN(value)) {
        total += value
        weight += 1
      }
      out[row] = weight > 0 ? total / weight : Number.NaN
    }
  }
}
