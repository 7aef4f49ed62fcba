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
import { coalitionSize, fromDividends, lowestPlayer, toDividends } from './coalitions.ts'

/** Contributions of single inputs in the weighted sum of the trees' hazard logits, to be added to others. */
export interface InputShares {
  /** Of each hazard logit, row-major, shape `[row, H]`. */
  readonly weights: Float32Array
  /** Row-major, shape `[row, input]`. */
  readonly contributions: Float32Array
  /** Of the trees in the network's mean. */
  readonly share: number
}

/** Exact contributions of trees. */
export interface TreeShapley {
  /** Adds Shapley values of single inputs; `inputs` are row-major, shape `[row, input]`. */
  addInputs(inputs: Float32Array, rows: number, to: InputShares): void
  /**
   * Hazard logits of every coalition of groups, all trees' sum.
   *
   * @param inputs - Row-major, shape `[row, input]`.
   * @param to - Adds Shapley values of single inputs too: together takes little more than half as long.
   * @returns Shape `[row, 2ⁿ, H]`; bit i of a coalition's number says whether group i is in it.
   */
  coalitions(inputs: Float32Array, rows: number, to?: InputShares): Float64Array
}

/** Shares of the rows from one on. */
export function sharesFrom(shares: InputShares, row: number, width: number, horizon: number): InputShares {
  const { weights, contributions, share } = shares
  return { weights: weights.subarray(row * horizon), contributions: contributions.subarray(row * width), share }
}

/** Trees, and what their questions do against the baseline. A set of a tree's questions is a number: bit i is question i. */
interface Prepared {
  readonly trees: BoostedTrees
  /** The first of them among the trees of all members. */
  readonly firstTree: number
  /** Leaf of the baseline in each tree. */
  readonly baseline: Uint16Array
  /** What a set of questions, answered other than the baseline does, does beyond its subsets; shape `[tree, set, H]`. */
  readonly dividends: Float64Array
  /** The coalition of groups that a set of questions asks about, shape `[tree, set]`. */
  readonly groupsOf: Int32Array
  /** Of a set of questions those whose input no earlier one of them asks about, shape `[tree, set]`. */
  readonly firstOf: Int32Array
  /** How many those are, shape `[tree, set]`. */
  readonly sizeOf: Uint8Array
}

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
  let firstTree = 0
  const prepared = members.map(trees => {
    const one = prepare(trees, firstTree, finder.leaves, groups)
    firstTree += treeCount(trees)
    return one
  })
  const horizon = members[0]?.bias.length ?? 0
  const width = baseline.length
  const coalitionCount = 1 << (groups.length === 0 ? 0 : 1 + Math.max(...Array.from(groups)))
  const each = coalitionCount * horizon
  const ofNone = new Float64Array(horizon)
  for (const { trees, dividends } of prepared) {
    for (let month = 0; month < horizon; month += 1) {
      let sum = trees.bias[month] as number
      for (let at = month; at < dividends.length; at += horizon << trees.depth) sum += dividends[at] as number
      ofNone[month] = (ofNone[month] as number) + sum
    }
  }

  const addAll = (
    inputs: Float32Array,
    rows: number,
    to: InputShares | undefined,
    worths: Float64Array | undefined,
  ): void => {
    for (let from = 0; from < rows; from += rowsTogether) {
      const here = Math.min(rowsTogether, rows - from)
      finder.find(inputs, from, here)
      const worthsHere = worths?.subarray(from * each, (from + here) * each)
      const toHere = to && sharesFrom(to, from, width, horizon)
      for (const one of prepared) addTrees(one, finder.leaves, here, toHere, worthsHere)
    }
  }

  return {
    addInputs: (inputs, rows, to) => addAll(inputs, rows, to, undefined),
    coalitions: (inputs, rows, to) => {
      const worths = new Float64Array(rows * each)
      for (let row = 0; row < rows; row += 1) worths.set(ofNone, row * each)
      addAll(inputs, rows, to, worths)
      for (let row = 0; row < rows; row += 1) {
        fromDividends(worths.subarray(row * each, (row + 1) * each), coalitionCount, horizon)
      }
      return worths
    },
  }
}

/**
 * Goes through the sets of questions that rows answer other than the baseline does, but for the empty one: tree by tree,
 * each for all rows, so that what was prepared of it is in the processor's cache for all but the first.
 *
 * @param worths - Gets dividends of coalitions of groups, shape `[row, 2ⁿ, H]`.
 */
function addTrees(
  { trees, firstTree, baseline, dividends, groupsOf, firstOf, sizeOf }: Prepared,
  found: Int32Array,
  rows: number,
  shares: InputShares | undefined,
  worths: Float64Array | undefined,
): void {
  const { depth, splitInput, inputs: width } = trees
  const horizon = trees.bias.length
  const each = (worths?.length ?? 0) / rows
  for (let tree = 0; tree < baseline.length; tree += 1) {
    const own = baseline[tree] as number
    const from = (firstTree + tree) * rowsTogether
    for (let row = 0; row < rows; row += 1) {
      const different = (found[from + row] as number) ^ own
      for (let left = different; left !== 0; left = (left - 1) & different) {
        const set = (tree << depth) + left
        const gains = set * horizon
        if (worths !== undefined) {
          const to = row * each + (groupsOf[set] as number) * horizon
          for (let month = 0; month < horizon; month += 1) {
            worths[to + month] = (worths[to + month] as number) + (dividends[gains + month] as number)
          }
        }
        if (shares === undefined) continue
        const { weights, contributions, share } = shares
        let sum = 0
        for (let month = 0, at = row * horizon; month < horizon; month += 1, at += 1) {
          sum += (weights[at] as number) * (dividends[gains + month] as number)
        }
        const part = (share * sum) / (sizeOf[set] as number)
        for (let rest = firstOf[set] as number; rest !== 0; rest &= rest - 1) {
          const question = lowestPlayer(rest)
          const at = row * width + (splitInput[tree * depth + question] as number)
          contributions[at] = (contributions[at] as number) + part
        }
      }
    }
  }
}

/** @param found - Leaves of the baseline as the first row, shape `[tree, rowsTogether]`. */
function prepare(trees: BoostedTrees, firstTree: number, found: Int32Array, groups: ArrayLike<number>): Prepared {
  const { depth, splitInput, leaves, bias } = trees
  const horizon = bias.length
  const count = treeCount(trees)
  const sets = 1 << depth
  const own = Uint16Array.from({ length: count }, (_, tree) => found[(firstTree + tree) * rowsTogether] as number)
  const dividends = new Float64Array(count * sets * horizon)
  const [groupsOf, firstOf] = [new Int32Array(count * sets), new Int32Array(count * sets)]
  for (let tree = 0; tree < count; tree += 1) {
    const start = tree * sets
    const asked = splitInput.subarray(tree * depth, (tree + 1) * depth)
    for (let set = 0; set < sets; set += 1) {
      const leaf = (start + ((own[tree] as number) ^ set)) * horizon
      dividends.set(leaves.subarray(leaf, leaf + horizon), (start + set) * horizon)
      const inputs = Array.from(asked, (input, question) => ((set >> question) & 1 ? input : -1))
      inputs.forEach((input, question) => {
        if (input < 0) return
        groupsOf[start + set] = (groupsOf[start + set] as number) | (1 << (groups[input] ?? 0))
        if (inputs.indexOf(input) === question)
          firstOf[start + set] = (firstOf[start + set] as number) | (1 << question)
      })
    }
    toDividends(dividends.subarray(start * horizon, (start + sets) * horizon), sets, horizon)
  }
  const sizeOf = Uint8Array.from(firstOf, coalitionSize)
  return { trees, firstTree, baseline: own, dividends, groupsOf, firstOf, sizeOf }
}
