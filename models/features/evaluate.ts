/**
 * The one evaluator: features of account-months, the same in training, batch and online.
 *
 * 1. The features are compiled once into a {@link Plan}: distinct expressions, each after those it needs.
 * 2. The block is cut into chunks of whole borrowers, of about 1,024 rows, so that all buffers stay in the
 *    processor's cache; borrowers without an as-of row are left out.
 * 3. Every step computes its expression for all rows of the chunk in one tight loop over typed arrays.
 * 4. Where a step's values are a feature's, those of the as-of rows are copied to the feature's column.
 *
 * A row's value depends on rows of the same borrower up to the same month only, to the bit: not on later rows, on the
 * rest of the block, or on the order of its accounts.
 */

import type { HistoryBlock } from '../../data/index.ts'
import { type AsOfRows, chunksOf, sortRows } from './chunks.ts'
import type { Feature } from './feature.ts'
import { type Chunk, reserveBuffers } from './kernels/index.ts'
import { type Plan, planFor } from './plan.ts'

/** Values of one feature, shape `[as-of row]`; NaN or null = missing. */
export type FeatureColumn =
  | { readonly kind: 'number'; readonly values: Float64Array }
  | { readonly kind: 'category'; readonly values: (string | null)[] }

/** Features of some as-of rows in columns. */
export interface FeatureColumns {
  readonly features: readonly Feature[]
  /** Number of as-of rows. */
  readonly rows: number
  /** One per feature, in their order. */
  readonly columns: readonly FeatureColumn[]
}

/**
 * Evaluates features.
 *
 * @param features - Keep the array: the plan made from it is kept with it.
 * @param history - Whole borrowers; what lies after an as-of row doesn't matter.
 * @param rows - As-of rows of the block, in any order, shape `[as-of row]`.
 * @param spent - Columns of an earlier call that nobody reads any more: their memory is filled again, because making
 * and clearing it anew for every block would take a quarter of the time.
 * @returns Columns in the order of `features`, values in the order of `rows`.
 * @throws InputError if a row isn't in the block.
 */
export function evaluate(
  features: readonly Feature[],
  history: HistoryBlock,
  rows: Int32Array,
  spent?: FeatureColumns,
): FeatureColumns {
  const asOf = sortRows(history, rows)
  const values = features.map(({ of }, place) =>
    of.kind === 'categoryFact' ? new Float64Array() : numbersOf(rows.length, spent?.columns[place]),
  )
  runPlan(planFor(features), history, asOf, values)
  const accounts = features.some(({ of }) => of.kind === 'categoryFact') ? accountsOf(history, asOf) : new Int32Array()
  const columns = features.map(({ of }, place): FeatureColumn => {
    const column = values[place] as Float64Array
    const texts = (): (string | null)[] => textsOf(rows.length, spent?.columns[place])
    if (of.kind === 'named') return { kind: 'category', values: pick(of.names, column, texts()) }
    if (of.kind === 'categoryFact') {
      return { kind: 'category', values: pick(history.categoryFacts[of.name], accounts, texts()) }
    }
    return { kind: 'number', values: column }
  })
  return { features, rows: rows.length, columns }
}

/** Room for numbers, in a spent column's memory where that is large enough. */
function numbersOf(rows: number, spent: FeatureColumn | undefined): Float64Array {
  if (spent?.kind !== 'number') return new Float64Array(rows)
  const { buffer, byteOffset } = spent.values
  return buffer.byteLength - byteOffset < rows * Float64Array.BYTES_PER_ELEMENT
    ? new Float64Array(rows)
    : new Float64Array(buffer, byteOffset, rows)
}

/** Room for texts, in a spent column's memory. */
function textsOf(rows: number, spent: FeatureColumn | undefined): (string | null)[] {
  const texts = spent?.kind === 'category' ? spent.values : []
  // setting the length of an array costs more than filling it
  if (texts.length !== rows) texts.length = rows
  return texts
}

/** Fills in the text at each index; null where there is none. */
function pick(
  texts: readonly (string | null)[],
  indices: Float64Array | Int32Array,
  values: (string | null)[],
): (string | null)[] {
  let previous = Number.NaN
  let text: string | null = null
  for (let place = 0; place < indices.length; place += 1) {
    const index = indices[place] as number
    // runs of one index are the rule; NaN equals nothing, and looking it up would be a search for a property
    if (index !== previous) {
      text = Number.isNaN(index) ? null : (texts[index] ?? null)
      previous = index
    }
    values[place] = text
  }
  return values
}

/** Buffers of the plans, kept between calls and grown as needed; evaluation is synchronous. */
let buffers: Float64Array[] = []

/** Runs all steps chunk by chunk and copies the as-of rows' values of features into `values`. */
function runPlan(plan: Plan, history: HistoryBlock, asOf: AsOfRows, values: readonly Float64Array[]): void {
  const inputs: Float64Array[] = []
  for (const { chunk: cut, from, to } of chunksOf(history, asOf.rows)) {
    if (buffers.length <= plan.buffers || (buffers[0] as Float64Array).length < cut.rows) {
      buffers = reserveBuffers(plan.buffers + 1, Math.max(cut.rows, buffers[0]?.length ?? 0))
    }
    const chunk: Chunk = { ...cut, age: ageOf(cut, buffers[plan.buffers] as Float64Array) }
    for (const step of plan.steps) {
      inputs.length = step.inputs.length
      for (let place = 0; place < inputs.length; place += 1) {
        inputs[place] = buffers[step.inputs[place] as number] as Float64Array
      }
      const out = buffers[step.out] as Float64Array
      step.run(chunk, inputs, out)
      for (const place of step.features) gather(out, chunk.firstRow, asOf, from, to, values[place] as Float64Array)
    }
  }
}

/** Fills the months since each account's first row. */
function ageOf({ accounts, accountStart }: Pick<Chunk, 'accounts' | 'accountStart'>, age: Float64Array): Float64Array {
  for (let account = 0; account < accounts; account += 1) {
    const start = accountStart[account] as number
    const end = accountStart[account + 1] as number
    for (let row = start; row < end; row += 1) age[row] = row - start
  }
  return age
}

/** Copies the values of as-of rows `from` to before `to`. */
function gather(
  buffer: Float64Array,
  firstRow: number,
  { rows, places }: AsOfRows,
  from: number,
  to: number,
  values: Float64Array,
): void {
  const first = (rows[from] as number) - firstRow
  if (places === undefined && (rows[to - 1] as number) - (rows[from] as number) === to - from - 1) {
    values.set(buffer.subarray(first, first + to - from), from)
  } else if (places === undefined) {
    for (let index = from; index < to; index += 1) {
      values[index] = buffer[(rows[index] as number) - firstRow] as number
    }
  } else {
    for (let index = from; index < to; index += 1) {
      values[places[index] as number] = buffer[(rows[index] as number) - firstRow] as number
    }
  }
}

/** The account of each as-of row, in the order in which the rows were given. */
function accountsOf({ accountStart }: HistoryBlock, { rows, places }: AsOfRows): Int32Array {
  const accounts = new Int32Array(rows.length)
  let account = 0
  for (let index = 0; index < rows.length; index += 1) {
    while ((accountStart[account + 1] as number) <= (rows[index] as number)) account += 1
    accounts[places?.[index] ?? index] = account
  }
  return accounts
}
