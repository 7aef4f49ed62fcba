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

import { Categories, type CategoryFactName, type HistoryBlock, noCategory } from '../../data/index.ts'
import { type AsOfRows, chunkRows, chunksOf, longestChunk, sortRows } from './chunks.ts'
import type { Feature } from './feature.ts'
import type { Chunk } from './kernels/index.ts'
import { planFor } from './plan.ts'
import { programFor } from './program.ts'
import { ownWorkspace, type ReadyStage, type Workspace, workspaceOf } from './workspace.ts'

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
 * @returns Columns in the order of `features`, values in the order of `rows`.
 * @throws InputError if a row isn't in the block.
 */
export function evaluate(features: readonly Feature[], history: HistoryBlock, rows: Int32Array): FeatureColumns {
  const asOf = sortRows(history, rows)
  const plan = planFor(features)
  const accounts = accountsOf(history, asOf)
  const columns = features.map(({ of }): FeatureColumn => {
    if (of.kind === 'named') return new Categories(new Int32Array(rows.length), of.names)
    if (of.kind !== 'categoryFact') return { kind: 'number', values: new Float64Array(rows.length) }
    return factsOf(history, of.name, accounts, new Int32Array(rows.length))
  })
  const computed: FeatureColumn[] = []
  plan.columnOf.forEach((column, place) => {
    if (column >= 0) computed[column] = columns[place] as FeatureColumn
  })
  const workspace = workspaceOf(programFor(plan, longestChunk(history)))
  for (const { chunk, from, to } of chunksOf(history, asOf.rows)) {
    runStages(workspace, chunk, ({ values, columns: filled }) => {
      for (const column of filled) {
        const feature = computed[column] as FeatureColumn
        if (feature.kind === 'number') gather(values, chunk.firstRow, asOf, from, to, feature.values)
        else gatherCodes(values, chunk.firstRow, asOf, from, to, feature)
      }
    })
  }
  return { features, rows: rows.length, columns }
}

/**
 * Evaluates the rows of block after block into the same memory, which making and copying columns would take a third of
 * the time of. What it computes is what {@link evaluate} computes, to the bit.
 */
export class BlockEvaluator {
  readonly #features: readonly Feature[]
  readonly #workspace: Workspace
  /** Values of each feature in the workspace, where it has any. */
  readonly #values: readonly (Float64Array | undefined)[]
  /** The same, each once. */
  readonly #kept: ReadonlySet<Float64Array>
  /** Codes of the features that are categories. */
  readonly #codes: readonly Int32Array[]

  constructor(features: readonly Feature[]) {
    const plan = planFor(features, 'kept')
    this.#features = features
    this.#workspace = ownWorkspace(programFor(plan, chunkRows))
    const byColumn: Float64Array[] = []
    for (const { results } of this.#workspace.stages) {
      for (const { values, columns } of results) for (const column of columns) byColumn[column] = values
    }
    this.#values = plan.columnOf.map(column => byColumn[column])
    this.#kept = new Set(byColumn)
    this.#codes = features.map(({ kind }) => new Int32Array(kind === 'category' ? chunkRows : 0))
  }

  /**
   * Evaluates rows of a block.
   *
   * @param rows - As-of rows, shape `[as-of row]`; most of a block's, in ascending order, are done fastest.
   * @returns Columns that are valid until the next call.
   * @throws InputError if a row isn't in the block.
   */
  evaluate(history: HistoryBlock, rows: Int32Array): FeatureColumns {
    const asOf = sortRows(history, rows)
    const all = history.month.length
    if (asOf.places !== undefined || all > chunkRows) return evaluate(this.#features, history, rows)
    for (const { chunk } of chunksOf(history, everyRow.subarray(0, all))) runStages(this.#workspace, chunk, () => {})
    const accounts = accountsOf(history, asOf)
    const codes = this.#features.map(({ of }, place): Categories | undefined => {
      const room = this.#codes[place]?.subarray(0, rows.length) as Int32Array
      if (of.kind === 'categoryFact') return factsOf(history, of.name, accounts, room)
      if (of.kind !== 'named') return undefined
      const named = new Categories(room, of.names)
      gatherCodes(this.#values[place] as Float64Array, 0, asOf, 0, rows.length, named)
      return named
    })
    if (rows.length < all) for (const values of this.#kept) gather(values, 0, asOf, 0, rows.length, values)
    const columns = codes.map((categories, place): FeatureColumn => {
      const values = (): Float64Array => (this.#values[place] as Float64Array).subarray(0, rows.length)
      return categories ?? { kind: 'number', values: values() }
    })
    return { features: this.#features, rows: rows.length, columns }
  }
}

/** Every row of a block of one chunk. */
const everyRow = Int32Array.from({ length: chunkRows }, (_, row) => row)

/** A category fact of each as-of row's account, its codes filled in. */
function factsOf(history: HistoryBlock, name: CategoryFactName, accounts: Int32Array, codes: Int32Array): Categories {
  const facts = history.categoryFacts[name]
  for (let place = 0; place < codes.length; place += 1) {
    codes[place] = facts.codes[accounts[place] as number] as number
  }
  return new Categories(codes, facts.texts)
}

/** Runs all stages over a chunk; `take` is called with what has become features' values. */
function runStages(
  { stages, age }: Workspace,
  cut: Omit<Chunk, 'age'>,
  take: (results: ReadyStage['results'][number]) => void,
): void {
  const chunk: Chunk = { ...cut, age: ageOf(cut, age) }
  for (const { loops, common, results } of stages) {
    for (const { run, inputs, out } of loops) run(chunk, inputs, out)
    common(chunk.rows)
    for (const result of results) take(result)
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
