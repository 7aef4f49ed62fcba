/**
 * Kernels that look back over the months of one account: lags and aggregates over windows.
 *
 * Every aggregate is the algebra prepare / update / merge / finalise over a small state, as in a distributed engine:
 * - **count, sum, max, min**: two states: the aggregate of the known values, worth what changes nothing where there are
 *   none (0, −0, −∞, ∞), and the months in which the value is known, by which it is missing in the end. The states of a
 *   window are merged from those of its halves; over all months one state is updated month by month. Nothing is ever
 *   taken away again, so no rounding of months long gone is carried into a sum.
 * - **share, mean**: the same two states, finalised by division.
 * - **standard deviation, slope**: states (known, Σd, Σd²) and (known, Σx, Σx², Σd, Σxd), where d is the distance from
 *   one of the window's own values, so that equal values give exactly 0 and large amounts lose no digits.
 * States of accounts are merged by `acrossAccounts` at equal month, in the order of account ids: the merge of counts is
 * their sum, of maxima their maximum. Because a state holds only months of the window, a row's value can't depend on
 * later rows, on older rows outside the window, or on what else is in the block.
 */

import type {
  ComputedExpression,
  Condition,
  ExpressionOf,
  NumberExpression,
  NumericExpression,
  Window,
} from '../expression.ts'
import type { Chunk, Kernels, Run } from './kernel.ts'
import * as lanes from './lanes.ts'
import * as momentLanes from './moment-lanes.ts'
import { type MomentsOf, slopeOf, standardDeviationOf } from './moments.ts'

const single = (node: { of: NumberExpression }) => [node.of]

/** Computes rows `start` to before `end`, all of one account. */
type AccountRun = (values: Float64Array, out: Float64Array, start: number, end: number) => void

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

/** See each kind in `expression.ts` for what it means. */
export const windowKernels: Kernels<
  | 'lag'
  | 'changed'
  | 'count'
  | 'share'
  | 'sum'
  | 'mean'
  | 'max'
  | 'min'
  | 'standardDeviation'
  | 'slope'
  | 'decayed'
  | 'trueMonths'
  | 'knownSum'
  | 'knownMost'
  | 'knownLeast'
> = {
  lag: { inputs: single, prepare: ({ months }) => lanes.lagged(months) },
  changed: { inputs: ({ of }) => [of, of], prepare: () => lanes.changed },
  count: ofKnown((window, of: Condition) => ({ kind: 'trueMonths', window, of }), sumEver),
  sum: ofKnown((window, of: NumberExpression) => ({ kind: 'knownSum', window, of }), sumEver),
  max: ofKnown((window, of: NumberExpression) => ({ kind: 'knownMost', window, of }), maxEver),
  min: ofKnown((window, of: NumberExpression) => ({ kind: 'knownLeast', window, of }), minEver),
  share: {
    inputs: ({ window, of }) =>
      window === 'ever'
        ? [{ kind: 'count', window, of }, knownEver(of)]
        : [{ kind: 'trueMonths', window, of }, knownMonths(window, of)],
    prepare: () => lanes.ratio,
  },
  mean: {
    inputs: ({ window, of }) =>
      window === 'ever'
        ? [{ kind: 'sum', window, of }, knownEver(of)]
        : [{ kind: 'knownSum', window, of }, knownMonths(window, of)],
    prepare: () => lanes.ratio,
  },
  standardDeviation: {
    inputs: monthsOf,
    prepare: ({ window }) => momentsOver(window, momentLanes.standardDeviation, standardDeviationOf),
  },
  slope: { inputs: monthsOf, prepare: ({ window }) => momentsOver(window, momentLanes.slope, slopeOf) },
  decayed: { inputs: single, prepare: ({ factor }) => perAccount(decayed(factor)) },
  trueMonths: { inputs: parts, prepare: ({ window }) => merged(window, lanes.counting) },
  knownSum: { inputs: parts, prepare: ({ window }) => merged(window, lanes.summing) },
  knownMost: { inputs: parts, prepare: ({ window }) => merged(window, lanes.greatest) },
  knownLeast: { inputs: parts, prepare: ({ window }) => merged(window, lanes.least) },
}

/** An aggregate of the known values: over a window by its part of the window, over all months by a loop of its own. */
function ofKnown<Of extends NumericExpression>(
  part: (window: number, of: Of) => ComputedExpression,
  ever: AccountRun,
): {
  inputs: (node: { readonly window: Window; readonly of: Of }) => readonly ComputedExpression[]
  prepare: (node: { readonly window: Window }) => Run | lanes.Lanes
} {
  return {
    inputs: ({ window, of }) => (window === 'ever' ? [of] : [part(window, of), knownMonths(window, of)]),
    prepare: ({ window }) => (window === 'ever' ? perAccount(ever) : lanes.ofSome),
  }
}

/**
 * The parts of a window of n months, the earlier first: the same over n/2 months, twice, or, where n is odd, over n − 1
 * months and the last one. So a window costs a few merges whatever its length, and shorter windows over the same values
 * are computed on the way.
 */
function parts(
  node: ExpressionOf<'trueMonths' | 'knownSum' | 'knownMost' | 'knownLeast'>,
): readonly ComputedExpression[] {
  const { window, of } = node
  if (window === 1) return [of]
  if (window % 2 === 1)
    return [
      { ...node, window: window - 1 },
      { ...node, window: 1 },
    ]
  const half = { ...node, window: window / 2 }
  return [half, half]
}

function merged(window: number, merging: lanes.Merging): lanes.Lanes {
  if (window === 1) return lanes.oneMonth(merging)
  return lanes.mergedAfter(merging, window % 2 === 0 ? window / 2 : 1)
}

/** Windows up to this many months are written out month by month. */
const writtenOut = 24

type OverMonths = ExpressionOf<'standardDeviation'> | ExpressionOf<'slope'>

/** The months of a short window, the earliest first: they are features themselves, or the months of other windows. */
function monthsOf({ window, of }: OverMonths): readonly NumberExpression[] {
  if (window === 'ever' || window > writtenOut) return [of]
  return Array.from({ length: window }, (_, place): NumberExpression => {
    const months = window - 1 - place
    return months === 0 ? of : { kind: 'lag', months, of }
  })
}

function momentsOver(window: Window, short: lanes.Lanes, long: MomentsOf): Run | lanes.Lanes {
  if (window !== 'ever' && window <= writtenOut) return short
  return perAccount((values, out, start, end) => {
    for (let row = start; row < end; row += 1) {
      out[row] = long(values, window === 'ever' ? start : Math.max(start, row - window + 1), row)
    }
  })
}

/** Months of the window in which the value is known. */
function knownMonths(window: number, of: NumericExpression): ComputedExpression {
  return { kind: 'trueMonths', window, of: { kind: 'known', of: knownWith(of) } }
}

/** Months so far in which the value is known. */
function knownEver(of: NumericExpression): NumberExpression {
  return { kind: 'count', window: 'ever', of: { kind: 'known', of: knownWith(of) } }
}

/** What is known in the same months as an expression: that of many features is counted once. */
function knownWith(node: NumericExpression): NumericExpression {
  return node.kind === 'compare' || node.kind === 'not' || node.kind === 'clamp' ? knownWith(node.of) : node
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
