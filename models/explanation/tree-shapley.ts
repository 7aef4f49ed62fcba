/**
 * Exact contributions of boosted trees against one baseline.
 *
 * A tree is a table that a row and the baseline enter by their answers to its few questions. Only questions that they
 * answer differently can make a difference, so that a coalition of inputs is a set of those answers: a row needs some
 * thousand look-ups, and no pass through a network.
 *
 * @see Lundberg et al. (2020), From Local Explanations to Global Understanding with Explainable AI for Trees; here against
 *   a single baseline, and by enumeration, since oblivious trees are shallow
 */

import { type BoostedTrees, findLeaves, treeCount } from '../boosted-trees.ts'
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
   * Hazard logits of every coalition of groups of one row, all trees' sum.
   *
   * @param from - Where the row's inputs start in `inputs`.
   * @returns Shape `[2ⁿ, H]`, filled anew with every call; bit i of a coalition's number says whether group i is in it.
   */
  coalitions(inputs: Float32Array, from: number): Float64Array
}

/** One kind of trees, and what the baseline answers. */
interface Prepared {
  readonly trees: BoostedTrees
  /** Leaf of the baseline in each tree. */
  readonly baseline: Uint16Array
  /** Leaf of the row in each tree, found anew for every row. */
  readonly found: Uint16Array
}

/**
 * Prepares contributions of trees.
 *
 * @param members - Their hazard logits are added.
 * @param baseline - Shape `[input]`.
 * @param groups - Group of each input, 0 … n − 1, shape `[input]`; left out, there are no coalitions of groups.
 */
export function treeShapley(
  members: readonly BoostedTrees[],
  baseline: ArrayLike<number>,
  groups: ArrayLike<number> = [],
): TreeShapley {
  const from = Float32Array.from(baseline)
  const prepared = members.map((trees): Prepared => {
    const own = new Uint16Array(treeCount(trees))
    findLeaves(trees, from, 0, own)
    return { trees, baseline: own, found: new Uint16Array(own.length) }
  })
  const horizon = members[0]?.bias.length ?? 0
  for (const { depth } of members) {
    if (dividends.length < (1 << depth) * horizon) dividends = new Float64Array((1 << depth) * horizon)
  }
  const width = from.length
  const coalitionCount = 1 << (groups.length === 0 ? 0 : 1 + Math.max(...Array.from(groups)))
  const worths = new Float64Array(coalitionCount * horizon)

  return {
    addInputs: (inputs, weights, rows, contributions, share) => {
      for (let row = 0; row < rows; row += 1) {
        for (const { trees, baseline, found } of prepared) {
          findLeaves(trees, inputs, row * width, found)
          for (let tree = 0; tree < found.length; tree += 1) {
            const players = playersOf(trees, tree, (found[tree] as number) ^ (baseline[tree] as number), null)
            if (players.count === 0) continue
            const count = 1 << players.count
            for (let coalition = 0; coalition < count; coalition += 1) {
              const at = leafAt(trees, tree, baseline[tree] as number, players, coalition)
              let sum = 0
              for (let month = 0; month < horizon; month += 1) {
                sum += (weights[row * horizon + month] as number) * (trees.leaves[at + month] as number)
              }
              dividends[coalition] = share * sum
            }
            toDividends(dividends, count, 1)
            shareOut(dividends, players, contributions, row * width)
          }
        }
      }
    },
    coalitions: (inputs, start) => {
      worths.fill(0)
      for (const { trees, baseline, found } of prepared) {
        findLeaves(trees, inputs, start, found)
        for (let month = 0; month < horizon; month += 1)
          worths[month] = (worths[month] as number) + (trees.bias[month] as number)
        for (let tree = 0; tree < found.length; tree += 1) {
          const players = playersOf(trees, tree, (found[tree] as number) ^ (baseline[tree] as number), groups)
          addDividends(trees, tree, baseline[tree] as number, players, worths)
        }
      }
      fromDividends(worths, coalitionCount, horizon)
      return worths
    },
  }
}

/** Whose answers in a tree differ from the baseline's: inputs, or groups of them. */
interface Players {
  readonly count: number
  /** Input or group of each. */
  readonly ids: number[]
  /** The answers of each that differ, as bits of the leaf's number. */
  readonly answers: number[]
}

/** Used anew for every tree. */
const players: { count: number; ids: number[]; answers: number[] } = { count: 0, ids: [], answers: [] }

function playersOf(
  { depth, splitInput }: BoostedTrees,
  tree: number,
  different: number,
  groups: ArrayLike<number> | null,
): Players {
  players.count = 0
  for (let question = 0; question < depth; question += 1) {
    const bit = 1 << question
    if ((different & bit) === 0) continue
    const input = splitInput[tree * depth + question] as number
    const id = groups === null ? input : (groups[input] as number)
    let player = 0
    while (player < players.count && players.ids[player] !== id) player += 1
    if (player === players.count) {
      players.ids[player] = id
      players.answers[player] = 0
      players.count += 1
    }
    players.answers[player] = (players.answers[player] as number) | bit
  }
  return players
}

/** Where the leaf of a coalition starts in the table: its players answer as the row does, the others as the baseline. */
function leafAt(trees: BoostedTrees, tree: number, baseline: number, players: Players, coalition: number): number {
  let leaf = baseline
  for (let player = 0; player < players.count; player += 1) {
    if (((coalition >> player) & 1) === 1) leaf ^= players.answers[player] as number
  }
  return ((tree << trees.depth) + leaf) * trees.bias.length
}

/** Room for the worths of one tree's coalitions, and their dividends: used anew for every tree. */
let dividends = new Float64Array(64)

/**
 * Adds Shapley values: each coalition's dividend in equal parts to its players.
 *
 * @see Harsanyi (1963), A Simplified Bargaining Model for the n-Person Cooperative Game
 */
function shareOut(from: Float64Array, { count, ids }: Players, contributions: Float32Array, start: number): void {
  for (let coalition = 1; coalition < 1 << count; coalition += 1) {
    const part = (from[coalition] as number) / coalitionSize(coalition)
    for (let player = 0; player < count; player += 1) {
      if (((coalition >> player) & 1) === 0) continue
      const at = start + (ids[player] as number)
      contributions[at] = (contributions[at] as number) + part
    }
  }
}

/**
 * Adds to each coalition of groups its dividend: a tree of few players adds to few coalitions, and one sum over subsets at
 * the end makes worths of all trees' dividends together.
 */
function addDividends(
  trees: BoostedTrees,
  tree: number,
  baseline: number,
  players: Players,
  worths: Float64Array,
): void {
  const horizon = trees.bias.length
  const count = 1 << players.count
  for (let coalition = 0; coalition < count; coalition += 1) {
    const at = leafAt(trees, tree, baseline, players, coalition)
    for (let month = 0; month < horizon; month += 1) {
      dividends[coalition * horizon + month] = trees.leaves[at + month] as number
    }
  }
  toDividends(dividends, count, horizon)
  for (let coalition = 0; coalition < count; coalition += 1) {
    let groups = 0
    for (let player = 0; player < players.count; player += 1) {
      if (((coalition >> player) & 1) === 1) groups |= 1 << (players.ids[player] as number)
    }
    for (let month = 0; month < horizon; month += 1) {
      const at = groups * horizon + month
      worths[at] = (worths[at] as number) + (dividends[coalition * horizon + month] as number)
    }
  }
}
