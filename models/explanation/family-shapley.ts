/**
 * Shapley values over groups of inputs, cheap enough for every request, for perceptrons whose first-layer units
 * see one group each (`inputGroups` in training), and boosted trees and sequence members beside them.
 *
 * Groups meet only in the sums of the second hidden layer, and there each adds its own part. So a coalition needs no
 * pass through the wide first layer:
 *
 * 1. First layer, once per row. What group g adds to the second layer's sums, less what it adds at the baseline:
 *    Δ(g), shape `[group, unit]`.
 * 2. Sums of all 2ⁿ coalitions, ReLU and the last layer: hazard logits of every coalition (`coalition-pass.ts`). Those of
 *    the other members are added, and the worth is the mean's logit PD(h).
 * 3. Shapley's weights.
 *
 * They are exact. Sequence members have one such sum too (`sequence-coalitions.ts`).
 */

import type { Calibration } from '../calibration.ts'
import type { TensorFlow } from '../engine.ts'
import { below, diagonal } from '../matrix.ts'
import type { DenseLayer, Member, NetworkParts } from '../network.ts'
import { coalitionPass } from './coalition-pass.ts'
import { firstKernels, kernelOf } from './kernels.ts'
import { keep } from './products.ts'
import { sequenceCoalitions } from './sequence-coalitions.ts'
import { shapleyValues } from './shapley.ts'
import {
  type CoalitionLogits,
  type InputShares,
  rowsAtOnce,
  sharesFrom,
  type TreeShapley,
  treeShapley,
} from './tree-shapley.ts'

/** Contributions of groups. */
export interface GroupAttribution {
  /**
   * @param inputs - Row-major, shape `[row, input]`.
   * @param firstSums - The inputs' product with `firstKernels`, row-major, shape `[row, unit of any member]`.
   * @param horizon - h, 1…H.
   * @param ofInputs - Adds the trees' contributions of single inputs.
   * @returns Contribution of each group to logit PD(h), row-major, shape `[row, group]`.
   */
  attribute(
    inputs: Float32Array,
    firstSums: Float32Array,
    rows: number,
    horizon: number,
    ofInputs?: InputShares,
  ): Float64Array
  /** Frees the engine's memory. */
  dispose(): void
}

/** Members that can be explained this way: two hidden layers, and no first-layer unit that sees two groups. */
function unitGroups(members: readonly Member[], groups: ArrayLike<number>): Int32Array | undefined {
  const found: number[] = []
  for (const member of members) {
    if (member.length !== 3) return undefined
    const { inputs, outputs, kernel } = member[0] as DenseLayer
    for (let unit = 0; unit < outputs; unit += 1) {
      let own = 0
      let isFirst = true
      for (let input = 0; input < inputs; input += 1) {
        if (kernel[input * outputs + unit] === 0) continue
        if (!isFirst && groups[input] !== own) return undefined
        own = groups[input] as number
        isFirst = false
      }
      found.push(own)
    }
  }
  return Int32Array.from(found)
}

/**
 * Prepares contributions of groups.
 *
 * @param parts - All members of the network.
 * @param baseline - Shape `[input]`.
 * @param groups - Group of each input, 0 … n − 1, shape `[input]`.
 * @param ofTrees - Of the same trees, baseline and groups, where they are prepared already.
 * @returns undefined if the perceptrons are not of this kind, or there are none.
 */
export function familyShapley(
  tf: TensorFlow,
  { perceptrons, trees, sequences, sequenceCount, count: all }: NetworkParts,
  calibration: Calibration,
  baseline: ArrayLike<number>,
  groups: ArrayLike<number>,
  ofTrees: TreeShapley = treeShapley(trees, baseline, groups),
): GroupAttribution | undefined {
  const groupOf = unitGroups(perceptrons, groups)
  if (groupOf === undefined || perceptrons.length === 0) return undefined
  const count = 1 + Math.max(...Array.from(groups))
  const coalitions = 1 << count
  const firstBias = Float32Array.from(perceptrons.flatMap(([first]) => [...(first as DenseLayer).bias]))
  const seconds = perceptrons.map(member => member[1] as DenseLayer)
  const lasts = perceptrons.map(member => member[2] as DenseLayer)
  const months = (lasts[0] as DenseLayer).outputs
  const ofSequences = sequences === null ? null : sequenceCoalitions(tf, sequences, baseline, groups)
  const bias = Float64Array.from({ length: months }, (_, month) => {
    const ofLasts = lasts.reduce((sum, last) => sum + (last.bias[month] as number), 0)
    return (ofLasts + sequenceCount * (ofSequences?.bias[month] ?? 0)) / all
  })

  const units = firstBias.length
  /** Outputs of the first layers in a row. */
  const activate = (firstSums: Float32Array, row: number, active: Float32Array): void => {
    for (let unit = 0, at = row * units; unit < units; unit += 1, at += 1) {
      const sum = (firstSums[at] as number) + (firstBias[unit] as number)
      active[unit] = Math.max(0, sum)
    }
  }
  const active = new Float32Array(units)
  const first = keep(tf, firstKernels(perceptrons))
  activate(first.times(Float32Array.from(baseline), 1), 0, active)
  first.dispose()
  const pass = coalitionPass({
    groups: count,
    kernel: diagonal(seconds.map(kernelOf)),
    bias: Float32Array.from(seconds.flatMap(({ bias }) => [...bias])),
    groupOf,
    baseline: active.slice(),
    head: below(lasts.map(kernelOf), 1 / all),
  })
  const worthOf = coalitionWorth(calibration, bias)
  const worth = new Float64Array(coalitions)
  return {
    attribute: (inputs, firstSums, rows, horizon, ofInputs) => {
      const width = baseline.length
      const found = new Float64Array(rows * count)
      for (let from = 0; from < rows; from += rowsAtOnce) {
        const here = Math.min(rowsAtOnce, rows - from)
        const inputsHere = inputs.subarray(from * width, (from + here) * width)
        const sequential = ofSequences?.coalitions(inputsHere, here)
        const sharesHere = ofInputs && sharesFrom(ofInputs, from, width, months)
        const ofTreesHere = trees.length > 0 ? ofTrees.coalitions(inputsHere, here, sharesHere) : undefined
        for (let row = 0; row < here; row += 1) {
          activate(firstSums, from + row, active)
          const hazards = pass.run(active, 0)
          if (sequential !== undefined) addShare(hazards, sequential(row), sequenceCount / all)
          if (ofTreesHere !== undefined) addTrees(hazards, ofTreesHere, row, coalitions, 1 / all)
          for (let coalition = 0; coalition < coalitions; coalition += 1) {
            worth[coalition] = worthOf(hazards, coalition * months, horizon)
          }
          found.set(shapleyValues(worth), (from + row) * count)
        }
      }
      return found
    },
    dispose: () => {
      ofSequences?.dispose()
    },
  }
}

/** Adds what other members say, times their share of the network's mean. */
export function addShare(to: Float32Array, others: ArrayLike<number>, share: number): void {
  for (let at = 0; at < to.length; at += 1) to[at] = (to[at] as number) + share * (others[at] as number)
}

/** Adds the trees' hazard logits of a row, which may have a column more. */
function addTrees(
  hazards: Float32Array,
  { logits, months }: CoalitionLogits,
  row: number,
  coalitions: number,
  share: number,
): void {
  const horizon = hazards.length / coalitions
  for (let coalition = 0, at = 0; coalition < coalitions; coalition += 1) {
    const from = (row * coalitions + coalition) * months
    for (let month = 0; month < horizon; month += 1, at += 1) {
      hazards[at] = (hazards[at] as number) + share * (logits[from + month] as number)
    }
  }
}

/** logit PD(h) of hazard logits less their bias: ln(Π (1 + eᶻ) − 1), one exponential a month and one logarithm. */
function coalitionWorth(
  { slope, intercept }: Calibration,
  bias: Float64Array,
): (hazards: Float32Array, from: number, horizon: number) => number {
  const slopes = Float64Array.from(slope)
  const shifts = Float64Array.from(
    intercept,
    (value, month) => value + (slope[month] as number) * (bias[month] as number),
  )
  return (hazards, from, horizon) => {
    let odds = 0 // Π (1 + eᶻ) − 1, kept apart from the 1 so that small odds stay exact
    for (let month = 0; month < horizon; month += 1) {
      const exponential = Math.exp(
        (shifts[month] as number) + (slopes[month] as number) * (hazards[from + month] as number),
      )
      odds += exponential + odds * exponential
    }
    return Math.log(odds)
  }
}
