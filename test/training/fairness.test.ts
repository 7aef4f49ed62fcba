import { expect, test } from 'vitest'
import { Categories } from '../../data/index.ts'
import type { FeatureColumn, FeatureColumns } from '../../models/index.ts'
import type { ScoredTest } from '../../training/evaluation.ts'
import { judgeFairness } from '../../training/fairness.ts'
import { segmentFeatures, segmentRows } from '../../training/segments.ts'

/** Twenty rows, PD rising with the row; the top tenth, rows 18 and 19, is warned. */
const scored: ScoredTest = {
  horizonMonths: 1,
  rows: 20,
  borrowerIndex: Int32Array.from({ length: 20 }, (_, row) => row),
  accountIndex: Int32Array.from({ length: 20 }, (_, row) => row),
  month: new Int32Array(20),
  pd: [Float64Array.from({ length: 20 }, (_, row) => (row + 1) / 100)],
  challenger: null,
  observedMonths: new Uint8Array(20).fill(1),
  contractMonths: new Uint8Array(20).fill(1),
  eventMonth: Uint8Array.from({ length: 20 }, (_, row) => (row === 19 || row === 4 || row === 3 ? 1 : 0)),
  truth: null,
  segments: {},
}

test('four-fifths ratio and equal opportunity difference, by hand', () => {
  const odd = Uint8Array.from({ length: 20 }, (_, row) => row % 2)
  const late = Uint8Array.from({ length: 20 }, (_, row) => (row >= 10 ? 1 : 0))
  const early = Uint8Array.from(late, belongs => 1 - belongs)
  const [byHalf] = judgeFairness(scored, [{ trait: 'half', isProtected: false, groups: { early, late } }], 1)
  // Of the late half 2 of 10 are warned, of the early none: not warned 0.8 against 1.
  expect(byHalf?.fourFifthsRatio).toBeCloseTo(0.8, 12)
  expect(byHalf?.warnedRatio).toBe(0)
  // Events: 1 of 1 warned in the late half (row 19), 0 of 2 in the early (rows 3 and 4).
  expect(byHalf?.equalOpportunityDifference).toBe(1)
  expect(byHalf?.groups[1]).toMatchObject({ rows: 10, events: 1, eventRate: 0.1, warnedShare: 0.2, eventsWarned: 1 })
  const none = { none: new Uint8Array(20), odd }
  expect(judgeFairness(scored, [{ trait: 'odd', isProtected: false, groups: none }], 1)[0]).toMatchObject({
    equalOpportunityDifference: null,
  })
})

test('rows are divided into age bands and levels; what is not known belongs to no group', () => {
  const rows = 200
  const columns: FeatureColumns = {
    features: segmentFeatures,
    rows,
    columns: segmentFeatures.map(
      ({ name, kind }): FeatureColumn =>
        kind === 'number'
          ? {
              kind: 'number',
              values: Float64Array.from({ length: rows }, (_, row) =>
                name !== 'age' || row === 0 ? Number.NaN : row < 100 ? 24.9 : 25,
              ),
            }
          : Categories.of(
              Array.from({ length: rows }, (_, row) =>
                name !== 'product' ? null : row < 60 ? 'cash' : row < 190 ? 'card' : 'rare',
              ),
            ),
    ),
  }
  const found = segmentRows(columns)
  expect(found.map(({ trait }) => trait)).toEqual(['Age band', 'Product'])
  const sizes = found.map(({ groups }) =>
    Object.fromEntries(
      Object.entries(groups).map(([name, member]) => [name, member.reduce((sum, one) => sum + one, 0)]),
    ),
  )
  expect(sizes[0]).toEqual({ 'under 25': 99, '25 to 34': 100 })
  expect(sizes[1]).toEqual({ card: 130, cash: 60 }) // ten rows are too few to say anything
})
