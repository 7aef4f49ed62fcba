/** What a kernel is: the computation of one kind of expression for all rows of a chunk at once. */

import type { HistoryBlock } from '../../../data/index.ts'
import type { ComputedExpression, ExpressionOf, Kind } from '../expression.ts'
import type { Lanes } from './lanes.ts'

/**
 * Some whole borrowers of a block, small enough that all values computed for them stay in the processor's cache.
 * Rows, accounts and borrowers are numbered from 0 within the chunk.
 */
export interface Chunk {
  readonly history: HistoryBlock
  /** The chunk's first row and account in the block. */
  readonly firstRow: number
  readonly firstAccount: number
  readonly rows: number
  readonly accounts: number
  readonly borrowers: number
  /** First row of each account, and the count of rows at the end; shape `[account + 1]`, perhaps longer. */
  readonly accountStart: Int32Array
  /** First account of each borrower, and the count of accounts at the end; shape `[borrower + 1]`, perhaps longer. */
  readonly borrowerStart: Int32Array
  /** Months since the account's first row, 0 in it; shape `[row]`, perhaps longer. */
  readonly age: Float64Array
  /** Accounts in the order of borrower and account id, whatever their order in the block; shape `[account]`. */
  readonly accountOrder: Int32Array
  /** The account's last observed row at or before each row; −1 if there is none; shape `[row]`. */
  readonly lastObserved: Int32Array
  /** Pairs of different accounts of the same borrower, the second giving to the first. */
  readonly meetings: Meetings
  readonly calendar: Calendar
}

/** The months of each borrower, from the first row of any account to the last, each once: a slot per month. */
export interface Calendar {
  readonly slots: number
  /** Slot of each account's first row; the next rows' slots follow. Shape `[account]`. */
  readonly accountSlot: Int32Array
  /** First slot of each borrower, and the count of slots at the end; shape `[borrower + 1]`. */
  readonly borrowerSlot: Int32Array
  /** 1 where every month of the account is observed; shape `[account]`. */
  readonly whole: Uint8Array
}

/** Pairs of different accounts that meet: `count` entries in each column. */
export interface Meetings {
  readonly count: number
  /** 1 where every month of the giving account is observed. */
  readonly whole: Uint8Array
  /** First receiving row. */
  readonly from: Int32Array
  /** End of the rows in which the giving account has a row of the same month. */
  readonly overlapEnd: Int32Array
  /** End of the receiving account's rows. */
  readonly end: Int32Array
  /** The giving row of the same month = receiving row + shift. */
  readonly shift: Int32Array
  /** Last row of the giving account. */
  readonly last: Int32Array
}

/**
 * Fills `out` from the values of the expression's inputs; each of shape `[row]`, perhaps longer. A row's value is
 * computed from rows of the same borrower in the same or an earlier month, in an order that depends on nothing else.
 */
export type Run = (chunk: Chunk, inputs: readonly Float64Array[], out: Float64Array) => void

/** The meaning of one kind of expression. */
interface Kernel<K extends Kind> {
  /** Expressions whose values it needs, in the order in which {@link Run} gets them. */
  inputs(node: ExpressionOf<K>): readonly ComputedExpression[]
  /** Settles everything that doesn't vary from row to row: a loop of its own, or what to compute in a common one. */
  prepare(node: ExpressionOf<K>): Run | Lanes
}

/** Kernels for some kinds. */
export type Kernels<K extends Kind> = { readonly [P in K]: Kernel<P> }
