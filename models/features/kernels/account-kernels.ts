/**
 * Kernels that bring together the accounts of a borrower, each as of the same month.
 *
 * An account's rows have no gaps, so the row of month m in account b is `start of b + (m − first month of b)`, and two
 * accounts meet in one unbroken run of rows. Accounts are taken in the order of their ids, so that a sum doesn't depend
 * on the order in which they stand in the block.
 *
 * An account takes part in the months in which it is observed. A gap counts as if the account had ended before it: that
 * data comes again later is not known in the month.
 */

import type { AcrossBy } from '../expression.ts'
import type { Chunk, Kernels, Run } from './kernel.ts'

/** See each kind in `expression.ts` for what it means. */
export const accountKernels: Kernels<'acrossAccounts' | 'distinctAcrossAccounts'> = {
  acrossAccounts: {
    inputs: node => [node.of],
    prepare: ({ by, accounts, ended }) => across(merges[by], accounts === 'others', ended === 'kept'),
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

/** Rows of one account to be merged into the rows of another, month by month. */
interface Meeting {
  /** Values of the chunk, shape `[row]`. */
  readonly values: Float64Array
  /** See {@link Chunk.lastObserved}. */
  readonly lastObserved: Int32Array
  /** Rows that receive: `from` to before `to`. */
  readonly from: number
  readonly to: number
  /** The giving row of the same month = receiving row + shift. */
  readonly shift: number
  /** Last row of the giving account. */
  readonly last: number
  /** Does an account that isn't observed in the month take part with its last observed value? */
  readonly endedToo: boolean
}

/**
 * Merges a meeting into states. The state of a row is the merged value in `out` and, in `seen`, twice the number of
 * known values merged, plus 1 if an unknown one was met.
 */
type Merge = (meeting: Meeting, out: Float64Array, seen: Int32Array) => void

/** How a state is merged and finished. */
interface Merging {
  readonly merge: Merge
  /** What it is worth where no account took part. */
  readonly ofNone: number
  /** Is it divided by the number of known values in the end? */
  readonly divided: boolean
}

const addValues: Merge = ({ values, lastObserved, from, to, shift, last, endedToo }, out, seen) => {
  for (let row = from; row < to; row += 1) {
    const giver = lastObserved[Math.min(row + shift, last)] as number
    if (giver < 0 || (giver !== row + shift && !endedToo)) continue
    const value = values[giver] as number
    if (Number.isNaN(value)) seen[row] = (seen[row] as number) | 1
    else {
      out[row] = (out[row] as number) + value
      seen[row] = (seen[row] as number) + 2
    }
  }
}

const takeGreater: Merge = ({ values, lastObserved, from, to, shift, last, endedToo }, out, seen) => {
  for (let row = from; row < to; row += 1) {
    const giver = lastObserved[Math.min(row + shift, last)] as number
    if (giver < 0 || (giver !== row + shift && !endedToo)) continue
    const value = values[giver] as number
    if (Number.isNaN(value)) seen[row] = (seen[row] as number) | 1
    else {
      if ((seen[row] as number) < 2 || value > (out[row] as number)) out[row] = value
      seen[row] = (seen[row] as number) + 2
    }
  }
}

const takeLess: Merge = ({ values, lastObserved, from, to, shift, last, endedToo }, out, seen) => {
  for (let row = from; row < to; row += 1) {
    const giver = lastObserved[Math.min(row + shift, last)] as number
    if (giver < 0 || (giver !== row + shift && !endedToo)) continue
    const value = values[giver] as number
    if (Number.isNaN(value)) seen[row] = (seen[row] as number) | 1
    else {
      if ((seen[row] as number) < 2 || value < (out[row] as number)) out[row] = value
      seen[row] = (seen[row] as number) + 2
    }
  }
}

const merges: Record<AcrossBy, Merging> = {
  sum: { merge: addValues, ofNone: 0, divided: false },
  count: { merge: addValues, ofNone: 0, divided: false },
  mean: { merge: addValues, ofNone: Number.NaN, divided: true },
  max: { merge: takeGreater, ofNone: Number.NaN, divided: false },
  min: { merge: takeLess, ofNone: Number.NaN, divided: false },
}

/** The `seen` of states, kept between chunks; evaluation is synchronous, so nobody else uses it meanwhile. */
let scratch = new Int32Array()

function across({ merge, ofNone, divided }: Merging, othersOnly: boolean, endedToo: boolean): Run {
  return (chunk, [values], out) => {
    if (values === undefined) return
    if (scratch.length < chunk.rows) scratch = new Int32Array(chunk.rows)
    const seen = scratch
    seen.fill(0, 0, chunk.rows)
    out.fill(0, 0, chunk.rows)
    for (let borrower = 0; borrower < chunk.borrowers; borrower += 1) {
      const first = chunk.borrowerStart[borrower] as number
      const end = chunk.borrowerStart[borrower + 1] as number
      for (let own = first; own < end; own += 1) {
        for (let place = first; place < end; place += 1) {
          const other = chunk.accountOrder[place] as number
          if (other !== own || !othersOnly) meet(chunk, own, other, endedToo, merge, values, out, seen)
        }
      }
    }
    for (let row = 0; row < chunk.rows; row += 1) {
      const state = seen[row] as number
      if (state < 2) out[row] = state === 0 ? ofNone : Number.NaN
      else if (divided) out[row] = (out[row] as number) / (state >> 1)
    }
  }
}

/** Merges what account `other` says into the rows of account `own`. */
function meet(
  { accountStart, history, firstRow, lastObserved }: Chunk,
  own: number,
  other: number,
  endedToo: boolean,
  merge: Merge,
  values: Float64Array,
  out: Float64Array,
  seen: Int32Array,
): void {
  const ownStart = accountStart[own] as number
  const ownEnd = accountStart[own + 1] as number
  const otherStart = accountStart[other] as number
  const otherEnd = accountStart[other + 1] as number
  if (ownStart === ownEnd || otherStart === otherEnd) return
  const monthsApart = (history.month[firstRow + ownStart] as number) - (history.month[firstRow + otherStart] as number)
  const shift = otherStart - ownStart + monthsApart
  const from = Math.max(ownStart, otherStart - shift)
  const to = endedToo ? ownEnd : Math.min(ownEnd, otherEnd - shift)
  merge({ values, lastObserved, from, to, shift, last: otherEnd - 1, endedToo }, out, seen)
}

/** Different known values among the accounts of a borrower that are observed in the month. */
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
    if (fact === null || !isObserved(chunk, account, month)) continue
    let isNew = true
    for (let earlier = first; isNew && earlier < account; earlier += 1) {
      if (facts[chunk.firstAccount + earlier] === fact && isObserved(chunk, earlier, month)) isNew = false
    }
    if (isNew) distinct += 1
  }
  return distinct
}

function isObserved(chunk: Chunk, account: number, month: number): boolean {
  const start = chunk.accountStart[account] as number
  const rows = (chunk.accountStart[account + 1] as number) - start
  if (rows === 0) return false
  const since = month - (chunk.history.month[chunk.firstRow + start] as number)
  return since >= 0 && since < rows && chunk.history.observed[chunk.firstRow + start + since] === 1
}
