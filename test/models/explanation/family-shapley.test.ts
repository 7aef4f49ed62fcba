import { expect, test } from 'vitest'
import { random } from '../../../data/index.ts'
import {
  assembleNetwork,
  type Calibration,
  createExplainer,
  exactContributions,
  hazardLogits,
  loadEngine,
} from '../../../models/index.ts'
import { groupedMember, randomMember } from './random-member.ts'
import { randomSequence } from './random-sequence.ts'
import { randomTrees } from './random-trees.ts'

const { tf } = await loadEngine()
const groups = [0, 0, 1, 2, 2, 1, 3]
const calibration: Calibration = { slope: [1.2, 0.8], intercept: [0.3, -0.1] }
const baseline = [0.2, 0, -0.1, 0.4, 0, 0.1, -0.3]

function byGroup(contributions: Float64Array): number[] {
  const sums = [0, 0, 0, 0]
  contributions.forEach((value, at) => {
    sums[groups[at % 7]!]! += value
  })
  return sums
}

test('where the first layer keeps families apart, every request gets the exact Shapley values of the families', () => {
  const source = random(1, 'rows')
  const network = assembleNetwork(tf, [
    groupedMember([7, 12, 6, 2], groups, 5),
    groupedMember([7, 12, 6, 2], groups, 6),
  ])
  const rows = 70 // more than go through at once
  const inputs = Float32Array.from({ length: 7 * rows }, () => 2 * source.normal())
  const model = { tf, network, calibration, baseline, groups }
  const explainer = createExplainer(model)
  for (const horizon of [1, 2]) {
    const cheap = explainer.explain(inputs, hazardLogits(tf, network, inputs, rows), rows, horizon)
    const exact = exactContributions(model, groups, inputs, rows, horizon)
    for (let row = 0; row < rows; row += 1) {
      const own = cheap.contributions.subarray(7 * row, 7 * row + 7)
      byGroup(own).forEach((value, group) => {
        expect(value).toBeCloseTo(exact.contributions[4 * row + group]!, 4)
      })
      const sum = own.reduce((total, value) => total + value, 0)
      expect(Math.abs(sum - (cheap.logit[row]! - cheap.baselineLogit))).toBeLessThan(1e-6)
    }
  }
  explainer.dispose()
  network.dispose()
})

test('members that mix families in the first layer are explained by the rescale rule', () => {
  const members = [randomMember([7, 12, 6, 2], 1)]
  const network = assembleNetwork(tf, members)
  const inputs = Float32Array.of(2, -1, 3, 0.5, 1, -2, 1.5)
  const hazards = hazardLogits(tf, network, inputs, 1)
  const [withGroups, without] = [{ groups }, {}].map(more => {
    const explainer = createExplainer({ tf, network, calibration, baseline, ...more })
    const { contributions } = explainer.explain(inputs, hazards, 1)
    explainer.dispose()
    return contributions
  })
  expect(withGroups).toEqual(without)
  network.dispose()
})

test('so it does with trees and sequence members beside them, where two families give months their quantities', () => {
  const families = [0, 1, 0, 1, 2, 2, 3, 1] // inputs 0 to 3 are months, 5 and 6 are cut into pieces
  const origin = [0.2, 0, -0.1, 0.4, 0, 0.1, -0.3, 0]
  const network = assembleNetwork(tf, [
    groupedMember([8, 12, 6, 2], families, 5),
    randomTrees(4, { inputs: 8, trees: 5, depth: 3, horizon: 2 }),
    randomSequence(1),
    { ...randomSequence(2), layout: randomSequence(1).layout },
  ])
  const source = random(3, 'rows')
  const rows = 40
  const inputs = Float32Array.from({ length: 8 * rows }, () => source.normal())
  const model = { tf, network, calibration, baseline: origin, groups: families }
  const before = tf.memory().numTensors
  const explainer = createExplainer(model)
  for (const horizon of [1, 2]) {
    const cheap = explainer.explain(inputs, hazardLogits(tf, network, inputs, rows), rows, horizon)
    const exact = exactContributions(model, families, inputs, rows, horizon)
    for (let row = 0; row < rows; row += 1) {
      const sums = [0, 0, 0, 0]
      families.forEach((group, input) => {
        sums[group]! += cheap.contributions[8 * row + input]!
      })
      sums.forEach((value, group) => {
        expect(value).toBeCloseTo(exact.contributions[4 * row + group]!, 4)
      })
    }
  }
  explainer.dispose()
  expect(tf.memory().numTensors).toBe(before)
  network.dispose()
})
