/** Kernels whose value at a row depends on that row alone: columns, facts, arithmetic, comparisons and logic. */

import { monthOf } from '../../../data/index.ts'
import type { Comparison, NumericExpression } from '../expression.ts'
import type { Chunk, Kernels } from './kernel.ts'
import * as lanes from './lanes.ts'

const none = (): readonly NumericExpression[] => []
const pair = (node: { left: NumericExpression; right: NumericExpression }) => [node.left, node.right]
const single = (node: { of: NumericExpression }) => [node.of]

/** See each kind in `expression.ts` for what it means. */
export const rowKernels: Kernels<
  | 'column'
  | 'constant'
  | 'numberFact'
  | 'monthsSinceDate'
  | 'monthsSinceFirstSeen'
  | 'observed'
  | 'plus'
  | 'difference'
  | 'product'
  | 'ratio'
  | 'signedLog'
  | 'clamp'
  | 'firstKnown'
  | 'when'
  | 'compare'
  | 'known'
  | 'both'
  | 'either'
  | 'not'
> = {
  column: {
    inputs: none,
    prepare:
      ({ name }) =>
      ({ history, firstRow, rows }, _, out) => {
        out.set(history.numbers[name].subarray(firstRow, firstRow + rows))
      },
  },
  constant: { inputs: none, prepare: ({ value }) => lanes.constant(value) },
  numberFact: {
    inputs: none,
    prepare:
      ({ name }) =>
      (chunk, _, out) => {
        const facts = chunk.history.numberFacts[name]
        forEachAccount(chunk, (account, start, end) => {
          const fact = facts[account] as number
          // for a few rows, calling fill() takes longer
          for (let row = start; row < end; row += 1) out[row] = fact
        })
      },
  },
  monthsSinceDate: {
    inputs: none,
    prepare:
      ({ name }) =>
      (chunk, _, out) => {
        const { history, firstRow } = chunk
        const facts = history.dateFacts[name]
        forEachAccount(chunk, (account, start, end) => {
          const day = facts[account] as number
          if (start === end || Number.isNaN(day)) {
            out.fill(Number.NaN, start, end)
            return
          }
          // rows have no gaps, so months go up by one
          const months = (history.month[firstRow + start] as number) - monthOf(day) - start
          for (let row = start; row < end; row += 1) out[row] = months + row >= 0 ? months + row : Number.NaN
        })
      },
  },
  monthsSinceFirstSeen: { inputs: none, prepare: () => lanes.age },
  observed: {
    inputs: none,
    prepare:
      () =>
      ({ history, firstRow, rows }, _, out) => {
        for (let row = 0; row < rows; row += 1) out[row] = history.observed[firstRow + row] as number
      },
  },
  plus: { inputs: pair, prepare: () => lanes.plus },
  difference: { inputs: pair, prepare: () => lanes.difference },
  product: { inputs: pair, prepare: () => lanes.product },
  ratio: { inputs: pair, prepare: () => lanes.ratio },
  signedLog: {
    inputs: single,
    prepare:
      () =>
      ({ rows }, [of], out) => {
        if (of === undefined) return
        // many a value is that of the month before, and a logarithm takes longer than looking
        let [before, logarithm] = [Number.NaN, Number.NaN]
        for (let row = 0; row < rows; row += 1) {
          const value = of[row] as number
          if (value === 0) {
            // equal to 0 is −0 too, and each is its own logarithm
            out[row] = value
            continue
          }
          if (value !== before) {
            logarithm = value < 0 ? -Math.log1p(-value) : Math.log1p(value)
            before = value
          }
          out[row] = logarithm
        }
      },
  },
  clamp: { inputs: single, prepare: ({ low, high }) => lanes.clamp(low, high) },
  firstKnown: { inputs: ({ first, second }) => [first, second], prepare: () => lanes.firstKnown },
  when: { inputs: ({ condition, of }) => [condition, of], prepare: () => lanes.when },
  compare: { inputs: single, prepare: ({ is, than }) => comparisons[is](than) },
  known: { inputs: single, prepare: () => lanes.known },
  both: { inputs: pair, prepare: () => lanes.product },
  either: { inputs: pair, prepare: () => lanes.or },
  not: { inputs: single, prepare: () => lanes.not },
}

const comparisons: Record<Comparison, (than: number) => lanes.Lanes> = {
  above: lanes.above,
  'at-least': lanes.atLeast,
  below: lanes.below,
  'at-most': lanes.atMost,
  'equal-to': lanes.equalTo,
}

/** Visits the accounts of a chunk: account in the block, rows `start` to before `end` in the chunk. */
function forEachAccount(chunk: Chunk, visit: (account: number, start: number, end: number) => void): void {
  const { accounts, accountStart, firstAccount } = chunk
  for (let account = 0; account < accounts; account += 1) {
    visit(firstAccount + account, accountStart[account] as number, accountStart[account + 1] as number)
  }
}
