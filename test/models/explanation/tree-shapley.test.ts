import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  assembleNetwork,
  type Calibration,
  createExplainer,
  exactContributions,
  hazardLogits,
  loadEngine,
} from '../../../models/index.ts'
import { groupedMember, naiveLogitOfPd } from './random-member.ts'
import { naiveTreeLogits, randomTrees } from './random-trees.ts'

const { tf } = await loadEngine()
const size = { inputs: 6, trees: 9, depth: 4, horizon: 3 }
const calibration: Calibration = { slope: [1.1, 0.9, 1], intercept: [0.1, -0.2, 0] }
const groups = [0, 0, 1, 1, 2, 2]

/** Mean marginal contribution over all orders of the players: Shapley's own definition. */
function byOrders(players: number, worth: (inside: ReadonlySet<number>) => number): number[] {
  const values = Array<number>(players).fill(0)
  let orders = 0
  const walk = (order: number[]): void => {
    if (order.length === players) {
      orders += 1
      const inside = new Set<number>()
      for (const player of order) {
        const before = worth(inside)
        inside.add(player)
        values[player]! += worth(inside) - before
      }
      return
    }
    for (let player = 0; player < players; player += 1) if (!order.includes(player)) walk([...order, player])
  }
  walk([])
  return values.map(value => value / orders)
}

const numbers = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 6, maxLength: 6 })

test('of one month, contributions of a tree’s inputs are Shapley values over all orders of inputs', () => {
  const one = { ...size, trees: 3, horizon: 1 }
  fc.assert(
    fc.property(fc.nat(1000), numbers, numbers, (seed, row, baseline) => {
      const trees = randomTrees(seed, one)
      const network = assembleNetwork(tf, [trees])
      const explainer = createExplainer({ tf, network, calibration: { slope: [1], intercept: [0] }, baseline })
      const inputs = Float32Array.from(row)
      const { contributions } = explainer.explain(inputs, hazardLogits(tf, network, inputs, 1), 1)
      explainer.dispose()
      network.dispose()
      // of one month, logit PD(1) is the hazard's own logit
      const wanted = byOrders(6, inside => {
        return naiveTreeLogits(
          trees,
          baseline.map((value, input) => (inside.has(input) ? row[input]! : value)),
        )[0]!
      })
      wanted.forEach((value, input) => {
        expect(contributions[input]).toBeCloseTo(value, 5)
      })
    }),
    { numRuns: 15 },
  )
})

test('contributions of groups are exact beside perceptrons: as by orders, and as by passes through the network', () => {
  fc.assert(
    fc.property(fc.nat(1000), numbers, numbers, (seed, row, baseline) => {
      const [trees, others] = [randomTrees(seed, size), randomTrees(seed + 1, { ...size, depth: 2 })]
      const member = groupedMember([6, 6, 4, 3], groups, seed)
      const network = assembleNetwork(tf, [member, trees, others])
      const explained = { tf, network, calibration, baseline, groups }
      const explainer = createExplainer(explained)
      const inputs = Float32Array.from(row)
      const { contributions, logit, baselineLogit } = explainer.explain(inputs, hazardLogits(tf, network, inputs, 1), 1)
      const exact = exactContributions(explained, groups, inputs, 1)
      const only = assembleNetwork(tf, [member])
      const wanted = byOrders(3, inside => {
        const mixed = baseline.map((value, input) => (inside.has(groups[input]!) ? row[input]! : value))
        const dense = hazardLogits(tf, only, Float32Array.from(mixed), 1)
        const [first, second] = [naiveTreeLogits(trees, mixed), naiveTreeLogits(others, mixed)]
        return naiveLogitOfPd(
          calibration,
          first.map((value, month) => (value + second[month]! + dense[month]!) / 3),
        )
      })
      for (const disposable of [explainer, network, only]) disposable.dispose()
      wanted.forEach((value, group) => {
        const found = contributions.reduce((sum, one, input) => sum + (groups[input] === group ? one : 0), 0)
        expect(found).toBeCloseTo(value, 4)
        expect(exact.contributions[group]).toBeCloseTo(value, 4)
      })
      expect(Math.abs(contributions.reduce((sum, one) => sum + one, 0) - (logit[0]! - baselineLogit))).toBeLessThan(
        1e-6,
      )
    }),
    { numRuns: 10 },
  )
})

test('many rows of trees of several depths, without groups: together each gets what it gets alone', () => {
  const network = assembleNetwork(tf, [randomTrees(1, size), randomTrees(2, { ...size, depth: 6 })])
  const explainer = createExplainer({ tf, network, calibration, baseline: [0, 0, 0, 0, 0, 0] })
  const rows = 70 // more than go through at once
  const inputs = Float32Array.from({ length: 6 * rows }, (_, at) => 2 * Math.sin(at * at))
  const explain = (from: number, count: number) => {
    const some = inputs.subarray(6 * from, 6 * (from + count))
    return explainer.explain(some, hazardLogits(tf, network, some, count), count).contributions
  }
  const together = explain(0, rows)
  for (let row = 0; row < rows; row += 1) {
    expect([...together.subarray(6 * row, 6 * (row + 1))]).toEqual([...explain(row, 1)])
  }
  expect(together.filter(value => value !== 0).length).toBeGreaterThan(3 * rows)
  explainer.dispose()
  network.dispose()
})
