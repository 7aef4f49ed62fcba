import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  assembleNetwork,
  type Calibration,
  exactContributions,
  loadEngine,
  shapleyValues,
} from '../../../models/index.ts'
import { naiveLogitOfPd, naiveLogits, randomMember } from './random-member.ts'

const { tf } = await loadEngine()

function orders(players: readonly number[]): number[][] {
  if (players.length === 0) return [[]]
  return players.flatMap(first => orders(players.filter(player => player !== first)).map(rest => [first, ...rest]))
}

/** The definition: each player's mean gain over all orders of arrival. */
function bruteForce(players: number, worth: (coalition: number) => number): number[] {
  const all = orders(Array.from({ length: players }, (_, player) => player))
  const values = new Array<number>(players).fill(0)
  for (const order of all) {
    let coalition = 0
    for (const player of order) {
      const joined = coalition | (1 << player)
      values[player]! += (worth(joined) - worth(coalition)) / all.length
      coalition = joined
    }
  }
  return values
}

test('the gloves game: one left glove and two right ones', () => {
  // Player 0 has a left glove, players 1 and 2 a right one; a pair is worth 1. Known values: 2/3, 1/6, 1/6.
  const worth = Array.from({ length: 8 }, (_, coalition) => ((coalition & 1) === 1 && coalition > 1 ? 1 : 0))
  const [left, right, other] = shapleyValues(worth)
  expect(left).toBeCloseTo(2 / 3, 12)
  expect(right).toBeCloseTo(1 / 6, 12)
  expect(other).toBeCloseTo(1 / 6, 12)
})

test('Shapley values are the mean gain over all orders of arrival', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 32, maxLength: 32 }), worth => {
      const expected = bruteForce(5, coalition => worth[coalition]!)
      shapleyValues(worth).forEach((value, player) => {
        expect(value).toBeCloseTo(expected[player]!, 9)
      })
    }),
    { numRuns: 30 },
  )
})

test('exact contributions of groups equal brute force over the network itself, and sum to the logit', () => {
  const members = [randomMember([7, 9, 6, 2], 11), randomMember([7, 5, 2], 12)]
  const network = assembleNetwork(tf, members)
  const calibration: Calibration = { slope: [1.2, 0.8], intercept: [0.3, -0.1] }
  const baseline = [0.2, 0, -0.1, 0.4, 0, 0.1, -0.3]
  const groups = [0, 1, 1, 2, 3, 3, 0]
  const rows = [
    [2, -1, 3, 0.5, 1, -2, 1.5],
    [-1, 2, 0, 3, -2, 1, 0.4],
  ]
  const { contributions, logit, baselineLogit } = exactContributions(
    { tf, network, calibration, baseline },
    groups,
    Float32Array.from(rows.flat()),
    2,
  )
  network.dispose()
  rows.forEach((row, at) => {
    const worth = (coalition: number): number => {
      const mixed = row.map((value, input) => ((coalition >> groups[input]!) & 1 ? value : baseline[input]!))
      return naiveLogitOfPd(calibration, naiveLogits(members, mixed))
    }
    const own = contributions.subarray(4 * at, 4 * at + 4)
    bruteForce(4, worth).forEach((value, group) => {
      expect(own[group]).toBeCloseTo(value, 4)
    })
    expect(own.reduce((sum, value) => sum + value, 0)).toBeCloseTo(logit[at]! - baselineLogit, 9)
  })
})
