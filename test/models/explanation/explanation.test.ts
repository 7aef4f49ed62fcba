import type { LayersModel } from '@tensorflow/tfjs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  assembleNetwork,
  type Calibration,
  createExplainer,
  type Explanations,
  hazardLogits,
  loadEngine,
  type Member,
  networkParts,
} from '../../../models/index.ts'
import { naiveLogitOfPd, naiveLogits, randomMember } from './random-member.ts'
import { randomSequence } from './random-sequence.ts'
import { randomTrees } from './random-trees.ts'

const { tf } = await loadEngine()
const calibration: Calibration = { slope: [1.1, 0.9, 1], intercept: [0.1, -0.2, 0] }

function explainNetwork(
  network: LayersModel,
  by: Calibration,
  baseline: readonly number[],
  rows: readonly (readonly number[])[],
  horizon?: number,
): Explanations {
  const inputs = Float32Array.from(rows.flat())
  const explainer = createExplainer({ tf, network, calibration: by, baseline })
  const explanations = explainer.explain(inputs, hazardLogits(tf, network, inputs, rows.length), rows.length, horizon)
  explainer.dispose()
  return explanations
}

/** Contributions of one row of one ensemble of perceptrons. */
function contributions(
  members: readonly Member[],
  by: Calibration,
  baseline: readonly number[],
  row: readonly number[],
): number[] {
  const network = assembleNetwork(tf, members)
  const explanations = explainNetwork(network, by, baseline, [row])
  network.dispose()
  return [...explanations.contributions]
}

const sumOf = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, value) => sum + value, 0)

test('contributions sum to the distance of logit PD(H) from the baseline’s within 1e-6', () => {
  const row = fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: 5, maxLength: 5 })
  fc.assert(
    fc.property(fc.nat(1000), fc.array(row, { minLength: 1, maxLength: 4 }), (seed, rows) => {
      const members = [randomMember([5, 8, 7, 3], seed), randomMember([5, 8, 7, 3], seed + 5000)]
      const baseline = [0.1, -0.2, 0.3, 0, 0.05]
      const network = assembleNetwork(tf, members)
      const explanations = explainNetwork(network, calibration, baseline, rows)
      network.dispose()
      expect(explanations.baselineLogit).toBeCloseTo(naiveLogitOfPd(calibration, naiveLogits(members, baseline)), 4)
      rows.forEach((inputs, at) => {
        const logit = explanations.logit[at]!
        expect(logit).toBeCloseTo(naiveLogitOfPd(calibration, naiveLogits(members, inputs)), 4)
        const own = explanations.contributions.subarray(5 * at, 5 * at + 5)
        if (own.some(value => value !== 0)) {
          expect(Math.abs(sumOf(own) - (logit - explanations.baselineLogit))).toBeLessThan(1e-6)
        } else expect(logit).toBeCloseTo(explanations.baselineLogit, 5)
      })
    }),
    { numRuns: 60 },
  )
})

test('rows explained together get what each gets alone', () => {
  const members = [randomMember([5, 8, 3], 1), randomMember([5, 6, 4, 3], 2), randomMember([5, 3], 3)]
  const rows = [
    [1, 2, 3, 4, 5],
    [-1, 0, 2, 0.5, -3],
    [0.1, 0.2, 0.3, 0.4, 0.5],
  ]
  const network = assembleNetwork(tf, members)
  const together = explainNetwork(network, calibration, [0, 0, 0, 0, 0], rows)
  rows.forEach((row, at) => {
    const alone = explainNetwork(network, calibration, [0, 0, 0, 0, 0], [row])
    alone.contributions.forEach((value, input) => {
      expect(together.contributions[5 * at + input]).toBeCloseTo(value, 5)
    })
  })
  network.dispose()
})

test('one linear hazard has the closed form: weight times distance from the baseline, times the calibration’s slope', () => {
  const member: Member = [{ inputs: 3, outputs: 1, kernel: Float32Array.of(0.5, -2, 0), bias: Float32Array.of(-1) }]
  const found = contributions([member], { slope: [1.5], intercept: [0.2] }, [1, 1, 1], [3, 0, 9])
  const closedForm = [1.5 * 0.5 * 2, 1.5 * -2 * -1, 0]
  closedForm.forEach((value, input) => {
    expect(found[input]).toBeCloseTo(value, 6)
  })
})

test('an input at its baseline contributes nothing', () => {
  const members = [randomMember([4, 6, 2], 3)]
  const found = contributions(members, { slope: [1, 1], intercept: [0, 0] }, [1, 2, 3, 4], [1, 5, 3, -4])
  expect(found[0]).toBeCloseTo(0, 12)
  expect(found[2]).toBeCloseTo(0, 12)
  expect(Math.abs(found[1]!)).toBeGreaterThan(0)
})

test('by hand: with one ReLU unit the rescale rule shares out what the unit passed on', () => {
  // Unit: relu(x1 + x2 − 1), output 2·unit. Baseline (0, 0): unit 0. Row (1, 2): unit 2, change of its input 3.
  const member: Member = [
    { inputs: 2, outputs: 1, kernel: Float32Array.of(1, 1), bias: Float32Array.of(-1) },
    { inputs: 1, outputs: 1, kernel: Float32Array.of(2), bias: Float32Array.of(0) },
  ]
  const found = contributions([member], { slope: [1], intercept: [0] }, [0, 0], [1, 2])
  // Multiplier 2 / 3 per unit of input, times 2: x1 gets 4/3 · 1, x2 4/3 · 2; together 4, the change of the logit.
  expect(found[0]).toBeCloseTo(4 / 3, 5)
  expect(found[1]).toBeCloseTo(8 / 3, 5)
})

test('a shorter horizon is explained by its own hazards alone', () => {
  // The first hazard sees only input 0, the second only input 1.
  const member: Member = [{ inputs: 2, outputs: 2, kernel: Float32Array.of(1, 0, 0, 1), bias: Float32Array.of(-2, -2) }]
  const network = assembleNetwork(tf, [member])
  const by = { slope: [1, 1], intercept: [0, 0] }
  const { contributions: found, logit } = explainNetwork(network, by, [0, 0], [[1, 3]], 1)
  expect(logit[0]).toBeCloseTo(-2 + 1, 6)
  expect(found[0]).toBeCloseTo(1, 6)
  expect(found[1]).toBe(0)
  network.dispose()
})

test('a network with sequence members is explained too, beside perceptrons and trees', () => {
  const sequence = randomSequence(1)
  const by = { slope: [1, 1], intercept: [-2, -2] }
  const row = [1, -1, 0.5, 2, 0.7, 0.3, -1, 1]
  const alone = assembleNetwork(tf, [sequence])
  expect(networkParts(tf, alone)).toMatchObject({ perceptrons: [], trees: [], sequenceCount: 1, count: 1 })
  const ofSequence = explainNetwork(alone, by, Array(8).fill(0), [row])
  // input 4 is no month, and no piece is of it; the last is not looked at by the member either
  expect([ofSequence.contributions[4], ofSequence.contributions[7]]).toEqual([0, 0])
  const all = assembleNetwork(tf, [
    sequence,
    randomMember([8, 5, 2], 3),
    randomTrees(4, { inputs: 8, trees: 5, depth: 3, horizon: 2 }),
  ])
  for (const network of [alone, all]) {
    const { contributions: found, logit, baselineLogit } = explainNetwork(network, by, Array(8).fill(0), [row])
    expect(Math.abs(sumOf(found) - (logit[0]! - baselineLogit))).toBeLessThan(1e-6)
    network.dispose()
  }
})

test('explaining leaves nothing in the engine’s memory', () => {
  const network = assembleNetwork(tf, [randomMember([4, 6, 5, 2], 3), randomMember([4, 6, 5, 2], 4)])
  const by = { slope: [1, 1], intercept: [0, 0] }
  explainNetwork(network, by, [0, 0, 0, 0], [[1, 2, 3, 4]])
  const before = tf.memory().numTensors
  for (let time = 0; time < 3; time += 1) explainNetwork(network, by, [0, 0, 0, 0], [[1, 2, 3, 4]])
  expect(tf.memory().numTensors).toBe(before)
  network.dispose()
})
