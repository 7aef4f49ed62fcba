/** Kernels whose value at a row depends on that row alone: columns, facts, arithmetic, comparisons and logic. */

import { monthOf } from '../../../data/index.ts'
import type { Comparison, NumericExpression } from '../expression.ts'
import type { Chunk, Kernels, Run } from './kernel.ts'

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
  constant: {
    inputs: none,
    prepare:
      ({ value }) =>
      ({ rows }, _, out) => {
        out.fill(value, 0, rows)
      },
  },
  numberFact: {
    inputs: none,
    prepare:
      ({ name }) =>
      (chunk, _, out) => {
        const facts = chunk.history.numberFacts[name]
        forEachAccount(chunk, (account, start, end) => out.fill(facts[account] as number, start, end))
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
          const from = Number.isNaN(day) ? Number.NaN : monthOf(day)
          for (let row = start; row < end; row += 1) {
            const months = (history.month[firstRow + row] as number) - from
            out[row] = months >= 0 ? months : Number.NaN
          }
        })
      },
  },
  monthsSinceFirstSeen: {
    inputs: none,
    prepare: () => (chunk, _, out) => {
      forEachAccount(chunk, (_account, start, end) => {
        for (let row = start; row < end; row += 1) out[row] = row - start
      })
    },
  },
  observed: {
    inputs: none,
    prepare:
      () =>
      ({ history, firstRow, rows }, _, out) => {
        for (let row = 0; row < rows; row += 1) out[row] = history.observed[firstRow + row] as number
      },
  },
  plus: {
    inputs: pair,
    prepare:
      () =>
      ({ rows }, [left, right], out) => {
        if (left === undefined || right === undefined) return
        for (let row = 0; row < rows; row += 1) out[row] = (left[row] as number) + (right[row] as number)
      },
  },
  difference: {
    inputs: pair,
    prepare:
      () =>
      ({ rows }, [left, right], out) => {
        if (left === undefined || right === undefined) return
        for (let row = 0; row < rows; row += 1) out[row] = (left[row] as number) - (right[row] as number)
      },
  },
  product: {
    inputs: pair,
    prepare:
      () =>
      ({ rows }, [left, right], out) => {
        if (left === undefined || right === undefined) return
        for (let row = 0; row < rows; row += 1) out[row] = (left[row] as number) * (right[row] as number)
      },
  },
  ratio: {
    inputs: pair,
    prepare:
      () =>
      ({ rows }, [left, right], out) => {
        if (left === undefined || right === undefined) return
        for (let row = 0; row < rows; row += 1) {
          const divisor = right[row] as number
          out[row] = divisor > 0 ? (left[row] as number) / divisor : Number.NaN
        }
      },
  },
  signedLog: {
    inputs: single,
    prepare:
      () =>
      ({ rows }, [of], out) => {
        if (of === undefined) return
        for (let row = 0; row < rows; row += 1) {
          const value = of[row] as number
          out[row] = value < 0 ? -Math.log1p(-value) : Math.log1p(value)
        }
      },
  },
  clamp: {
    inputs: single,
    prepare:
      ({ low, high }) =>
      ({ rows }, [of], out) => {
        if (of === undefined) return
        // both give NaN for NaN
        for (let row = 0; row < rows; row += 1) out[row] = Math.min(Math.max(of[row] as number, low), high)
      },
  },
  firstKnown: {
    inputs: ({ first, second }) => [first, second],
    prepare:
      () =>
      ({ rows }, [first, second], out) => {
        if (first === undefined || second === undefined) return
        for (let row = 0; row < rows; row += 1) {
          const value = first[row] as number
          out[row] = Number.isNaN(value) ? (second[row] as number) : value
        }
      },
  },
  when: {
    inputs: ({ condition, of }) => [condition, of],
    prepare:
      () =>
      ({ rows }, [condition, of], out) => {
        if (condition === undefined || of === undefined) return
        for (let row = 0; row < rows; row += 1) out[row] = condition[row] === 1 ? (of[row] as number) : Number.NaN
      },
  },
  compare: { inputs: single, prepare: ({ is, than }) => comparisons[is](than) },
  both: {
    inputs: pair,
    prepare:
      () =>
      ({ rows }, [left, right], out) => {
        if (left === undefined || right === undefined) return
        for (let row = 0; row < rows; row += 1) out[row] = (left[row] as number) * (right[row] as number)
      },
  },
  either: {
    inputs: pair,
    prepare:
      () =>
      ({ rows }, [left, right], out) => {
        if (left === undefined || right === undefined) return
        for (let row = 0; row < rows; row += 1) out[row] = Math.max(left[row] as number, right[row] as number)
      },
  },
  not: {
    inputs: single,
    prepare:
      () =>
      ({ rows }, [of], out) => {
        if (of === undefined) return
        for (let row = 0; row < rows; row += 1) out[row] = 1 - (of[row] as number)
      },
  },
}

/** One loop per comparison, so that none asks at every row which it is. */
const comparisons: Record<Comparison, (than: number) => Run> = {
  above:
    than =>
    ({ rows }, [of], out) => {
      if (of === undefined) return
      for (let row = 0; row < rows; row += 1) {
        const value = of[row] as number
        out[row] = Number.isNaN(value) ? Number.NaN : Number(value > than)
      }
    },
  'at-least':
    than =>
    ({ rows }, [of], out) => {
      if (of === undefined) return
      for (let row = 0; row < rows; row += 1) {
        const value = of[row] as number
        out[row] = Number.isNaN(value) ? Number.NaN : Number(value >= than)
      }
    },
  below:
    than =>
    ({ rows }, [of], out) => {
      if (of === undefined) return
      for (let row = 0; row < rows; row += 1) {
        const value = of[row] as number
        out[row] = Number.isNaN(value) ? Number.NaN : Number(value < than)
      }
    },
  'at-most':
    than =>
    ({ rows }, [of], out) => {
      if (of === undefined) return
      for (let row = 0; row < rows; row += 1) {
        const value = of[row] as number
        out[row] = Number.isNaN(value) ? Number.NaN : Number(value <= than)
      }
    },
  'equal-to':
    than =>
    ({ rows }, [of], out) => {
      if (of === undefined) return
      for (let row = 0; row < rows; row += 1) {
        const value = of[row] as number
        out[row] = Number.isNaN(value) ? Number.NaN : Number(value === than)
      }
    },
}

/** Visits the accounts of a chunk: account in the block, rows `start` to before `end` in the chunk. */
function forEachAccount(chunk: Chunk, visit: (account: number, start: number, end: number) => void): void {
  const { accounts, accountStart, firstAccount } = chunk
  for (let account = 0; account < accounts; account += 1) {
    visit(firstAccount + account, accountStart[account] as number, accountStart[account + 1] as number)
  }
}
