/**
 * Exact contributions of boosted trees against one baseline.
 *
 * A tree is a table that a row and the baseline enter by their answers to its few questions. Only questions that they
 * answer differently can make a difference, and what a set of these does together beyond what fewer of them do depends on
 * the baseline alone: it is prepared once. A row then needs some thousand look-ups, and no pass through a network.
 *
 * @see Lundberg et al. (2020), From Local Explanations to Global Understanding with Explainable AI for Trees; here against
 *   a single baseline, and by enumeration, since oblivious trees are shallow
 */

import { type BoostedTrees, treeCount } from '../boosted-trees.ts'
import { leafFinder, rowsTogether } from '../tree-leaves.ts'
import { toDividends } from './coalitions.ts'
import { gainSums, type TreeGains } from './tree-gains.ts'

/** Contributions of single inputs in the weighted sum of the trees' hazard logits, to be added to others. */
export interface InputShares {
  /** Of each hazard logit, row-major, shape `[row, H]`. */
  readonly weights: Float32Array
  /** Row-major, shape `[row, input]`. */
  readonly contributions: Float32Array
  /** Of the trees in the network's mean. */
  readonly share: number
}

/** Hazard logits of coalitions of groups. */
export interface CoalitionLogits {
  /** All trees' sum, shape `[row, 2ⁿ, months]`; bit i of a coalition's number says whether group i is in it. */
  readonly logits: Float64Array
  /** H, or one more where that is odd. */
  readonly months: number
}

/** Exact contributions of trees. */
export interface TreeShapley {
  /** Adds Shapley values of single inputs; `inputs` are row-major, shape `[row, input]`. */
  addInputs(inputs: Float32Array, rows: number, to: InputShares): void
  /**
   * Hazard logits of every coalition of groups.
   *
   * @param inputs - Row-major, shape `[row, input]`; at most {@link rowsAtOnce}.
   * @param to - Adds Shapley values of single inputs too: together takes no longer.
   * @returns Valid until the next call.
   */
  coalitions(inputs: Float32Array, rows: number, to?: InputShares): CoalitionLogits
}

/** Shares of the rows from one on. */
export function sharesFrom(shares: InputShares, row: number, width: number, horizon: number): InputShares {
  const { weights, contributions, share } = shares
  return { weights: weights.subarray(row * horizon), contributions: contributions.subarray(row * width), share }
}

/** Rows whose coalitions are in memory together: with more, they would leave the processor's cache. */
export const rowsAtOnce = 32

/**
 * Prepares contributions of trees.
 *
 * @param members - Their hazard logits are added.
 * @param baseline - Shape `[input]`.
 * @param groups - Group of each input, 0 … n − 1, shape `[input]`; left out, there are no coalitions of groups.
 * @see Harsanyi (1963), A Simplified Bargaining Model for the n-Person Cooperative Game: a Shapley value is the sum of a
 *   player's equal parts in the dividends of its coalitions
 */
export function treeShapley(
  members: readonly BoostedTrees[],
  baseline: ArrayLike<number>,
  groups: ArrayLike<number> = [],
): TreeShapley {
  const finder = leafFinder(members)
  finder.find(Float32Array.from(baseline), 0, 1)
  let tree = 0
  const gains = members.flatMap(trees =>
    Array.from({ length: treeCount(trees) }, (_, own) => {
      const leaf = finder.leaves[tree * rowsTogether] as number
      tree += 1
      return gainsOf(trees, own, leaf, groups)
    }),
  )
  const horizon = members[0]?.bias.length ?? 0
  const width = baseline.length
  const coalitions = 1 << (groups.length === 0 ? 0 : 1 + Math.max(...Array.from(groups)))
  const sums = gainSums(gains, { rows: rowsAtOnce, inputs: width, coalitions, horizon, leafStride: rowsTogether })
  const { months } = sums
  const each = coalitions * months
  const ofNone = new Float64Array(months)
  for (let month = 0; month < horizon; month += 1) {
    const ofBias = members.reduce((sum, { bias }) => sum + (bias[month] as number), 0)
    ofNone[month] = gains.reduce((sum, { dividends }) => sum + (dividends[month] as number), ofBias)
  }

  const add = (inputs: Float32Array, from: number, rows: number, to: InputShares | undefined): void => {
    finder.find(inputs, from, rows)
    sums.leaves.set(finder.leaves)
    sums.contributions.fill(0, 0, rows * width)
    sums.worths.fill(0, 0, rows * each)
    for (let row = 0; row < rows; row += 1) {
      for (let month = 0; month < horizon; month += 1) {
        sums.weights[row * months + month] = to?.weights[row * horizon + month] ?? 0
      }
      sums.worths.set(ofNone, row * each)
    }
    sums.add(rows)
    if (to === undefined) return
    for (let at = 0; at < rows * width; at += 1) {
      to.contributions[at] = (to.contributions[at] as number) + to.share * (sums.contributions[at] as number)
    }
  }

  return {
    addInputs: (inputs, rows, to) => {
      for (let from = 0; from < rows; from += rowsAtOnce) {
        add(inputs, from, Math.min(rowsAtOnce, rows - from), sharesFrom(to, from, width, horizon))
      }
    },
    coalitions: (inputs, rows, to) => {
      add(inputs, 0, rows, to)
      sums.toWorths(rows)
      return { logits: sums.worths, months }
    },
  }
}

/** @param leaf - Of the baseline. */
function gainsOf(trees: BoostedTrees, tree: number, leaf: number, groups: ArrayLike<number>): TreeGains {
  const { depth, splitInput, leaves, bias } = trees
  const horizon = bias.length
  const sets = 1 << depth
  const inputs = splitInput.subarray(tree * depth, (tree + 1) * depth)
  const dividends = new Float64Array(sets * horizon)
  const groupsOf = new Int32Array(sets)
  const parts = new Float32Array(sets * depth)
  for (let set = 0; set < sets; set += 1) {
    const from = (tree * sets + (leaf ^ set)) * horizon
    dividends.set(leaves.subarray(from, from + horizon), set * horizon)
    const asked = Array.from(inputs, (input, question) => ((set >> question) & 1 ? input : -1))
    const players = new Set(asked.filter(input => input >= 0))
    asked.forEach((input, question) => {
      if (input < 0) return
      const group = groups[input] // without groups all is of the empty coalition
      if (group !== undefined) groupsOf[set] = (groupsOf[set] as number) | (1 << group)
      if (asked.indexOf(input) === question) parts[set * depth + question] = 1 / players.size
    })
  }
  toDividends(dividends, sets, horizon)
  return { depth, own: leaf, inputs, dividends, groupsOf, parts }
}
