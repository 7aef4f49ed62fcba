/**
 * Kernels that look back over the months of one account: lags and aggregates over windows.
 *
 * Every aggregate is the algebra prepare / update / merge / finalise over a small state, as in a distributed engine:
 * - **count, sum, max, min**: the state is the value itself, missing while nothing is known. The state of a window is
 *   merged from those of its halves; over all months it is updated month by month. Nothing is ever taken away again, so
 *   no rounding of months long gone is carried into a sum.
 * - **share, mean**: two such states, finalised by division: count or sum, and months known.
 * - **standard deviation, slope**: states (known, Σd, Σd²) and (known, Σx, Σx², Σd, Σxd), where d is the distance from
 *   one of the window's own values, so that equal values give exactly 0 and large amounts lose no digits.
 * States of accounts are merged by `acrossAccounts` at equal month, in the order of account ids: the merge of counts is
 * their sum, of maxima their maximum. Because a state holds only months of the window, a row's value can't depend on
 * later rows, on older rows outside the window, or on what else is in the block.
 */

import type { ExpressionOf, NumberExpression, NumericExpression, Window } from '../expression.ts'
import type { Chunk, Kernels, Run } from './kernel.ts'
import type { VectorFunction } from './vector-module.ts'
import { laggedRun, vectorRun, windowRun } from './vectors.ts'

const single = (node: { of: NumberExpression }) => [node.of]

/** Computes rows `start` to before `end`, all of one account. */
type AccountRun = (values: Float64Array, out: Float64Array, start: number, end: number) => void

/** See each kind in `expression.ts` for what it means. */
export const windowKernels: Kernels<
  'lag' | 'changed' | 'count' | 'share' | 'sum' | 'mean' | 'max' | 'min' | 'standardDeviation' | 'slope' | 'decayed'
> = {
  lag: { inputs: single, prepare: ({ months }) => laggedRun('lag', months) },
  changed: { inputs: single, prepare: () => laggedRun('changed', 1) },
  count: { inputs: parts, prepare: node => merged(node, 'addKnown', sumEver) },
  sum: { inputs: parts, prepare: node => merged(node, 'addKnown', sumEver) },
  max: { inputs: parts, prepare: node => merged(node, 'maxKnown', maxEver) },
  min: { inputs: parts, prepare: node => merged(node, 'minKnown', minEver) },
  share: { inputs: node => [{ ...node, kind: 'count' }, knownMonths(node)], prepare: () => vectorRun('ratio') },
  mean: { inputs: node => [{ ...node, kind: 'sum' }, knownMonths(node)], prepare: () => vectorRun('ratio') },
  standardDeviation: { inputs: single, prepare: ({ window }) => windowRun('standardDeviation', window) },
  slope: { inputs: single, prepare: ({ window }) => windowRun('slope', window) },
  decayed: { inputs: single, prepare: ({ factor }) => perAccount(decayed(factor)) },
}

type Merged = ExpressionOf<'sum'> | ExpressionOf<'count'> | ExpressionOf<'max'> | ExpressionOf<'min'>

/**
 * The parts of a window of n months: the same over n/2 months, or, where n is odd, over n − 1 and the last month. So a
 * window costs a few merges whatever its length, and shorter windows over the same values are computed on the way.
 */
function parts(node: Merged): readonly NumericExpression[] {
  const { window } = node
  if (window === 'ever' || window <= 2) return [node.of]
  return window % 2 === 0 ? [{ ...node, window: window / 2 }] : [{ ...node, window: window - 1 }, node.of]
}

/** Merges the parts: the earlier one as of some months before, and the later one. */
function merged({ window }: Merged, merge: VectorFunction, ever: AccountRun): Run {
  if (window === 'ever') return perAccount(ever)
  return laggedRun(window === 1 ? 'lag' : merge, window === 1 ? 0 : window % 2 === 0 ? window / 2 : 1)
}

/** Months of the window in which the value is known. */
function knownMonths({ window, of }: { window: Window; of: NumericExpression }): NumberExpression {
  return { kind: 'count', window, of: { kind: 'known', of } }
}

/** Runs over every account of a chunk. */
function perAccount(run: AccountRun): Run {
  return ({ accounts, accountStart }: Chunk, [values], out) => {
    if (values === undefined) return
    for (let account = 0; account < accounts; account += 1) {
      run(values, out, accountStart[account] as number, accountStart[account + 1] as number)
    }
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

const maxEver: AccountRun = (values, out, start, end) => {
  let greatest = Number.NaN
  for (let row = start; row < end; row += 1) {
    const value = values[row] as number
    if (value > greatest || Number.isNaN(greatest)) greatest = value
    out[row] = greatest
  }
}

const minEver: AccountRun = (values, out, start, end) => {
  let least = Number.NaN
  for (let row = start; row < end; row += 1) {
    const value = values[row] as number
    if (value < least || Number.isNaN(least)) least = value
    out[row] = least
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
