/**
 * Why a PD is what it is: contributions of the inputs to logit PD(h), in log-odds, that sum to its distance from the
 * baseline's.
 *
 * 1. The step from hazard logits z(1…H) to logit PD(h) is smooth; its share of each z(k) is the Aumann–Shapley integral
 *    along the straight line from baseline to row.
 * 2. The change of the hazards so weighted is shared out among the inputs: in perceptrons by DeepLIFT's rescale rule, in
 *    trees by their Shapley values, in sequence members by integrated gradients.
 * 3. Where the perceptrons' first layer keeps groups of inputs apart, Shapley values of the groups come cheap, and the
 *    contributions of a group's inputs are made to sum to them. Sequence members take part in the groups' values alone:
 *    how a group's value is split among its inputs follows the other members, since gradients cost several times a score.
 * 4. What float32 and the quadrature leave over is spread in proportion to the contributions, so that they sum exactly.
 */

import type { LayersModel } from '@tensorflow/tfjs'
import type { Calibration } from '../calibration.ts'
import type { TensorFlow } from '../engine.ts'
import { hazardLogits, networkParts } from '../network.ts'
import { addShare, familyShapley } from './family-shapley.ts'
import { integratedGradients } from './gradients.ts'
import { firstKernels } from './kernels.ts'
import { hazardWeights, logitOfPd } from './log-odds.ts'
import { keep } from './products.ts'
import { rescaleRule } from './rescale.ts'
import { treeShapley } from './tree-shapley.ts'

/** The contributions of some rows. */
export interface Explanations {
  /** Inputs per row. */
  readonly width: number
  /** Contribution of each input to logit PD(h), in log-odds; row-major, shape `[row, input]`. */
  readonly contributions: Float64Array
  /** logit PD(h), shape `[row]`. */
  readonly logit: Float64Array
  /** logit PD(h) of the baseline. */
  readonly baselineLogit: number
}

/** Explains rows of inputs. */
export interface Explainer {
  /**
   * @param inputs - Row-major, shape `[row, input]`.
   * @param hazards - The network's hazard logits of these rows, row-major, shape `[row, H]`.
   * @param horizon - h, 1…H: the probability that is explained; H if left out.
   */
  explain(inputs: Float32Array, hazards: Float32Array, rows: number, horizon?: number): Explanations
  /** Frees the engine's memory. */
  dispose(): void
}

/** What an explanation needs to know of a model. */
export interface ExplainedModel {
  readonly tf: TensorFlow
  /** Inputs `[batch, input]` → hazard logits `[batch, H]`. */
  readonly network: LayersModel
  readonly calibration: Calibration
  /** Mean encoded input of training rows, shape `[input]`. */
  readonly baseline: ArrayLike<number>
  /** Group of each input, 0 … n − 1, such as its feature's family; shape `[input]`. */
  readonly groups?: ArrayLike<number>
}

/** Rows explained together: bounds the memory of what lies between the layers. */
const rowsAtOnce = 1024

/** Prepares explanations of a model against its baseline. */
export function createExplainer({ tf, network, calibration, baseline, groups }: ExplainedModel): Explainer {
  const width = baseline.length
  const parts = networkParts(tf, network)
  const { perceptrons, trees, sequences, sequenceCount, count } = parts
  const ofTrees = treeShapley(trees, baseline, groups)
  const byGroup = groups === undefined ? undefined : familyShapley(tf, parts, calibration, baseline, groups, ofTrees)
  const firstLayers = perceptrons.length === 0 ? undefined : keep(tf, firstKernels(perceptrons))
  const ofPerceptrons = perceptrons.length === 0 ? undefined : rescaleRule(tf, perceptrons, baseline)
  const ofSequences =
    sequences === null || byGroup !== undefined ? undefined : integratedGradients(tf, sequences, baseline)
  const baselineHazards = hazardLogits(tf, network, Float32Array.from(baseline), 1)
  const months = calibration.slope.length

  return {
    explain: (inputs, hazards, rows, horizon = months) => {
      const baselineLogit = logitOfPd(calibration, baselineHazards, 0, horizon)
      const logit = Float64Array.from({ length: rows }, (_, row) => logitOfPd(calibration, hazards, row, horizon))
      const contributions = new Float64Array(rows * width)
      for (let first = 0; first < rows; first += rowsAtOnce) {
        const here = Math.min(rowsAtOnce, rows - first)
        const hazardsHere = hazards.subarray(first * months, (first + here) * months)
        const weights = hazardWeights(calibration, baselineHazards, hazardsHere, here, horizon)
        const inputsHere = inputs.subarray(first * width, (first + here) * width)
        const part = new Float32Array(here * width)
        const firstSums = firstLayers?.times(inputsHere, here) ?? new Float32Array()
        if (ofPerceptrons !== undefined) {
          addShare(part, ofPerceptrons.attribute(inputsHere, firstSums, weights, here), perceptrons.length / count)
        }
        if (ofSequences !== undefined) {
          addShare(part, ofSequences.attribute(inputsHere, weights, here), sequenceCount / count)
        }
        const ofInputs = { weights, contributions: part, share: 1 / count }
        const wanted = byGroup?.attribute(inputsHere, firstSums, here, horizon, ofInputs)
        if (wanted === undefined) ofTrees.addInputs(inputsHere, here, ofInputs)
        const whole = contributions.subarray(first * width, (first + here) * width)
        whole.set(part)
        if (wanted !== undefined && groups !== undefined) fitToGroups(whole, groups, wanted, inputsHere, baseline)
      }
      for (let row = 0; row < rows; row += 1) {
        const own = contributions.subarray(row * width, (row + 1) * width)
        spreadRest(own, (logit[row] as number) - baselineLogit)
      }
      return { width, contributions, logit, baselineLogit }
    },
    dispose: () => {
      for (const one of [firstLayers, byGroup, ofPerceptrons, ofSequences]) one?.dispose()
    },
  }
}

/**
 * Makes the contributions of each group's inputs sum to the group's, changing each in proportion to its size; or, where
 * a group's inputs have none, sharing it out in proportion to their distance from the baseline.
 */
function fitToGroups(
  contributions: Float64Array,
  groups: ArrayLike<number>,
  wanted: Float64Array,
  inputs: Float32Array,
  baseline: ArrayLike<number>,
): void {
  const width = baseline.length
  const rows = contributions.length / width
  const count = wanted.length / rows
  const [rest, sizes, distances] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)]
  for (let row = 0; row < rows; row += 1) {
    rest.set(wanted.subarray(row * count, (row + 1) * count))
    sizes.fill(0)
    distances.fill(0)
    for (let input = 0, at = row * width; input < width; input += 1, at += 1) {
      const group = groups[input] as number
      const value = contributions[at] as number
      rest[group] = (rest[group] as number) - value
      sizes[group] = (sizes[group] as number) + Math.abs(value)
      distances[group] = (distances[group] as number) + Math.abs((inputs[at] as number) - (baseline[input] as number))
    }
    for (let input = 0, at = row * width; input < width; input += 1, at += 1) {
      const group = groups[input] as number
      const value = contributions[at] as number
      const [size, distance] = [sizes[group] as number, distances[group] as number]
      if (size > 0) contributions[at] = value + ((rest[group] as number) * Math.abs(value)) / size
      else if (distance > 0) {
        const own = Math.abs((inputs[at] as number) - (baseline[input] as number))
        contributions[at] = ((rest[group] as number) * own) / distance
      }
    }
  }
}

/** Makes contributions sum to a total, changing each in proportion to its size. */
function spreadRest(contributions: Float64Array, total: number): void {
  let [sum, size] = [0, 0]
  for (const value of contributions) {
    sum += value
    size += Math.abs(value)
  }
  if (size === 0) return
  const share = (total - sum) / size
  for (let input = 0; input < contributions.length; input += 1) {
    const value = contributions[input] as number
    contributions[input] = value + share * Math.abs(value)
  }
}
