import { expect, test } from 'vitest'
import { type Encoding, type FeatureColumns, featureContributions, reasonFinder } from '../../models/index.ts'
import { featureNamed } from './named-feature.ts'

const number = (name: string): Encoding['features'][number] => ({
  kind: 'number',
  name,
  mean: 10,
  deviation: 1,
  knots: [0, 20],
  normals: [-1, 1],
  missing: false,
})
const encoding = { features: ['up', 'down', 'missing', 'wrong-side', 'second', 'third'].map(number) }
const raises = { 'wrong-side': true } as Record<string, boolean>
const columns: FeatureColumns = {
  features: encoding.features.map(({ name }) =>
    featureNamed(name, 'number', {
      family: name === 'up' || name === 'second' || name === 'third' ? 'lateness' : 'burden',
      raises: raises[name] ?? null,
    }),
  ),
  rows: 1,
  columns: [12, 13, Number.NaN, 7, 15, 16].map(value => ({ kind: 'number', values: Float64Array.of(value) })),
}
// Two inputs per feature.
const contributions = Float64Array.of(0.5, 0.5, -1, -1, 3, 0, 2, 0, 0.3, 0.1, 0.2, 0)
const explanations = { contributions, width: contributions.length }
const topReasons = (count: number) => reasonFinder(encoding)(columns, explanations, count)[0]!

test('inputs sum to features', () => {
  expect([...featureContributions(encoding, explanations)]).toEqual([1, -2, 3, 2, 0.4, 0.2])
})

test('only features that raise the risk, are known and lie on their text’s side are reasons, two per family', () => {
  // `down` lowers; `missing` is not known; `wrong-side` raises with high values but lies below the mean; `third` is the third of its family.
  expect(topReasons(5).map(({ feature }) => feature)).toEqual(['up', 'second'])
})

test('no more reasons than asked for, greatest first', () => {
  expect(topReasons(1)).toMatchObject([{ feature: 'up', contribution: 1, value: 12 }])
})
