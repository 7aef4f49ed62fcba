/** Cuts a block into chunks of whole borrowers, leaving out borrowers of whom nothing is asked. */

import { type HistoryBlock, InputError } from '../../data/index.ts'
import type { Calendar, Chunk, Meetings } from './kernels/index.ts'

/** Rows per chunk, unless one borrower has more: the plan's buffers, 8 KiB each, then fit a second-level cache. */
export const chunkRows = 1024

/** As-of rows in ascending order. */
export interface AsOfRows {
  readonly rows: Int32Array
  /** Where each was among the rows as given; left out if those ascended already, without repetition. */
  readonly places?: Int32Array
}

/** A chunk with its as-of rows: those with index `from` to before `to`. */
export interface AskedChunk {
  readonly chunk: Omit<Chunk, 'age'>
  readonly from: number
  readonly to: number
}

/**
 * Sorts as-of rows.
 *
 * @throws InputError if one isn't a row of the block.
 */
export function sortRows(history: HistoryBlock, rows: Int32Array): AsOfRows {
  let ascending = true
  for (let index = 0; index < rows.length; index += 1) {
    const row = rows[index] as number
    if (row < 0 || row >= history.month.length) {
      throw new InputError({
        source: 'as-of rows',
        row: index + 1,
        found: String(row),
        expected: `a row of the block, 0 to ${history.month.length - 1}`,
        rule: 'unknown-row',
      })
    }
    if (index > 0 && row <= (rows[index - 1] as number)) ascending = false
  }
  if (ascending) return { rows }
  const places = Int32Array.from(rows.keys()).sort((a, b) => (rows[a] as number) - (rows[b] as number))
  return { rows: places.map(place => rows[place] as number), places }
}

/** Rows that the chunks of a block may have: few different numbers, all even. */
export function longestChunk({ accountStart, borrowerStart }: HistoryBlock): number {
  let longest = chunkRows
  for (let borrower = 0; borrower + 1 < borrowerStart.length; borrower += 1) {
    const first = accountStart[borrowerStart[borrower] as number] as number
    while ((accountStart[borrowerStart[borrower + 1] as number] as number) - first > longest) longest *= 2
  }
  return longest
}

/** The chunks of a block that hold as-of rows, in order; `rows` ascend. */
export function* chunksOf(history: HistoryBlock, rows: Int32Array): Generator<AskedChunk> {
  const { accountStart, borrowerStart, borrowerIds } = history
  const endRowOf = (borrower: number): number => accountStart[borrowerStart[borrower + 1] as number] as number
  let from = 0
  for (let borrower = 0; from < rows.length; borrower += 1) {
    if (endRowOf(borrower) <= (rows[from] as number)) continue
    const first = borrower
    const firstRow = accountStart[borrowerStart[first] as number] as number
    let to = countBelow(rows, from, endRowOf(borrower))
    while (borrower + 1 < borrowerIds.length && endRowOf(borrower + 1) - firstRow <= chunkRows) {
      const next = countBelow(rows, to, endRowOf(borrower + 1))
      const isAsked = next > to || endRowOf(borrower + 1) === endRowOf(borrower) // one without rows divides nothing
      if (!isAsked) break
      to = next
      borrower += 1
    }
    yield { chunk: createChunk(history, first, borrower + 1), from, to }
    from = to
  }
}

/** The first index at or after `from` whose row isn't below `end`. */
function countBelow(rows: Int32Array, from: number, end: number): number {
  let index = from
  while (index < rows.length && (rows[index] as number) < end) index += 1
  return index
}

/** Memory of the present chunk, which the next one takes over: evaluation is synchronous, and allotting it anew is slow. */
const room = {
  accountStart: new Int32Array(),
  borrowerStart: new Int32Array(),
  accountOrder: new Int32Array(),
  lastObserved: new Int32Array(),
  whole: new Uint8Array(),
  accountSlot: new Int32Array(),
  borrowerSlot: new Int32Array(),
  meetings: noMeetings(0),
}

/** Makes room for a chunk. */
function makeRoom(rows: number, accounts: number, borrowers: number): void {
  if (room.lastObserved.length < rows) room.lastObserved = new Int32Array(2 * rows)
  if (room.accountStart.length < accounts + 1) {
    room.accountStart = new Int32Array(2 * accounts + 1)
    room.accountOrder = new Int32Array(2 * accounts + 1)
    room.accountSlot = new Int32Array(2 * accounts + 1)
    room.whole = new Uint8Array(2 * accounts + 1)
  }
  if (room.borrowerStart.length < borrowers + 1) {
    room.borrowerStart = new Int32Array(2 * borrowers + 1)
    room.borrowerSlot = new Int32Array(2 * borrowers + 1)
  }
}

/** The chunk of borrowers `first` to before `end`; valid until the next one is asked for. */
function createChunk(history: HistoryBlock, first: number, end: number): Omit<Chunk, 'age'> {
  const borrowers = end - first
  const firstAccount = history.borrowerStart[first] as number
  const accounts = (history.borrowerStart[end] as number) - firstAccount
  const firstRow = history.accountStart[firstAccount] as number
  const rows = (history.accountStart[firstAccount + accounts] as number) - firstRow
  makeRoom(rows, accounts, borrowers)
  const { accountStart, borrowerStart, accountOrder, lastObserved, whole } = room
  for (let account = 0; account <= accounts; account += 1) {
    accountStart[account] = (history.accountStart[firstAccount + account] as number) - firstRow
  }
  for (let borrower = 0; borrower <= borrowers; borrower += 1) {
    borrowerStart[borrower] = (history.borrowerStart[first + borrower] as number) - firstAccount
  }
  orderAccounts(history.accountIds, firstAccount, borrowers)
  for (let account = 0; account < accounts; account += 1) {
    whole[account] = followObserved(history.observed, firstRow, account) ? 1 : 0
  }
  return {
    history,
    firstRow,
    firstAccount,
    rows,
    accounts,
    borrowers,
    accountStart,
    borrowerStart,
    accountOrder,
    lastObserved,
    meetings: findMeetings(history.month, firstRow, borrowers),
    calendar: findCalendar(history.month, firstRow, borrowers),
  }
}

function findCalendar(month: Int32Array, firstRow: number, borrowers: number): Calendar {
  const { accountStart, borrowerStart, accountSlot, borrowerSlot, whole } = room
  let slots = 0
  borrowerSlot[0] = 0
  for (let borrower = 0; borrower < borrowers; borrower += 1) {
    const first = borrowerStart[borrower] as number
    const end = borrowerStart[borrower + 1] as number
    let earliest = Number.MAX_SAFE_INTEGER
    let latest = -1
    for (let account = first; account < end; account += 1) {
      const start = accountStart[account] as number
      const stop = accountStart[account + 1] as number
      if (start === stop) continue
      earliest = Math.min(earliest, month[firstRow + start] as number)
      latest = Math.max(latest, month[firstRow + stop - 1] as number)
    }
    for (let account = first; account < end; account += 1) {
      const start = accountStart[account] as number
      const isEmpty = start === accountStart[account + 1]
      accountSlot[account] = isEmpty ? slots : slots + (month[firstRow + start] as number) - earliest
    }
    if (latest >= 0) slots += latest - earliest + 1
    borrowerSlot[borrower + 1] = slots
  }
  return { slots, accountSlot, borrowerSlot, whole }
}

/** Columns of meetings with room for `count`. */
function noMeetings(count: number): Omit<Meetings, 'count'> {
  const column = (): Int32Array => new Int32Array(count)
  return {
    whole: new Uint8Array(count),
    from: column(),
    overlapEnd: column(),
    end: column(),
    shift: column(),
    last: column(),
  }
}

/**
 * The pairs of accounts of each borrower. Rows have no gaps, so the row of month m in account b is `start of b + (m −
 * first month of b)`, and two accounts meet in one unbroken run of rows. Givers come in the order of their ids.
 */
function findMeetings(month: Int32Array, firstRow: number, borrowers: number): Meetings {
  const { accountStart, borrowerStart, accountOrder, whole } = room
  let pairs = 0
  for (let borrower = 0; borrower < borrowers; borrower += 1) {
    const accounts = (borrowerStart[borrower + 1] as number) - (borrowerStart[borrower] as number)
    pairs += accounts * (accounts - 1)
  }
  if (room.meetings.from.length < pairs) room.meetings = noMeetings(2 * pairs)
  const { meetings } = room
  let count = 0
  for (let borrower = 0; borrower < borrowers; borrower += 1) {
    const first = borrowerStart[borrower] as number
    const end = borrowerStart[borrower + 1] as number
    for (let receiver = first; receiver < end; receiver += 1) {
      const start = accountStart[receiver] as number
      const stop = accountStart[receiver + 1] as number
      for (let place = first; place < end; place += 1) {
        const giver = accountOrder[place] as number
        const giverStart = accountStart[giver] as number
        const giverStop = accountStart[giver + 1] as number
        if (giver === receiver || start === stop || giverStart === giverStop) continue
        const shift =
          giverStart - start + (month[firstRow + start] as number) - (month[firstRow + giverStart] as number)
        meetings.whole[count] = whole[giver] as number
        meetings.from[count] = Math.max(start, giverStart - shift)
        meetings.overlapEnd[count] = Math.min(stop, giverStop - shift)
        meetings.end[count] = stop
        meetings.shift[count] = shift
        meetings.last[count] = giverStop - 1
        count += 1
      }
    }
  }
  return { ...meetings, count }
}

/** Accounts of each borrower in the order of their ids; blocks have them so already, and then nothing is sorted. */
function orderAccounts(accountIds: readonly string[], firstAccount: number, borrowers: number): void {
  const { accountOrder, borrowerStart } = room
  const idOf = (account: number): string => accountIds[firstAccount + account] ?? ''
  for (let borrower = 0; borrower < borrowers; borrower += 1) {
    const first = borrowerStart[borrower] as number
    const end = borrowerStart[borrower + 1] as number
    let sorted = true
    for (let account = first; account < end; account += 1) {
      accountOrder[account] = account
      if (account > first && idOf(account) < idOf(account - 1)) sorted = false
    }
    if (!sorted) accountOrder.subarray(first, end).sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1))
  }
}

/** Fills the account's last observed row at or before each of its rows, −1 if there is none. @returns Is every row observed? */
function followObserved(observed: Uint8Array, firstRow: number, account: number): boolean {
  const { accountStart, lastObserved } = room
  const end = accountStart[account + 1] as number
  let latest = -1
  let isWhole = true
  for (let row = accountStart[account] as number; row < end; row += 1) {
    if (observed[firstRow + row] === 1) latest = row
    else isWhole = false
    lastObserved[row] = latest
  }
  return isWhole
}
