/**
 * Kernels that bring together the accounts of a borrower, each as of the same month. Accounts are taken in the order of
 * their ids, so that a sum doesn't depend on the order in which they stand in the block.
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
        for (let borrower = 0; borrower < chunk.borrowers; borrower += 1) countDistinct(chunk, facts, borrower, out)
      },
  },
}

/**
 * Merges what one account gives into the states of another's rows. The state of a row is the merged value in `out` and,
 * in `seen`, twice the number of known values merged, plus 1 if an unknown one was met. Row `from + i` gets the value at
 * `giver + i · step`.
 */
type Merge = (
  values: Float64Array,
  giver: number,
  step: 0 | 1,
  from: number,
  end: number,
  out: Float64Array,
  seen: Int32Array,
) => void

/** How a state is merged and finished. */
interface Merging {
  readonly merge: Merge
  /** What it is worth where no account took part. */
  readonly ofNone: number
  /** Is it divided by the number of known values in the end? */
  readonly divided: boolean
}

const add: Merge = (values, giver, step, from, end, out, seen) => {
  for (let row = from, at = giver; row < end; row += 1, at += step) {
    const value = values[at] as number
    if (Number.isNaN(value)) seen[row] = (seen[row] as number) | 1
    else {
      out[row] = (out[row] as number) + value
      seen[row] = (seen[row] as number) + 2
    }
  }
}

const takeGreater: Merge = (values, giver, step, from, end, out, seen) => {
  for (let row = from, at = giver; row < end; row += 1, at += step) {
    const value = values[at] as number
    const state = seen[row] as number
    if (Number.isNaN(value)) seen[row] = state | 1
    else {
      if (state < 2 || value > (out[row] as number)) out[row] = value
      seen[row] = state + 2
    }
  }
}

const takeLess: Merge = (values, giver, step, from, end, out, seen) => {
  for (let row = from, at = giver; row < end; row += 1, at += step) {
    const value = values[at] as number
    const state = seen[row] as number
    if (Number.isNaN(value)) seen[row] = state | 1
    else {
      if (state < 2 || value < (out[row] as number)) out[row] = value
      seen[row] = state + 2
    }
  }
}

const merges: Record<AcrossBy, Merging> = {
  sum: { merge: add, ofNone: 0, divided: false },
  count: { merge: add, ofNone: 0, divided: false },
  mean: { merge: add, ofNone: Number.NaN, divided: true },
  max: { merge: takeGreater, ofNone: Number.NaN, divided: false },
  min: { merge: takeLess, ofNone: Number.NaN, divided: false },
}

/** The `seen` of states, kept between chunks; evaluation is synchronous, so nobody else uses it meanwhile. */
let scratch = new Int32Array()

function across({ merge, ofNone, divided }: Merging, othersOnly: boolean, endedToo: boolean): Run {
  return (chunk, [values], out) => {
    if (values === undefined) return
    const { meetings, rows } = chunk
    if (scratch.length < rows) scratch = new Int32Array(rows)
    const seen = scratch
    seen.fill(0, 0, rows)
    out.fill(0, 0, rows)
    for (let meeting = 0; meeting < meetings.count; meeting += 1) {
      if (othersOnly && meetings.own[meeting] === 1) continue
      const from = meetings.from[meeting] as number
      const overlapEnd = meetings.overlapEnd[meeting] as number
      const end = meetings.end[meeting] as number
      const last = meetings.last[meeting] as number
      if (meetings.whole[meeting] === 1) {
        merge(values, from + (meetings.shift[meeting] as number), 1, from, overlapEnd, out, seen)
        if (endedToo) merge(values, last, 0, Math.max(from, overlapEnd), end, out, seen)
      } else mergeGapped(chunk, meeting, merge, endedToo, values, out, seen)
    }
    for (let row = 0; row < rows; row += 1) {
      const state = seen[row] as number
      if (state < 2) out[row] = state === 0 ? ofNone : Number.NaN
      else if (divided) out[row] = (out[row] as number) / (state >> 1)
    }
  }
}

/** Row by row, where the giving account has months that weren't observed. */
function mergeGapped(
  { meetings, lastObserved }: Chunk,
  meeting: number,
  merge: Merge,
  endedToo: boolean,
  values: Float64Array,
  out: Float64Array,
  seen: Int32Array,
): void {
  const shift = meetings.shift[meeting] as number
  const last = meetings.last[meeting] as number
  const end = (endedToo ? meetings.end : meetings.overlapEnd)[meeting] as number
  for (let row = meetings.from[meeting] as number; row < end; row += 1) {
    const giver = lastObserved[Math.min(row + shift, last)] as number
    if (giver >= 0 && (endedToo || giver === row + shift)) merge(values, giver, 0, row, row + 1, out, seen)
  }
}

/** Bits of an integer that can stand for a fact each. */
const factsAtMost = 31

/** Facts met among a borrower's accounts in each month, a bit for each; kept between borrowers as `scratch` is. */
let met = new Int32Array()

/** Counts, in every row of a borrower, the different known facts of the accounts observed in its month. */
function countDistinct(chunk: Chunk, facts: readonly (string | null)[], borrower: number, out: Float64Array): void {
  const first = chunk.borrowerStart[borrower] as number
  const end = chunk.borrowerStart[borrower + 1] as number
  const firstRow = chunk.accountStart[first] as number
  const endRow = chunk.accountStart[end] as number
  const { month, observed } = chunk.history
  const only = facts[chunk.firstAccount + first] ?? null
  if (end - first === 1) {
    for (let row = firstRow; row < endRow; row += 1) {
      out[row] = only !== null && observed[chunk.firstRow + row] === 1 ? 1 : Number.NaN
    }
    return
  }
  let [earliest, latest] = [Number.MAX_SAFE_INTEGER, 0]
  for (let account = first; account < end; account += 1) {
    const [start, stop] = [chunk.accountStart[account] as number, chunk.accountStart[account + 1] as number]
    if (start === stop) continue
    earliest = Math.min(earliest, month[chunk.firstRow + start] as number)
    latest = Math.max(latest, month[chunk.firstRow + stop - 1] as number)
  }
  const months = latest - earliest + 1
  if (months > met.length) met = new Int32Array(months)
  const known = [...new Set(facts.slice(chunk.firstAccount + first, chunk.firstAccount + end))].filter(
    fact => fact !== null,
  )
  out.fill(0, firstRow, endRow)
  for (let group = 0; group < known.length; group += factsAtMost) {
    met.fill(0, 0, Math.max(0, months))
    for (let account = first; account < end; account += 1) {
      const fact = facts[chunk.firstAccount + account] ?? null
      const bit = fact === null ? -1 : known.indexOf(fact, group) - group
      if (bit < 0 || bit >= factsAtMost) continue
      for (
        let row = chunk.accountStart[account] as number;
        row < (chunk.accountStart[account + 1] as number);
        row += 1
      ) {
        const at = (month[chunk.firstRow + row] as number) - earliest
        if (observed[chunk.firstRow + row] === 1) met[at] = (met[at] as number) | (1 << bit)
      }
    }
    for (let row = firstRow; row < endRow; row += 1) {
      out[row] = (out[row] as number) + bitsSet(met[(month[chunk.firstRow + row] as number) - earliest] as number)
    }
  }
  for (let row = firstRow; row < endRow; row += 1) if (out[row] === 0) out[row] = Number.NaN
}

/** How many of an integer's bits are set. */
function bitsSet(bits: number): number {
  let [left, count] = [bits, 0]
  for (; left !== 0; left &= left - 1) count += 1
  return count
}
