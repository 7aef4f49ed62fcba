/** Numbers in bins, so that trees choose among few thresholds. */

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

/**
 * Chooses thresholds for inputs: between all their values where there are few, else between quantiles.
 *
 * @param inputs - Row-major, shape `[row, input]`.
 * @param rows - Rows that are looked at.
 * @param candidates - Inputs to choose for; those with one value are left out.
 */
export function chooseThresholds(
  inputs: Float32Array,
  width: number,
  rows: Int32Array,
  candidates: Int32Array,
): BinnedInputs {
  const stride = Math.max(1, Math.ceil(rows.length / rowsAtMost))
  const values = new Float32Array(Math.ceil(rows.length / stride))
  const kept: number[] = []
  const thresholds: Float32Array[] = []
  for (const input of candidates) {
    for (let place = 0; place < values.length; place += 1) {
      values[place] = inputs[(rows[place * stride] as number) * width + input] as number
    }
    const found = between(values.sort())
    if (found.length === 0) continue
    kept.push(input)
    thresholds.push(found)
  }
  return { inputs: Int32Array.from(kept), thresholds }
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
export function binRows(binned: BinnedInputs, inputs: Float32Array, width: number, rows: Int32Array): Uint8Array {
  const bins = new Uint8Array(binned.inputs.length * rows.length)
  binned.inputs.forEach((input, candidate) => {
    const thresholds = binned.thresholds[candidate] as Float32Array
    const start = candidate * rows.length
    for (let place = 0; place < rows.length; place += 1) {
      const value = inputs[(rows[place] as number) * width + input] as number
      let [low, high] = [0, thresholds.length]
      while (low < high) {
        const at = (low + high) >> 1
        if (value > (thresholds[at] as number)) low = at + 1
        else high = at
      }
      bins[start + place] = low
    }
  })
  return bins
}
