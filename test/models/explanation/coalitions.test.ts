import { expect, test } from 'vitest'
import { random } from '../../../data/index.ts'
import { fillMiddle, outerCoalitions } from '../../../models/explanation/coalitions.ts'

const players = 7

/** Worths by the definition: what each player brings, each pair, and each three, which does what its pairs say. */
function worthsOf(seed: number, ofThree: number): Float64Array {
  const source = random(seed, 'game')
  const own = Array.from({ length: players }, () => source.normal())
  const pair = own.map(() => own.map(() => source.normal()))
  const inThrees = own.map(() => own.map(() => ofThree * source.normal()))
  return Float64Array.from({ length: 1 << players }, (_, coalition) => {
    const inside = own.map((_, player) => player).filter(player => (coalition >> player) & 1)
    let worth = 0.7
    for (const a of inside) {
      worth += own[a]!
      for (const b of inside) {
        if (b <= a) continue
        worth += pair[a]![b]!
        for (const c of inside) if (c > b) worth += inThrees[a]![b]! + inThrees[a]![c]! + inThrees[b]![c]!
      }
    }
    return worth
  })
}

test.each([0, 0.4])(
  'coalitions of middling size follow where pairs matter, and threes by what their pairs do in threes, times %f',
  ofThree => {
    const [first, second] = [worthsOf(1, ofThree), worthsOf(2, ofThree)]
    const seen = new Set(outerCoalitions(players))
    expect(seen.size).toBe(1 + 7 + 21 + 21 + 7 + 1)
    const worths = Float64Array.from({ length: 2 << players }, (_, at) =>
      seen.has(at >> 1) ? (at % 2 === 0 ? first : second)[at >> 1]! : Number.NaN,
    )
    fillMiddle(worths, players, 2)
    for (let coalition = 0; coalition < 1 << players; coalition += 1) {
      expect(worths[2 * coalition]).toBeCloseTo(first[coalition]!, 9)
      expect(worths[2 * coalition + 1]).toBeCloseTo(second[coalition]!, 9)
    }
  },
)

test('of four players every coalition is computed, and none is filled in', () => {
  expect(outerCoalitions(4)).toHaveLength(16)
  const worths = Float64Array.from({ length: 16 }, (_, coalition) => coalition ** 2)
  fillMiddle(worths, 4, 1)
  expect([...worths]).toEqual(Array.from({ length: 16 }, (_, coalition) => coalition ** 2))
})
