import { expect, test } from 'vitest'
import { random } from '../../data/index.ts'
import type { BoostedTrees } from '../../models/boosted-trees.ts'
import { addTreeLogits } from '../../models/tree-logits.ts'

const width = 7
const horizon = 3

function treesOf(depth: number, count: number, seed: number): BoostedTrees {
  const draw = random(seed, 'trees')
  const halves = (): number => draw.integer(8) / 4 - 1 // some inputs equal a threshold
  return {
    depth,
    inputs: width,
    splitInput: Int32Array.from({ length: count * depth }, () => draw.integer(width)),
    threshold: Float32Array.from({ length: count * depth }, halves),
    leaves: Float32Array.from({ length: (count * horizon) << depth }, () => draw.uniform() - 0.5),
    bias: Float32Array.from({ length: horizon }, () => draw.uniform()),
  }
}

test.each([1, 3, 64, 65, 200])('%i rows get the leaves that asking one question after the other leads to', rows => {
  const members = [treesOf(4, 11, 1), treesOf(1, 3, 2), treesOf(6, 20, 3), treesOf(2, 0, 4)]
  const draw = random(rows, 'inputs')
  const inputs = Float32Array.from({ length: rows * width }, () =>
    draw.chance(0.05) ? Number.NaN : draw.integer(8) / 4 - 1,
  )
  const logits = new Float32Array(rows * horizon).fill(1)
  addTreeLogits(members, inputs, rows, logits, 0.25)
  for (let row = 0; row < rows; row += 1) {
    for (let month = 0; month < horizon; month += 1) {
      let expected = 1
      for (const { depth, splitInput, threshold, leaves, bias } of members) {
        let sum = bias[month]!
        for (let tree = 0; tree * depth < splitInput.length; tree += 1) {
          let leaf = 0
          for (let question = 0; question < depth; question += 1) {
            const asked = tree * depth + question
            if (inputs[row * width + splitInput[asked]!]! > threshold[asked]!) leaf += 2 ** question
          }
          sum += leaves[(tree * 2 ** depth + leaf) * horizon + month]!
        }
        expected += 0.25 * sum
      }
      expect(logits[row * horizon + month]).toBeCloseTo(expected, 5)
    }
  }
})
