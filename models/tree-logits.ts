/** Hazard logits of boosted trees, looked up in their tables. */

import { type BoostedTrees, treeCount } from './boosted-trees.ts'
import { leafFinder, rowsTogether } from './tree-leaves.ts'

/**
 * Adds the hazard logits of each member's trees, times `share`, to `logits`.
 *
 * @param inputs - Row-major, shape `[row, input]`.
 * @param logits - Row-major, shape `[row, H]`.
 */
export function addTreeLogits(
  members: readonly BoostedTrees[],
  inputs: Float32Array,
  rows: number,
  logits: Float32Array,
  share: number,
): void {
  const finder = leafFinder(members)
  for (let from = 0; from < rows; from += rowsTogether) {
    const here = Math.min(rowsTogether, rows - from)
    finder.find(inputs, from, here)
    let tree = 0
    for (const trees of members) {
      const sums = sumLeaves(trees, finder.leaves, tree, here)
      for (let at = 0, to = from * trees.bias.length; at < sums.length; at += 1, to += 1) {
        logits[to] = (logits[to] as number) + share * (sums[at] as number)
      }
      tree += treeCount(trees)
    }
  }
}

/**
 * The trees' hazard logits.
 *
 * @param found - Leaves of all members' trees, shape `[tree, rowsTogether]`.
 * @param firstTree - The first of these trees among them.
 * @returns Shape `[row, H]`.
 */
function sumLeaves(trees: BoostedTrees, found: Int32Array, firstTree: number, rows: number): Float64Array {
  const { depth, leaves, bias } = trees
  const horizon = bias.length
  const sums = new Float64Array(rows * horizon)
  for (let row = 0; row < rows; row += 1) sums.set(bias, row * horizon)
  const count = treeCount(trees)
  for (let tree = 0; tree < count; tree += 1) {
    const from = (firstTree + tree) * rowsTogether
    for (let row = 0, to = 0; row < rows; row += 1) {
      const leaf = (tree << depth) + (found[from + row] as number)
      for (let month = 0, at = leaf * horizon; month < horizon; month += 1, at += 1, to += 1) {
        sums[to] = (sums[to] as number) + (leaves[at] as number)
      }
    }
  }
  return sums
}
