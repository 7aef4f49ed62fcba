/**
 * Kernels that bring together the accounts of a borrower, each as of the same month.
 *
 * An account's rows have no gaps, so the row of month m in account b is `start of b + (m − first month of b)`, and two
 * accounts meet in one unbroken run of rows. Accounts are taken in the order of their ids, so that a sum doesn't depend
 * on the order in which they stand in the block.
 */

import type { AcrossBy } from '../expression.ts'
import type { Chunk, Kernels } from './kernel.ts'

/** See each kind in `expression.ts` for what it means. */
export const accountKernels: Kernels<'acrossAccounts' | 'distinctAcrossAccounts'> = {
  acrossAccounts: {
    inputs: node => [node.of],
    prepare: ({ by, accounts, ended }) => {
      const { merge, finish } = merges[by]
      return (chunk, [of], out) => {
        if (of === undefined) return
        const state = stateOf(chunk)
        for (let borrower = 0; borrower < chunk.borrowers; borrower += 1) {
          const first = chunk.borrowerStart[borrower] as number
          const end = chunk.borrowerStart[borrower + 1] as number
          for (let own = first; own < end; own += 1) {
            clear(state, chunk.accountStart[own] as number, chunk.accountStart[own + 1] as number)
            for (let place = first; place < end; place += 1) {
              const other = chunk.accountOrder[place] as number
              if (other === own && accounts === 'others') continue
              meet(chunk, own, other, ended === 'kept', of, state, merge)
            }
          }
        }
        for (let row = 0; row < chunk.rows; row += 1) {
          const known = state.known[row] as number
          out[row] = known > 0 || state.present[row] === 0 ? finish(state.value[row] as number, known) : Number.NaN
        }
      }
    },
  },
  distinctAcrossAccounts: {
    inputs: () => [],
    prepare:
      ({ name }) =>
      (chunk, _, out) => {
        const facts = chunk.history.categoryFacts[name]
        for (let borrower = 0; borrower < chunk.borrowers; borrower += 1) {
          const first = chunk.borrowerStart[borrower] as number
          const end = chunk.borrowerStart[borrower + 1] as number
          for (let own = first; own < end; own += 1) {
            const start = chunk.accountStart[own] as number
            for (let row = start; row < (chunk.accountStart[own + 1] as number); row += 1) {
              const month = chunk.history.month[chunk.firstRow + row] as number
              const distinct = distinctAt(chunk, facts, first, end, month)
              out[row] = distinct > 0 ? distinct : Number.NaN
            }
          }
        }
      },
  },
}

/** Running states, shape `[row]`: the merged value, accounts that took part and those whose value was known. */
interface State {
  value: Float64Array
  present: Int32Array
  known: Int32Array
}

/** Merges one more value into the state at a row. */
type Merge = (state: State, row: number, value: number) => void

const add: Merge = (state, row, value) => {
  state.value[row] = (state.value[row] as number) + value
}

/** How states are merged and finished; `known` is 0 only where no account takes part. */
const merges: Record<AcrossBy, { merge: Merge; finish: (value: number, known: number) => number }> = {
  sum: { merge: add, finish: value => value },
  count: { merge: add, finish: value => value },
  mean: { merge: add, finish: (value, known) => (known > 0 ? value / known : Number.NaN) },
  max: {
    merge: (state, row, value) => {
      if (state.known[row] === 0 || value > (state.value[row] as number)) state.value[row] = value
    },
    finish: (value, known) => (known > 0 ? value : Number.NaN),
  },
  min: {
    merge: (state, row, value) => {
      if (state.known[row] === 0 || value < (state.value[row] as number)) state.value[row] = value
    },
    finish: (value, known) => (known > 0 ? value : Number.NaN),
  },
}

/** Merges what account `other` says into the rows of account `own`. */
function meet(
  chunk: Chunk,
  own: number,
  other: number,
  kept: boolean,
  of: Float64Array,
  state: State,
  merge: Merge,
): void {
  const { accountStart, history, firstRow } = chunk
  const ownStart = accountStart[own] as number
  const ownEnd = accountStart[own + 1] as number
  const otherStart = accountStart[other] as number
  const otherEnd = accountStart[other + 1] as number
  if (ownStart === ownEnd || otherStart === otherEnd) return
  const ownMonth = history.month[firstRow + ownStart] as number
  const otherMonth = history.month[firstRow + otherStart] as number
  // Row of `other` in the month of a row of `own` = that row + shift.
  const shift = otherStart - ownStart + ownMonth - otherMonth
  const from = Math.max(ownStart, otherStart - shift)
  const to = kept ? ownEnd : Math.min(ownEnd, otherEnd - shift)
  for (let row = from; row < to; row += 1) {
    const value = of[Math.min(row + shift, otherEnd - 1)] as number
    state.present[row] = (state.present[row] as number) + 1
    if (!Number.isNaN(value)) {
      merge(state, row, value)
      state.known[row] = (state.known[row] as number) + 1
    }
  }
}

/** Different known values among the accounts of a borrower that have a row in the month. */
function distinctAt(
  chunk: Chunk,
  facts: readonly (string | null)[],
  first: number,
  end: number,
  month: number,
): number {
  let distinct = 0
  for (let account = first; account < end; account += 1) {
    const fact = facts[chunk.firstAccount + account] ?? null
    if (fact === null || !hasRow(chunk, account, month)) continue
    let isNew = true
    for (let earlier = first; isNew && earlier < account; earlier += 1) {
      if (facts[chunk.firstAccount + earlier] === fact && hasRow(chunk, earlier, month)) isNew = false
    }
    if (isNew) distinct += 1
  }
  return distinct
}

function hasRow(chunk: Chunk, account: number, month: number): boolean {
  const start = chunk.accountStart[account] as number
  const rows = (chunk.accountStart[account + 1] as number) - start
  const since = month - (chunk.history.month[chunk.firstRow + start] as number)
  return rows > 0 && since >= 0 && since < rows
}

/** Scratch space, kept between chunks. Evaluation is synchronous, so nobody else uses it meanwhile. */
let scratch: State = { value: new Float64Array(), present: new Int32Array(), known: new Int32Array() }

function stateOf({ rows }: Chunk): State {
  if (scratch.value.length < rows) {
    scratch = { value: new Float64Array(rows), present: new Int32Array(rows), known: new Int32Array(rows) }
  }
  return scratch
}

function clear(state: State, start: number, end: number): void {
  state.value.fill(0, start, end)
  state.present.fill(0, start, end)
  state.known.fill(0, start, end)
}
