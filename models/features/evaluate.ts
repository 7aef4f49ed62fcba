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

import type { HistoryBlock } from '../../data/index.ts'
import { type AsOfRows, chunksOf, longestChunk, sortRows } from './chunks.ts'
import type { Feature } from './feature.ts'
import type { Chunk } from './kernels/index.ts'
import { planFor } from './plan.ts'
import { type Program, programFor } from './program.ts'
import { workspaceOf } from './workspace.ts'

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
  const plan = planFor(features)
  const program = programFor(plan, longestChunk(history))
  const values: Float64Array[] = []
  plan.columnOf.forEach((column, place) => {
    if (column < 0) return
    values[column] =
      features[place]?.kind === 'category'
        ? codesOf(column, rows.length)
        : numbersOf(rows.length, spent?.columns[place])
  })
  runPlan(program, history, asOf, values)
  const accounts = features.some(({ of }) => of.kind === 'categoryFact') ? accountsOf(history, asOf) : new Int32Array()
  const columns = features.map(({ of }, index): FeatureColumn => {
    const column = values[plan.columnOf[index] as number] as Float64Array
    const texts = (): (string | null)[] => textsOf(rows.length, spent?.columns[index])
    if (of.kind === 'named') return { kind: 'category', values: nameCodes(of.names, column, texts()) }
    if (of.kind === 'categoryFact') {
      return { kind: 'category', values: factsOf(history.categoryFacts[of.name], accounts, texts()) }
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

/** Codes of categories, by column, kept between calls: they are read before evaluation ends, and it is synchronous. */
const codes: Float64Array[] = []

/** Room for the codes of a category. */
function codesOf(column: number, rows: number): Float64Array {
  const kept = codes[column]
  const room = kept === undefined || kept.length < rows ? new Float64Array(rows) : kept
  codes[column] = room
  return room.subarray(0, rows)
}

/** Room for texts, in a spent column's memory. */
function textsOf(rows: number, spent: FeatureColumn | undefined): (string | null)[] {
  const texts = spent?.kind === 'category' ? spent.values : []
  // setting the length of an array costs more than filling it
  if (texts.length !== rows) texts.length = rows
  return texts
}

// Two functions, each for one type of array, because one for both takes twice as long.

/** Fills in the name of each code; null where there is none. */
function nameCodes(names: readonly string[], codes: Float64Array, values: (string | null)[]): (string | null)[] {
  let previous = Number.NaN
  let name: string | null = null
  for (let place = 0; place < codes.length; place += 1) {
    const code = codes[place] as number
    // runs of one code are the rule; NaN equals nothing, and looking it up would be a search for a property
    if (code !== previous) {
      name = Number.isNaN(code) ? null : (names[code] ?? null)
      previous = code
    }
    values[place] = name
  }
  return values
}

/** Fills in the fact of each account; null where there is none. */
function factsOf(
  facts: readonly (string | null)[],
  accounts: Int32Array,
  values: (string | null)[],
): (string | null)[] {
  let previous = -1
  let fact: string | null = null
  for (let place = 0; place < accounts.length; place += 1) {
    const account = accounts[place] as number
    if (account !== previous) {
      fact = facts[account] ?? null
      previous = account
    }
    values[place] = fact
  }
  return values
}

/** Runs all stages chunk by chunk, and fills the columns of the features. */
function runPlan(program: Program, history: HistoryBlock, asOf: AsOfRows, values: readonly Float64Array[]): void {
  const { stages, buffers: ageBuffer } = program.plan
  const { buffers, loops } = workspaceOf(program)
  const inputs: Float64Array[] = []
  for (const { chunk: cut, from, to } of chunksOf(history, asOf.rows)) {
    const chunk: Chunk = { ...cut, age: ageOf(cut, buffers[ageBuffer] as Float64Array) }
    stages.forEach((stage, at) => {
      for (const loop of stage.loops) {
        inputs.length = loop.inputs.length
        for (let place = 0; place < inputs.length; place += 1) {
          inputs[place] = buffers[loop.inputs[place] as number] as Float64Array
        }
        loop.run(chunk, inputs, buffers[loop.out] as Float64Array)
      }
      loops[at]?.(chunk.rows)
      for (const { buffer, columns } of stage.results) {
        for (const column of columns) {
          gather(buffers[buffer] as Float64Array, chunk.firstRow, asOf, from, to, values[column] as Float64Array)
        }
      }
    })
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
