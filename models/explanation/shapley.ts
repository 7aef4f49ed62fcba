/**
 * Exact Shapley values over groups of inputs, such as families of features: the reference that cheaper explanations are
 * held to, and what an audit asks for.
 *
 * The worth of a coalition is logit PD(h) of the row whose inputs outside the coalition are at the baseline. All 2ⁿ
 * coalitions of a row go through the network in one batch.
 *
 * @see Shapley (1953), A Value for n-Person Games; Owen (1977), Values of Games with A Priori Unions
 */

import { hazardLogits } from '../network.ts'
import { coalitionSize } from './coalitions.ts'
import type { ExplainedModel } from './explanation.ts'
import { logitOfPd } from './log-odds.ts'

/** More groups than this make too many coalitions. */
const groupsAtMost = 12

/** Shapley values of groups of inputs. */
export interface GroupExplanations {
  /** Contribution of each group to logit PD(h), in log-odds; row-major, shape `[row, group]`. */
  readonly contributions: Float64Array
  /** logit PD(h), shape `[row]`; less the baseline's it is the sum of the row's contributions. */
  readonly logit: Float64Array
  readonly baselineLogit: number
}

/**
 * Shapley values of a game.
 *
 * @param worth - Worth of each coalition, shape `[2ⁿ]`; bit i of a coalition's number says whether player i is in it.
 * @returns Shape `[n]`; they sum to the worth of all less the worth of none.
 */
export function shapleyValues(worth: ArrayLike<number>): Float64Array {
  const players = Math.round(Math.log2(worth.length))
  const weights = coalitionWeights(players)
  const values = new Float64Array(players)
  for (let player = 0; player < players; player += 1) {
    const bit = 1 << player
    let sum = 0
    for (let coalition = 0; coalition < worth.length; coalition += 1) {
      if ((coalition & bit) !== 0) continue
      const gain = (worth[coalition | bit] as number) - (worth[coalition] as number)
      sum += (weights[coalition] as number) * gain
    }
    values[player] = sum
  }
  return values
}

const knownWeights = new Map<number, Float64Array>()

/** |S|! (n − |S| − 1)! / n! of every coalition S without the player, by its number. */
function coalitionWeights(players: number): Float64Array {
  const before = knownWeights.get(players)
  if (before !== undefined) return before
  const bySize = Array.from({ length: players }, (_, size) => {
    let weight = 1 / players // of size 0; each further member multiplies by s / (n − s)
    for (let member = 1; member <= size; member += 1) weight *= member / (players - member)
    return weight
  })
  const weights = Float64Array.from({ length: 1 << players }, (_, coalition) => bySize[coalitionSize(coalition)] ?? 0)
  knownWeights.set(players, weights)
  return weights
}

/**
 * Exact Shapley values over groups of inputs.
 *
 * @param groups - Group of each input, 0 … n − 1, shape `[input]`.
 * @param inputs - Row-major, shape `[row, input]`.
 * @param horizon - h, 1…H; H if left out.
 * @throws Error if there are more than 12 groups.
 */
export function exactContributions(
  { tf, network, calibration, baseline }: ExplainedModel,
  groups: ArrayLike<number>,
  inputs: Float32Array,
  rows: number,
  horizon = calibration.slope.length,
): GroupExplanations {
  const width = baseline.length
  const count = 1 + Math.max(...Array.from(groups))
  if (count > groupsAtMost) throw new Error(`${count} groups make more coalitions than can be tried`)
  const coalitions = 1 << count
  const batch = new Float32Array(coalitions * width)
  const worth = new Float64Array(coalitions)
  const contributions = new Float64Array(rows * count)
  const logit = new Float64Array(rows)
  let baselineLogit = Number.NaN
  for (let row = 0; row < rows; row += 1) {
    for (let coalition = 0, at = 0; coalition < coalitions; coalition += 1) {
      for (let input = 0; input < width; input += 1, at += 1) {
        const isIn = ((coalition >> (groups[input] as number)) & 1) === 1
        batch[at] = (isIn ? inputs[row * width + input] : baseline[input]) as number
      }
    }
    const hazards = hazardLogits(tf, network, batch, coalitions)
    for (let coalition = 0; coalition < coalitions; coalition += 1) {
      worth[coalition] = logitOfPd(calibration, hazards, coalition, horizon)
    }
    contributions.set(shapleyValues(worth), row * count)
    logit[row] = worth[coalitions - 1] as number
    baselineLogit = worth[0] as number
  }
  return { contributions, logit, baselineLogit }
}
