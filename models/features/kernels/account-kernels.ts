/**
 * Kernels that bring together the accounts of a borrower, each as of the same month. Accounts are taken in the order of
 * their ids, so that a sum doesn't depend on the order in which they stand in the block.
 *
 * An account takes part in the months in which it is observed. A gap counts as if the account had ended before it: that
 * data comes again later is not known in the month.
 */

import { noCategory } from '../../../data/index.ts'
import type { AcrossBy } from '../expression.ts'
import type { Chunk, Kernels, Run } from './kernel.ts'

/** See each kind in `expression.ts` for what it means. */
export const accountKernels: Kernels<'acrossAccounts' | 'distinctAcrossAccounts'> = {
  acrossAccounts: {
    inputs: node => [node.of],
    prepare: ({ by, accounts, ended }) =>
      accounts === 'others' ? acrossOthers(merges[by], ended === 'kept') : acrossAll(merges[by], ended === 'kept'),
  },
  distinctAcrossAccounts: {
    inputs: () => [],
    prepare:
      ({ name }) =>
      (chunk, _, out) => {
        const facts = chunk.history.categoryFacts[name].codes
        for (let borrower = 0; borrower < chunk.borrowers; borrower += 1) countDistinct(chunk, facts, borrower, out)
      },
  },
}

/**
 * Merges what one account gives into the states of another's rows. The state of a row is the merged value in `out` and,
 * where that doesn't say all, in `seen` twice the number of known values merged, plus 1 if an unknown one was met. Row
 * `from + i` gets the value at `giver + i · step`.
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
  /** Where nothing was merged yet; for a sum also what that is worth. */
  readonly start: number
  /** What `seen` is for: nothing where a state without a known value is missing, whether or not an account took part. */
  readonly counts: 'nothing' | 'known' | 'mean'
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

const takeGreater: Merge = (values, giver, step, from, end, out) => {
  for (let row = from, at = giver; row < end; row += 1, at += step) {
    const value = values[at] as number
    const greatest = out[row] as number
    if (value > greatest || Number.isNaN(greatest)) out[row] = value
  }
}

const takeLess: Merge = (values, giver, step, from, end, out) => {
  for (let row = from, at = giver; row < end; row += 1, at += step) {
    const value = values[at] as number
    const least = out[row] as number
    if (value < least || Number.isNaN(least)) out[row] = value
  }
}

const merges: Record<AcrossBy, Merging> = {
  sum: { merge: add, start: 0, counts: 'known' },
  count: { merge: add, start: 0, counts: 'known' },
  mean: { merge: add, start: 0, counts: 'mean' },
  max: { merge: takeGreater, start: Number.NaN, counts: 'nothing' },
  min: { merge: takeLess, start: Number.NaN, counts: 'nothing' },
}

/** States, kept between chunks; evaluation is synchronous, so nobody else uses them meanwhile. */
let scratch = { out: new Float64Array(), seen: new Int32Array() }

function states(length: number): typeof scratch {
  if (scratch.seen.length < length) scratch = { out: new Float64Array(length), seen: new Int32Array(length) }
  return scratch
}

/** Begins the states of the first `length` rows. */
function begin({ start, counts }: Merging, out: Float64Array, seen: Int32Array, length: number): void {
  for (let place = 0; place < length; place += 1) out[place] = start
  if (counts !== 'nothing') for (let place = 0; place < length; place += 1) seen[place] = 0
}

/** Makes values of states. */
function finish({ counts }: Merging, out: Float64Array, seen: Int32Array, length: number): void {
  if (counts === 'nothing') return
  for (let place = 0; place < length; place += 1) {
    const state = seen[place] as number
    if (state === 1 || (state === 0 && counts === 'mean')) out[place] = Number.NaN
    else if (counts === 'mean') out[place] = (out[place] as number) / (state >> 1)
  }
}

/** All accounts of a borrower: what a month is worth is the same for each, so it is merged once a month. */
function acrossAll(merging: Merging, endedToo: boolean): Run {
  return (chunk, [values], out) => {
    if (values === undefined) return
    const { accountStart, borrowerStart, calendar } = chunk
    const worth = states(calendar.slots)
    for (let borrower = 0; borrower < chunk.borrowers; borrower += 1) {
      const first = borrowerStart[borrower] as number
      const end = borrowerStart[borrower + 1] as number
      if (end - first === 1 && calendar.whole[first] === 1) {
        takeAlone(values, accountStart[first] as number, accountStart[end] as number, merging.merge === add, out)
        continue
      }
      mergeMonths(chunk, borrower, merging, endedToo, values, worth)
      const before = calendar.borrowerSlot[borrower] as number
      for (let account = first; account < end; account += 1) {
        const stop = accountStart[account + 1] as number
        let slot = (calendar.accountSlot[account] as number) - before
        for (let row = accountStart[account] as number; row < stop; row += 1) {
          out[row] = worth.out[slot] as number
          slot += 1
        }
      }
    }
  }
}

/** A borrower's only account, observed in every month: what merging and finishing come to. */
function takeAlone(values: Float64Array, start: number, end: number, isSum: boolean, out: Float64Array): void {
  // a sum begins at 0, which makes 0 of −0
  if (isSum) for (let row = start; row < end; row += 1) out[row] = 0 + (values[row] as number)
  else for (let row = start; row < end; row += 1) out[row] = values[row] as number
}

/** Merges and finishes a borrower's months, from the first on. */
function mergeMonths(
  { accountStart, accountOrder, borrowerStart, calendar, lastObserved }: Chunk,
  borrower: number,
  merging: Merging,
  endedToo: boolean,
  values: Float64Array,
  { out, seen }: typeof scratch,
): void {
  const { merge } = merging
  const { accountSlot, borrowerSlot, whole } = calendar
  const before = borrowerSlot[borrower] as number
  const last = (borrowerSlot[borrower + 1] as number) - before
  begin(merging, out, seen, last)
  const end = borrowerStart[borrower + 1] as number
  for (let place = borrowerStart[borrower] as number; place < end; place += 1) {
    const account = accountOrder[place] as number
    const start = accountStart[account] as number
    const stop = accountStart[account + 1] as number
    const slot = (accountSlot[account] as number) - before
    const until = slot + stop - start
    if (start === stop) continue
    if (whole[account] === 1) {
      merge(values, start, 1, slot, until, out, seen)
      if (endedToo) merge(values, stop - 1, 0, until, last, out, seen)
      continue
    }
    for (let month = slot; month < (endedToo ? last : until); month += 1) {
      const row = start + month - slot
      const giver = lastObserved[Math.min(row, stop - 1)] as number
      if (giver >= 0 && (endedToo || giver === row)) merge(values, giver, 0, month, month + 1, out, seen)
    }
  }
  finish(merging, out, seen, last)
}

function acrossOthers(merging: Merging, endedToo: boolean): Run {
  const { merge } = merging
  return (chunk, [values], out) => {
    if (values === undefined) return
    const { meetings, rows } = chunk
    const { seen } = states(rows)
    begin(merging, out, seen, rows)
    for (let meeting = 0; meeting < meetings.count; meeting += 1) {
      const from = meetings.from[meeting] as number
      const overlapEnd = meetings.overlapEnd[meeting] as number
      const end = meetings.end[meeting] as number
      const last = meetings.last[meeting] as number
      if (meetings.whole[meeting] === 1) {
        merge(values, from + (meetings.shift[meeting] as number), 1, from, overlapEnd, out, seen)
        if (endedToo) merge(values, last, 0, Math.max(from, overlapEnd), end, out, seen)
      } else mergeGapped(chunk, meeting, merge, endedToo, values, out, seen)
    }
    finish(merging, out, seen, rows)
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

/** Codes of a borrower's different facts; kept between borrowers. */
const known: number[] = []

/** Counts, in every row of a borrower, the different known facts of the accounts observed in its month. */
function countDistinct(chunk: Chunk, facts: Int32Array, borrower: number, out: Float64Array): void {
  const { accountStart, calendar, firstAccount, lastObserved } = chunk
  const first = chunk.borrowerStart[borrower] as number
  const end = chunk.borrowerStart[borrower + 1] as number
  const from = calendar.borrowerSlot[borrower] as number
  const to = calendar.borrowerSlot[borrower + 1] as number
  if (end - first === 1) {
    const isKnown = facts[firstAccount + first] !== noCategory
    const stop = accountStart[end] as number
    for (let row = accountStart[first] as number; row < stop; row += 1) {
      out[row] = isKnown && lastObserved[row] === row ? 1 : Number.NaN
    }
    return
  }
  const { out: count, seen: met } = states(to - from)
  known.length = 0
  for (let account = first; account < end; account += 1) {
    const fact = facts[firstAccount + account] as number
    if (fact !== noCategory && !known.includes(fact)) known.push(fact)
  }
  count.fill(0, 0, to - from)
  for (let group = 0; group < known.length; group += factsAtMost) {
    met.fill(0, 0, to - from)
    for (let account = first; account < end; account += 1) {
      const fact = facts[firstAccount + account] as number
      const bit = fact === noCategory ? -1 : known.indexOf(fact, group) - group
      if (bit < 0 || bit >= factsAtMost) continue
      const [start, stop] = [accountStart[account] as number, accountStart[account + 1] as number]
      const slot = (calendar.accountSlot[account] as number) - from
      for (let row = start; row < stop; row += 1) {
        const at = slot + row - start
        if (lastObserved[row] === row) met[at] = (met[at] as number) | (1 << bit)
      }
    }
    for (let slot = 0; slot < to - from; slot += 1) count[slot] = (count[slot] as number) + bitsSet(met[slot] as number)
  }
  for (let account = first; account < end; account += 1) {
    const [start, stop] = [accountStart[account] as number, accountStart[account + 1] as number]
    const slot = (calendar.accountSlot[account] as number) - from
    for (let row = start; row < stop; row += 1) {
      const value = count[slot + row - start] as number
      out[row] = value === 0 ? Number.NaN : value
    }
  }
}

/** How many of an integer's bits are set. */
function bitsSet(bits: number): number {
  let count = 0
  // each step clears the lowest
  for (let left = bits; left !== 0; left &= left - 1) count += 1
  return count
}
