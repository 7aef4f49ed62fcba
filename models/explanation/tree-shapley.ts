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

import { type BoostedTrees, findLeaf, treeCount } from '../boosted-trees.ts'
import { coalitionSize, fromDividends, toDividends } from './coalitions.ts'

/** Exact contributions of trees. */
export interface TreeShapley {
  /**
   * Adds Shapley values of single inputs in the weighted sum of the trees' hazard logits.
   *
   * @param inputs - Row-major, shape `[row, input]`.
   * @param weights - Of each hazard logit, row-major, shape `[row, H]`.
   * @param contributions - Row-major, shape `[row, input]`.
   * @param share - Of the trees in the network's mean.
   */
  addInputs(inputs: Float32Array, weights: Float32Array, rows: number, contributions: Float32Array, share: number): void
  /**
   * Hazard logits of every coalition of groups, all trees' sum.
   *
   * @param inputs - Row-major, shape `[row, input]`.
   * @returns Shape `[row, 2ⁿ, H]`; bit i of a coalition's number says whether group i is in it.
   */
  coalitions(inputs: Float32Array, rows: number): Float64Array
}

/** Trees, and what their questions do against the baseline. A set of a tree's questions is a number: bit i is question i. */
interface Prepared {
  readonly trees: BoostedTrees
  /** Leaf of the baseline in each tree. */
  readonly baseline: Uint16Array
  /** What a set of questions, answered other than the baseline does, does beyond its subsets; shape `[tree, set, H]`. */
  readonly dividends: Float64Array
  /** The coalition of groups that a set of questions asks about, shape `[tree, set]`. */
  readonly groupsOf: Int32Array
  /** Of a set of questions those whose input no earlier one of them asks about, shape `[tree, set]`. */
  readonly firstOf: Int32Array
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
  const prepared = members.map(trees => prepare(trees, Float32Array.from(baseline), groups))
  const horizon = members[0]?.bias.length ?? 0
  const width = baseline.length
  const coalitionCount = 1 << (groups.length === 0 ? 0 : 1 + Math.max(...Array.from(groups)))
  const ofNone = new Float64Array(horizon)
  for (const { trees, dividends } of prepared) {
    for (let month = 0; month < horizon; month += 1) {
      let sum = trees.bias[month] as number
      for (let at = month; at < dividends.length; at += horizon << trees.depth) sum += dividends[at] as number
      ofNone[month] = (ofNone[month] as number) + sum
    }
  }

  return {
    addInputs: (inputs, weights, rows, contributions, share) => {
      for (const one of prepared) {
        const { depth, splitInput } = one.trees
        eachSet(one, inputs, rows, width, (row, tree, set) => {
          let sum = 0
          for (let month = 0, at = set * horizon; month < horizon; month += 1, at += 1) {
            sum += (weights[row * horizon + month] as number) * (one.dividends[at] as number)
          }
          const first = one.firstOf[set] as number
          const part = (share * sum) / coalitionSize(first)
          for (let question = 0; question < depth; question += 1) {
            if (((first >> question) & 1) === 0) continue
            const at = row * width + (splitInput[tree * depth + question] as number)
            contributions[at] = (contributions[at] as number) + part
          }
        })
      }
    },
    coalitions: (inputs, rows) => {
      const each = coalitionCount * horizon
      const worths = new Float64Array(rows * each)
      for (let row = 0; row < rows; row += 1) worths.set(ofNone, row * each)
      for (const one of prepared) {
        eachSet(one, inputs, rows, width, (row, _, set) => {
          const from = set * horizon
          const to = row * each + (one.groupsOf[set] as number) * horizon
          for (let month = 0; month < horizon; month += 1) {
            worths[to + month] = (worths[to + month] as number) + (one.dividends[from + month] as number)
          }
        })
      }
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
 */
function eachSet(
  { trees, baseline }: Prepared,
  inputs: Float32Array,
  rows: number,
  width: number,
  visit: (row: number, tree: number, set: number) => void,
): void {
  for (let tree = 0; tree < baseline.length; tree += 1) {
    for (let row = 0; row < rows; row += 1) {
      const different = findLeaf(trees, tree, inputs, row * width) ^ (baseline[tree] as number)
      for (let set = different; set !== 0; set = (set - 1) & different) visit(row, tree, (tree << trees.depth) + set)
    }
  }
}

function prepare(trees: BoostedTrees, baseline: Float32Array, groups: ArrayLike<number>): Prepared {
  const { depth, splitInput, leaves, bias } = trees
  const horizon = bias.length
  const count = treeCount(trees)
  const sets = 1 << depth
  const own = Uint16Array.from({ length: count }, (_, tree) => findLeaf(trees, tree, baseline, 0))
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
  return { trees, baseline: own, dividends, groupsOf, firstOf }
}
