/** Numbers in bins, so that trees choose among few thresholds. */

import { countBelow } from '../count-below.ts'
import type { TrainingRows } from '../hazard-loss.ts'
import { gather } from '../training-inputs.ts'

/** Rows with their inputs. */
type InputRows = Pick<TrainingRows, 'inputs' | 'width'>

/** Inputs in bins. */
export interface BinnedInputs {
  /** Inputs that have a threshold at all, shape `[candidate]`. */
  readonly inputs: Int32Array
  /** Thresholds of each, ascending, shape `[candidate][threshold]`. */
  readonly thresholds: readonly Float32Array[]
}

/** Bins of an input, at most: bin numbers fit into bytes, and more gain nothing measurable. */
export const binsAtMost = 64

/** Rows that thresholds are taken from, at most. */
const rowsAtMost = 100_000

/** Rows whose inputs are read together. */
const rowsAtOnce = 4096

/**
 * Chooses thresholds for inputs: between all their values where there are few, else between quantiles.
 *
 * @param rows - Rows that are looked at.
 * @param candidates - Inputs to choose for; those with one value are left out.
 */
export function chooseThresholds(data: InputRows, rows: Int32Array, candidates: Int32Array): BinnedInputs {
  const stride = Math.max(1, Math.ceil(rows.length / rowsAtMost))
  const some = rows.filter((_, place) => place % stride === 0)
  const values = Array.from(candidates, () => new Float32Array(some.length))
  eachRow(data, some, (place, inputs, from) => {
    for (let index = 0; index < candidates.length; index += 1) {
      ;(values[index] as Float32Array)[place] = inputs[from + (candidates[index] as number)] as number
    }
  })
  const kept: number[] = []
  const thresholds: Float32Array[] = []
  values.forEach((own, index) => {
    const found = between(own.sort())
    if (found.length === 0) return
    kept.push(candidates[index] as number)
    thresholds.push(found)
  })
  return { inputs: Int32Array.from(kept), thresholds }
}

function eachRow(
  data: InputRows,
  rows: Int32Array,
  visit: (place: number, inputs: Float32Array, from: number) => void,
): void {
  for (let first = 0; first < rows.length; first += rowsAtOnce) {
    const part = rows.subarray(first, first + rowsAtOnce)
    const inputs = gather(data, part)
    for (let place = 0; place < part.length; place += 1) visit(first + place, inputs, place * data.width)
  }
}

function between(sorted: Float32Array): Float32Array {
  const distinct = sorted.filter((value, place) => place === 0 || value !== sorted[place - 1])
  const found: number[] = []
  if (distinct.length <= binsAtMost) {
    for (let place = 1; place < distinct.length; place += 1) {
      found.push(middle(distinct[place - 1] as number, distinct[place] as number))
    }
    return Float32Array.from(found)
  }
  let next = 0
  for (let bin = 1; bin < binsAtMost; bin += 1) {
    const value = sorted[Math.round((bin / binsAtMost) * (sorted.length - 1))] as number
    while (next < distinct.length && (distinct[next] as number) <= value) next += 1
    if (next === distinct.length) break
    const threshold = middle(value, distinct[next] as number)
    if (found.at(-1) !== threshold) found.push(threshold)
  }
  return Float32Array.from(found)
}

/** A number in float32 that is at least `low` and below `high`. */
function middle(low: number, high: number): number {
  const found = Math.fround((low + high) / 2)
  return found < high ? found : low
}

/**
 * Bin of every row in every input: the number of thresholds below its value.
 *
 * @returns Shape `[candidate, row]`.
 */
export function binRows(
  { inputs: candidates, thresholds }: BinnedInputs,
  data: InputRows,
  rows: Int32Array,
): Uint8Array {
  const bins = new Uint8Array(candidates.length * rows.length)
  eachRow(data, rows, (place, inputs, from) => {
    for (let candidate = 0; candidate < candidates.length; candidate += 1) {
      const value = inputs[from + (candidates[candidate] as number)] as number
      bins[candidate * rows.length + place] = countBelow(thresholds[candidate] as Float32Array, value)
    }
  })
  return bins
}
