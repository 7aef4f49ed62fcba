/**
 * Why a PD is what it is: contributions of the inputs to logit PD(H), in log-odds, that sum to its distance from the
 * baseline.
 *
 * 1. Each network member is explained against the mean input by DeepLIFT's rescale rule, which shares out the exact
 *    change of every hazard logit among the inputs.
 * 2. The step from hazard logits z(1…H) to logit PD(H) is smooth; its share of each z(k) is the Aumann–Shapley integral
 *    along the straight line from baseline to row, by Gauss–Legendre quadrature.
 * Because step 1 is linear in the weights that step 2 gives, one backward pass per member does both.
 *
 * @see Shrikumar, Greenside & Kundaje (2017), Learning Important Features Through Propagating Activation Differences
 * @see Aumann & Shapley (1974), Values of Non-Atomic Games; Sundararajan, Taly & Yan (2017), Axiomatic Attribution
 */

import { type Calibration, sigmoid, softplus } from './calibration.ts'
import type { DenseLayer, Member } from './network.ts'

/** The contributions of one row. */
export interface Explanation {
  /** Contribution of each input to logit PD(H), in log-odds; shape `[input]`. */
  readonly contributions: Float64Array
  /** logit PD(H) of the row. */
  readonly logit: number
  /** logit PD(H) of the baseline. */
  readonly baselineLogit: number
}

/** Explains rows of inputs, shape `[input]`. */
export type Explainer = (inputs: ArrayLike<number>) => Explanation

const quadrature = gaussLegendre(24)

/** Below this difference of a unit's input the rescale rule's quotient is noise, and the derivative takes its place. */
const leastDifference = 1e-9

/**
 * Prepares explanations of an ensemble against a baseline.
 *
 * @param members - As in the network; the ensemble's logit is their mean.
 * @param baseline - Mean encoded input of training rows, shape `[input]`.
 */
export function createExplainer(
  members: readonly Member[],
  calibration: Calibration,
  baseline: ArrayLike<number>,
): Explainer {
  const baselinePasses = members.map(member => forward(member, baseline))
  const baselineHazards = meanOutput(baselinePasses)
  const baselineLogit = logitOfPd(calibration, baselineHazards)

  return inputs => {
    const passes = members.map(member => forward(member, inputs))
    const hazards = meanOutput(passes)
    const weights = hazardWeights(calibration, baselineHazards, hazards)
    const contributions = new Float64Array(inputs.length)
    members.forEach((member, index) => {
      const multipliers = backward(member, baselinePasses[index] ?? [], passes[index] ?? [], weights)
      for (let input = 0; input < contributions.length; input += 1) {
        const difference = (inputs[input] as number) - (baseline[input] as number)
        contributions[input] =
          (contributions[input] as number) + ((multipliers[input] as number) * difference) / members.length
      }
    })
    return { contributions, logit: logitOfPd(calibration, hazards), baselineLogit }
  }
}

/** logit of PD(H) for hazard logits of months 1…H. */
function logitOfPd(calibration: Calibration, hazards: ArrayLike<number>): number {
  let logSurvival = 0
  calibration.slope.forEach((slope, month) => {
    logSurvival -= softplus((calibration.intercept[month] as number) + slope * (hazards[month] as number))
  })
  return Math.log(-Math.expm1(logSurvival)) - logSurvival
}

/** Aumann–Shapley weight of each hazard logit: the mean derivative of logit PD(H) along the line from `from` to `to`. */
function hazardWeights(calibration: Calibration, from: Float64Array, to: Float64Array): Float64Array {
  const weights = new Float64Array(to.length)
  const point = new Float64Array(to.length)
  for (const { at, weight } of quadrature) {
    let logSurvival = 0
    for (let month = 0; month < to.length; month += 1) {
      const hazard = (from[month] as number) + at * ((to[month] as number) - (from[month] as number))
      point[month] = (calibration.intercept[month] as number) + (calibration.slope[month] as number) * hazard
      logSurvival -= softplus(point[month] as number)
    }
    const pd = -Math.expm1(logSurvival)
    for (let month = 0; month < to.length; month += 1) {
      const derivative = ((calibration.slope[month] as number) * sigmoid(point[month] as number)) / pd
      weights[month] = (weights[month] as number) + weight * derivative
    }
  }
  return weights
}

/** Sums before the activation of every layer, first to last; the last one's are the outputs. */
function forward(member: Member, inputs: ArrayLike<number>): Float64Array[] {
  const sums: Float64Array[] = []
  let below: ArrayLike<number> = inputs
  for (const layer of member) {
    const above = Float64Array.from(layer.bias)
    for (let input = 0; input < layer.inputs; input += 1) {
      const value = sums.length === 0 ? (below[input] as number) : Math.max(0, below[input] as number)
      if (value === 0) continue
      const start = input * layer.outputs
      for (let output = 0; output < layer.outputs; output += 1) {
        above[output] = (above[output] as number) + value * (layer.kernel[start + output] as number)
      }
    }
    sums.push(above)
    below = above
  }
  return sums
}

/** DeepLIFT multipliers of the inputs for the weighted sum of the outputs. */
function backward(
  member: Member,
  baselineSums: readonly Float64Array[],
  sums: readonly Float64Array[],
  weights: Float64Array,
): Float64Array {
  let above = weights
  for (let depth = member.length - 1; depth >= 0; depth -= 1) {
    const layer = member[depth] as DenseLayer
    const below = new Float64Array(layer.inputs)
    const from = baselineSums[depth - 1]
    const to = sums[depth - 1]
    for (let input = 0; input < layer.inputs; input += 1) {
      const slope = from === undefined || to === undefined ? 1 : rescale(from[input] as number, to[input] as number)
      if (slope === 0) continue
      const start = input * layer.outputs
      let total = 0
      for (let output = 0; output < layer.outputs; output += 1) {
        total += (layer.kernel[start + output] as number) * (above[output] as number)
      }
      below[input] = total * slope
    }
    above = below
  }
  return above
}

/** The rescale rule for ReLU: change of the output over change of the input. */
function rescale(from: number, to: number): number {
  const difference = to - from
  if (Math.abs(difference) < leastDifference) return to > 0 ? 1 : 0
  return (Math.max(0, to) - Math.max(0, from)) / difference
}

function meanOutput(passes: readonly (readonly Float64Array[])[]): Float64Array {
  const outputs = passes.map(pass => pass.at(-1) ?? new Float64Array())
  return Float64Array.from(
    outputs[0] ?? [],
    (_, month) => outputs.reduce((sum, output) => sum + (output[month] as number), 0) / outputs.length,
  )
}

/**
 * Nodes and weights of Gauss–Legendre quadrature on [0, 1], by Newton's method on the Legendre polynomials.
 *
 * @see Press et al. (2007), Numerical Recipes, section 4.6
 */
function gaussLegendre(count: number): { at: number; weight: number }[] {
  return Array.from({ length: count }, (_, index) => {
    let x = Math.cos((Math.PI * (index + 0.75)) / (count + 0.5))
    let derivative = 1
    for (let step = 0; step < 100; step += 1) {
      let [previous, current] = [0, 1]
      for (let n = 1; n <= count; n += 1) {
        ;[previous, current] = [current, ((2 * n - 1) * x * current - (n - 1) * previous) / n]
      }
      derivative = (count * (x * current - previous)) / (x * x - 1)
      const change = current / derivative
      x -= change
      if (Math.abs(change) < 1e-15) break
    }
    return { at: (1 + x) / 2, weight: 1 / ((1 - x * x) * derivative * derivative) }
  })
}
