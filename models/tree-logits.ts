/** Hazard logits of boosted trees, looked up in their tables. */

import type { BoostedTrees } from './boosted-trees.ts'
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
    members.forEach(({ bias: { length: horizon } }, member) => {
      const { sums, width } = finder.sum(member, here)
      for (let row = 0; row < here; row += 1) {
        for (let month = 0, to = (from + row) * horizon; month < horizon; month += 1, to += 1) {
          logits[to] = (logits[to] as number) + share * (sums[row * width + month] as number)
        }
      }
    })
  }
}
