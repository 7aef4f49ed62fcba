/** Trees made at random, and what they answer by the plainest reading of their tables. */

import { random } from '../../../data/index.ts'
import type { BoostedTrees } from '../../../models/index.ts'

/** Trees that ask about any input, the same one twice at times. */
export function randomTrees(
  seed: number,
  { inputs, trees, depth, horizon }: { inputs: number; trees: number; depth: number; horizon: number },
): BoostedTrees {
  const source = random(seed, 'trees')
  return {
    depth,
    inputs,
    splitInput: Int32Array.from({ length: trees * depth }, () => source.integer(inputs)),
    threshold: Float32Array.from({ length: trees * depth }, () => source.normal()),
    leaves: Float32Array.from({ length: trees * (1 << depth) * horizon }, () => 0.3 * source.normal()),
    bias: Float32Array.from({ length: horizon }, () => source.normal() - 2),
  }
}

/** Hazard logits of one row: walks every tree question by question. */
export function naiveTreeLogits(trees: BoostedTrees, row: readonly number[]): number[] {
  const horizon = trees.bias.length
  const sums = [...trees.bias]
  for (let tree = 0; tree * trees.depth < trees.splitInput.length; tree += 1) {
    const answers = Array.from({ length: trees.depth }, (_, question) => {
      const at = tree * trees.depth + question
      return Math.fround(row[trees.splitInput[at]!]!) > trees.threshold[at]!
    })
    const leaf = answers.reduce((sum, isYes, question) => sum + (isYes ? 2 ** question : 0), 0)
    for (let month = 0; month < horizon; month += 1) {
      sums[month]! += trees.leaves[(tree * 2 ** trees.depth + leaf) * horizon + month]!
    }
  }
  return sums
}
