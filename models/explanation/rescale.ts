/**
 * Contributions of the inputs of perceptrons by DeepLIFT's rescale rule, for many rows at once: as many matrix products
 * as a forward pass, on the engine; what lies between them in typed arrays.
 *
 * 1. Forward: sums before the activation of every hidden layer, `[row, unit]`, but for the first, whose sums are given.
 *    The last layer isn't needed: the hazards are known from scoring.
 * 2. Backward: the hazards' weights, `[row, H]`, go down through each layer's kernel and, at each hidden unit, times
 *    the rescale rule's quotient: change of the output over change of the input, between baseline and row.
 * 3. The multipliers of the inputs, summed over members, times the distance of the inputs from the baseline.
 *
 * @see Shrikumar, Greenside & Kundaje (2017), Learning Important Features Through Propagating Activation Differences
 */

import type { TensorFlow } from '../engine.ts'
import { turned } from '../matrix.ts'
import type { DenseLayer, Member } from '../network.ts'
import { firstKernels, kernelOf } from './kernels.ts'
import { type Kept, keep } from './products.ts'

/** Below this difference of a unit's input the rescale rule's quotient is noise, and the derivative takes its place. */
const leastDifference = 1e-6

/** Shares out the change of a weighted sum of hazard logits between the baseline and each row. */
export interface RescaleRule {
  /**
   * @param inputs - Row-major, shape `[row, input]`.
   * @param firstSums - The inputs' product with `firstKernels`, row-major, shape `[row, unit of any member]`.
   * @param weights - Of each hazard logit, row-major, shape `[row, H]`.
   * @returns Contribution of each input, row-major, shape `[row, input]`; sums to the change up to float32's rounding.
   */
  attribute(inputs: Float32Array, firstSums: Float32Array, weights: Float32Array, rows: number): Float32Array
  /** Frees the engine's memory. */
  dispose(): void
}

/** One hidden layer of one member. */
interface HiddenLayer {
  readonly units: number
  readonly bias: Float32Array
  /** Sums before the activation at the baseline, shape `[unit]`. */
  readonly baseline: Float64Array
  /** Kernel to the next hidden layer; undefined below the outputs. */
  readonly up: Kept | undefined
  /** Transposed kernel of the layer above. */
  readonly down: Kept
}

/**
 * Prepares the rescale rule.
 *
 * @param members - Dense layers with ReLU between them; the ensemble's hazard logits are the members' mean.
 * @param baseline - Shape `[input]`.
 */
export function rescaleRule(tf: TensorFlow, members: readonly Member[], baseline: ArrayLike<number>): RescaleRule {
  const width = baseline.length
  const first = firstKernels(members)
  const firstDown = keep(tf, turned(first))
  const firstUnits = first.columns
  const hidden = members.map(member => hiddenLayers(tf, member, baseline))

  /** Weights of the first layer's outputs: of hidden units, or of the hazards themselves where there are none. */
  const weightsAtFirst = (sums: Float32Array, weights: Float32Array, rows: number): Float32Array => {
    const found = new Float32Array(rows * firstUnits)
    let offset = 0
    for (const layers of hidden) {
      const units = layers[0]?.units ?? weights.length / rows
      const above = layers.length === 0 ? weights : weightsBelow(layers, sums, firstUnits, offset, weights, rows)
      for (let row = 0; row < rows; row += 1) {
        found.set(above.subarray(row * units, (row + 1) * units), row * firstUnits + offset)
      }
      offset += units
    }
    return found
  }

  return {
    attribute: (inputs, firstSums, weights, rows) => {
      const multipliers = firstDown.times(weightsAtFirst(firstSums, weights, rows), rows)
      for (let row = 0, at = 0; row < rows; row += 1) {
        for (let input = 0; input < width; input += 1, at += 1) {
          const distance = (inputs[at] as number) - (baseline[input] as number)
          multipliers[at] = ((multipliers[at] as number) * distance) / members.length
        }
      }
      return multipliers
    },
    dispose: () => {
      for (const kept of [firstDown, ...hidden.flat().flatMap(({ up, down }) => [up, down])]) kept?.dispose()
    },
  }
}

/** Steps 1 and 2 for one member; `firstSums` holds all members' first layers, this one's from `offset`. */
function weightsBelow(
  layers: readonly HiddenLayer[],
  firstSums: Float32Array,
  stride: number,
  offset: number,
  weights: Float32Array,
  rows: number,
): Float32Array {
  const quotients: Float32Array[] = []
  let sums = firstSums
  let [rowStride, from] = [stride, offset]
  for (const layer of layers) {
    const { active, quotient } = rescale(layer, sums, rowStride, from, rows)
    quotients.push(quotient)
    if (layer.up === undefined) break
    sums = layer.up.times(active, rows)
    ;[rowStride, from] = [sums.length / rows, 0]
  }
  let above = weights
  for (let depth = layers.length - 1; depth >= 0; depth -= 1) {
    above = (layers[depth] as HiddenLayer).down.times(above, rows)
    const quotient = quotients[depth] as Float32Array
    for (let at = 0; at < above.length; at += 1) above[at] = (above[at] as number) * (quotient[at] as number)
  }
  return above
}

/** The rescale rule for ReLU: change of the output over change of the input; and the outputs for the layer above. */
function rescale(
  { units, bias, baseline }: HiddenLayer,
  sums: Float32Array,
  stride: number,
  from: number,
  rows: number,
): { readonly active: Float32Array; readonly quotient: Float32Array } {
  const active = new Float32Array(rows * units)
  const quotient = new Float32Array(rows * units)
  for (let row = 0, at = 0; row < rows; row += 1) {
    const start = row * stride + from
    for (let unit = 0; unit < units; unit += 1, at += 1) {
      const before = baseline[unit] as number
      const after = (sums[start + unit] as number) + (bias[unit] as number)
      const change = after - before
      const output = after > 0 ? after : 0
      active[at] = output
      if (change > leastDifference || change < -leastDifference) {
        quotient[at] = (output - (before > 0 ? before : 0)) / change
      } else quotient[at] = after > 0 ? 1 : 0
    }
  }
  return { active, quotient }
}

function hiddenLayers(tf: TensorFlow, member: Member, baseline: ArrayLike<number>): HiddenLayer[] {
  let below: ArrayLike<number> = baseline
  return member.slice(0, -1).map((layer, depth) => {
    const sums = Float64Array.from(layer.bias)
    for (let input = 0; input < layer.inputs; input += 1) {
      for (let unit = 0; unit < layer.outputs; unit += 1) {
        const weight = layer.kernel[input * layer.outputs + unit] as number
        sums[unit] = (sums[unit] as number) + (below[input] as number) * weight
      }
    }
    below = sums.map(sum => Math.max(0, sum))
    const above = kernelOf(member[depth + 1] as DenseLayer)
    return {
      units: layer.outputs,
      bias: layer.bias,
      baseline: sums,
      up: depth + 2 < member.length ? keep(tf, above) : undefined,
      down: keep(tf, turned(above)),
    }
  })
}
