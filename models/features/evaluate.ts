/**
 * The one evaluator: features of account-months, the same in training, batch and online.
 *
 * 1. The features are compiled once into a plan, distinct expressions in stages, and that into a program.
 * 2. The block is cut into chunks of whole borrowers, of some hundred rows, so that all buffers stay in the processor's
 *    cache; borrowers without an as-of row are left out.
 * 3. Every stage computes its expressions for all rows of the chunk, most of them in one loop over pairs of rows.
 * 4. The values of features are copied to their columns after the stage in which they were made.
 *
 * A row's value depends on rows of the same borrower up to the same month only, to the bit: not on later rows, on the
 * rest of the block, or on the order of its accounts.
 */

import { Categories, type HistoryBlock, noCategory } from '../../data/index.ts'
import { type AsOfRows, chunksOf, longestChunk, sortRows } from './chunks.ts'
import type { Feature } from './feature.ts'
import type { Chunk } from './kernels/index.ts'
import { planFor } from './plan.ts'
import { type Program, programFor } from './program.ts'
import { workspaceOf } from './workspace.ts'

/** Values of one feature, shape `[as-of row]`; NaN or null = missing. */
export type FeatureColumn = { readonly kind: 'number'; readonly values: Float64Array } | Categories

/** One value of a feature; null = missing. */
export function valueAt(column: FeatureColumn | undefined, row: number): number | string | null {
  if (column?.kind === 'category') return column.at(row)
  const value = column?.values[row] ?? Number.NaN
  return Number.isNaN(value) ? null : value
}

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
  const plan = planFor(features)
  const program = programFor(plan, longestChunk(history))
  const accounts = features.some(({ of }) => of.kind === 'categoryFact') ? accountsOf(history, asOf) : new Int32Array()
  const columns = features.map(({ of }, place): FeatureColumn => {
    const before = spent?.columns[place]
    if (of.kind === 'named') return new Categories(codesFor(rows.length, before), of.names)
    if (of.kind !== 'categoryFact') return { kind: 'number', values: numbersFor(rows.length, before) }
    const facts = history.categoryFacts[of.name]
    return new Categories(codesOfAccounts(facts.codes, accounts, codesFor(rows.length, before)), facts.texts)
  })
  const computed: FeatureColumn[] = []
  plan.columnOf.forEach((column, place) => {
    if (column >= 0) computed[column] = columns[place] as FeatureColumn
  })
  runPlan(program, history, asOf, computed)
  return { features, rows: rows.length, columns }
}

/** Room for numbers, in a spent column's memory where that is large enough. */
function numbersFor(rows: number, spent: FeatureColumn | undefined): Float64Array {
  if (spent?.kind !== 'number') return new Float64Array(rows)
  const { buffer, byteOffset } = spent.values
  return buffer.byteLength - byteOffset < rows * Float64Array.BYTES_PER_ELEMENT
    ? new Float64Array(rows)
    : new Float64Array(buffer, byteOffset, rows)
}

/** Room for categories, in a spent column's memory where that is large enough. */
function codesFor(rows: number, spent: FeatureColumn | undefined): Int32Array {
  if (spent?.kind !== 'category') return new Int32Array(rows)
  const { buffer, byteOffset } = spent.codes
  return buffer.byteLength - byteOffset < rows * Int32Array.BYTES_PER_ELEMENT
    ? new Int32Array(rows)
    : new Int32Array(buffer, byteOffset, rows)
}

/** Fills in the code of each as-of row's account. */
function codesOfAccounts(facts: Int32Array, accounts: Int32Array, codes: Int32Array): Int32Array {
  for (let place = 0; place < codes.length; place += 1) codes[place] = facts[accounts[place] as number] as number
  return codes
}

/** Runs all stages chunk by chunk, and fills the columns of the features. */
function runPlan(program: Program, history: HistoryBlock, asOf: AsOfRows, computed: readonly FeatureColumn[]): void {
  const { stages, age } = workspaceOf(program)
  for (const { chunk: cut, from, to } of chunksOf(history, asOf.rows)) {
    const chunk: Chunk = { ...cut, age: ageOf(cut, age) }
    for (const { loops, common, results } of stages) {
      for (const { run, inputs, out } of loops) run(chunk, inputs, out)
      common(chunk.rows)
      for (const { values: made, columns } of results) {
        for (const column of columns) {
          const feature = computed[column] as FeatureColumn
          if (feature.kind === 'number') gather(made, chunk.firstRow, asOf, from, to, feature.values)
          else gatherCodes(made, chunk.firstRow, asOf, from, to, feature)
        }
      }
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

/** As {@link gather}, of codes that were computed as numbers; one that no category has is missing. */
function gatherCodes(
  buffer: Float64Array,
  firstRow: number,
  { rows, places }: AsOfRows,
  from: number,
  to: number,
  { codes, texts }: Categories,
): void {
  const known = texts.length
  for (let index = from; index < to; index += 1) {
    const code = buffer[(rows[index] as number) - firstRow] as number
    const place = places === undefined ? index : (places[index] as number)
    codes[place] = code >= 0 && code < known && code === Math.floor(code) ? code : noCategory
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
