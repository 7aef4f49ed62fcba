/**
 * Grows one oblivious tree: level by level, the question that lowers the loss most over all leaves together.
 *
 * Questions are judged by the derivatives of all outputs together, as if a leaf moved all logits by one step; the leaves
 * then take a step of their own for each output. That is as many times cheaper as there are outputs. Every one has the
 * same say, however little is left uncertain of it: else the first month, of which most is known, would be asked about
 * last.
 *
 * @see Iosipoi & Vakhrushev (2022), SketchBoost: Fast Gradient Boosted Decision Tree for Multioutput Problems
 */

import { binsAtMost } from './bins.ts'

/** What a tree is grown on. */
export interface TreeRows {
  /** Bins, shape `[candidate, row]`. */
  readonly bins: Uint8Array
  /** Rows in `bins`. */
  readonly rows: number
  /** Rows that this tree looks at, ascending, shape `[sample]`. */
  readonly sample: Int32Array
  /** First and second derivative of the loss by each output's logit, shape `[sample, output, 2]`. */
  readonly derivatives: Float64Array
  /** Logits of a row. */
  readonly outputs: number
}

/** A tree in terms of bins. */
export interface GrownTree {
  /** Candidate that each question looks at, shape `[depth]`. */
  readonly candidate: Int32Array
  /** The answer is yes where the bin is above it, shape `[depth]`. */
  readonly bin: Int32Array
  /** Newton steps of the leaves, shape `[2^depth, output]`. */
  readonly leaves: Float64Array
}

/**
 * Grows a tree.
 *
 * The gain of a question is the second-order fall of the loss, Σ G² / (K + l2) over leaves. Sums by bin are taken for the
 * smaller half of every leaf; those of the other half are what is left of the leaf's.
 *
 * @param candidates - Those that may be asked about.
 * @param thresholds - How many thresholds each has, shape `[candidate]`.
 * @see Chen & Guestrin (2016), XGBoost, section 2.2, for the gain
 */
export function growTree(
  data: TreeRows,
  candidates: Int32Array,
  thresholds: Int32Array,
  options: { readonly depth: number; readonly l2: number },
): GrownTree {
  const { sample } = data
  const { depth, l2 } = options
  const totals = outputsTogether(data, l2)
  const leafOf = new Uint8Array(sample.length)
  const candidate = new Int32Array(depth)
  const bin = new Int32Array(depth)
  const gains = new Float64Array(binsAtMost)
  const histograms = Array.from(
    candidates,
    one => new Float64Array((1 << (depth - 1)) * ((thresholds[one] as number) + 1) * 2),
  )
  const everyone = Int32Array.from(sample.keys())
  let counted = everyone
  let isYesSmaller: Uint8Array = new Uint8Array()
  for (let level = 0; level < depth; level += 1) {
    let best = Number.NEGATIVE_INFINITY
    const leaves = 1 << level
    candidates.forEach((one, place) => {
      const histogram = histograms[place] as Float64Array
      const cuts = thresholds[one] as number
      const size = 2 * (cuts + 1)
      if (level > 0) clearSmaller(histogram, size, isYesSmaller)
      count(data, totals, counted, leafOf, one, size, histogram)
      if (level > 0) subtractSmaller(histogram, size, isYesSmaller)
      gains.fill(0, 0, cuts)
      for (let leaf = 0; leaf < leaves; leaf += 1) addGains(histogram, leaf * size, cuts, l2, gains)
      for (let cut = 0; cut < cuts; cut += 1) {
        if ((gains[cut] as number) > best) {
          best = gains[cut] as number
          candidate[level] = one
          bin[level] = cut
        }
      }
    })
    isYesSmaller = answer(data, leafOf, candidate[level] as number, bin[level] as number, leaves)
    counted = everyone.filter(place => {
      const leaf = leafOf[place] as number
      return leaf >= leaves === (isYesSmaller[leaf & (leaves - 1)] === 1)
    })
  }
  return { candidate, bin, leaves: newtonSteps(data, leafOf, 1 << depth, l2) }
}

/**
 * Splits every leaf by the answers to a question: no stays leaf n, yes becomes leaf n + `leaves`.
 *
 * @returns Whether fewer rows answer yes than no, by leaf.
 */
function answer(
  { bins, rows, sample }: TreeRows,
  leafOf: Uint8Array,
  candidate: number,
  above: number,
  leaves: number,
): Uint8Array {
  const balance = new Int32Array(leaves)
  const start = candidate * rows
  for (let place = 0; place < sample.length; place += 1) {
    const leaf = leafOf[place] as number
    const isYes = (bins[start + (sample[place] as number)] as number) > above
    balance[leaf] = (balance[leaf] as number) + (isYes ? 1 : -1)
    if (isYes) leafOf[place] = leaf + leaves
  }
  return Uint8Array.from(balance, difference => (difference < 0 ? 1 : 0))
}

/** Makes room for the sums of each leaf's smaller half; the leaf's own sums move to where the larger half's belong. */
function clearSmaller(histogram: Float64Array, size: number, isYesSmaller: Uint8Array): void {
  isYesSmaller.forEach((isSmaller, leaf) => {
    const [no, yes] = [leaf * size, (leaf + isYesSmaller.length) * size]
    if (isSmaller === 1) histogram.fill(0, yes, yes + size)
    else {
      histogram.copyWithin(yes, no, no + size)
      histogram.fill(0, no, no + size)
    }
  })
}

/** Takes the smaller half's sums off the leaf's: the larger half's are left. */
function subtractSmaller(histogram: Float64Array, size: number, isYesSmaller: Uint8Array): void {
  isYesSmaller.forEach((isSmaller, leaf) => {
    const [no, yes] = [leaf * size, (leaf + isYesSmaller.length) * size]
    const [smaller, larger] = isSmaller === 1 ? [yes, no] : [no, yes]
    for (let at = 0; at < size; at += 1) {
      histogram[larger + at] = (histogram[larger + at] as number) - (histogram[smaller + at] as number)
    }
  })
}

/** Both derivatives of each row, weighted sums over outputs, shape `[sample, 2]`. */
function outputsTogether(data: TreeRows, l2: number): Float64Array {
  const { sample, derivatives, outputs } = data
  if (outputs === 1) return derivatives
  const weights = outputWeights(data, l2)
  const totals = new Float64Array(2 * sample.length)
  for (let place = 0, from = 0; place < sample.length; place += 1) {
    let [gradient, curve] = [0, 0]
    for (let output = 0; output < outputs; output += 1, from += 2) {
      const weight = weights[output] as number
      gradient += weight * (derivatives[from] as number)
      curve += weight * (derivatives[from + 1] as number)
    }
    totals[2 * place] = gradient
    totals[2 * place + 1] = curve
  }
  return totals
}

/**
 * Weights that give every output the same sum of second derivatives and leave the sum of all as it is, but for `l2`:
 * one with less than that to learn from does not count as much as others. Shape `[output]`.
 */
function outputWeights({ sample, derivatives, outputs }: TreeRows, l2: number): Float64Array {
  const curves = new Float64Array(outputs)
  for (let place = 0, from = 1; place < sample.length; place += 1) {
    for (let output = 0; output < outputs; output += 1, from += 2) {
      curves[output] = (curves[output] as number) + (derivatives[from] as number)
    }
  }
  const all = curves.reduce((sum, curve) => sum + curve, 0)
  const weighted = curves.reduce((sum, curve) => sum + curve / (curve + l2), 0)
  return curves.map(curve => all / weighted / (curve + l2))
}

/** Adds both derivatives of some rows by leaf and bin, shape `[leaf, bin, 2]`. */
function count(
  { bins, rows, sample }: TreeRows,
  totals: Float64Array,
  counted: Int32Array,
  leafOf: Uint8Array,
  candidate: number,
  size: number,
  histogram: Float64Array,
): void {
  const start = candidate * rows
  for (let index = 0; index < counted.length; index += 1) {
    const place = counted[index] as number
    const bin = bins[start + (sample[place] as number)] as number
    const at = (leafOf[place] as number) * size + 2 * bin
    histogram[at] = (histogram[at] as number) + (totals[2 * place] as number)
    histogram[at + 1] = (histogram[at + 1] as number) + (totals[2 * place + 1] as number)
  }
}

/** Adds what each cut of one leaf gains. */
function addGains(histogram: Float64Array, start: number, cuts: number, l2: number, gains: Float64Array): void {
  let [sum, curve] = [0, 0]
  for (let bin = 0; bin <= cuts; bin += 1) {
    sum += histogram[start + 2 * bin] as number
    curve += histogram[start + 2 * bin + 1] as number
  }
  let [left, leftCurve] = [0, 0]
  for (let cut = 0; cut < cuts; cut += 1) {
    left += histogram[start + 2 * cut] as number
    leftCurve += histogram[start + 2 * cut + 1] as number
    const right = sum - left
    gains[cut] = (gains[cut] as number) + (left * left) / (leftCurve + l2) + (right * right) / (curve - leftCurve + l2)
  }
}

function newtonSteps(
  { sample, derivatives, outputs }: TreeRows,
  leafOf: Uint8Array,
  leaves: number,
  l2: number,
): Float64Array {
  const width = 2 * outputs
  const sums = new Float64Array(leaves * width)
  for (let place = 0; place < sample.length; place += 1) {
    const at = (leafOf[place] as number) * width
    for (let index = 0; index < width; index += 1) {
      sums[at + index] = (sums[at + index] as number) + (derivatives[place * width + index] as number)
    }
  }
  return Float64Array.from(
    { length: leaves * outputs },
    (_, at) => -(sums[2 * at] as number) / ((sums[2 * at + 1] as number) + l2),
  )
}
