import { expect, test } from 'vitest'
import { Categories, InputError } from '../../data/index.ts'
import { type Encoding, encode, type FeatureColumns, inputWidth } from '../../models/index.ts'
import { featureNamed } from './named-feature.ts'

const encoding: Pick<Encoding, 'features'> = {
  features: [
    { kind: 'number', name: 'x', mean: 10, deviation: 2, knots: [8, 10, 12], normals: [-1, 0, 2], missing: true },
    { kind: 'category', name: 'c', levels: ['a', 'b'] },
  ],
}

function columns(x: number[], c: (string | null)[]): FeatureColumns {
  return {
    features: [featureNamed('x', 'number'), featureNamed('c', 'category')],
    rows: x.length,
    columns: [{ kind: 'number', values: Float64Array.from(x) }, Categories.of(c)],
  }
}

test('a number becomes its z-score, its rank-normal score and a missing indicator; a category one of its levels', () => {
  expect(inputWidth(encoding)).toBe(2 + 1 + 2 + 2)
  expect([...encode(encoding, columns([11, 100, 7, Number.NaN], ['b', 'z', null, 'a']))]).toEqual([
    // (11 − 10) / 2; half way from 0 to 2
    ...[0.5, 1, 0, 0, 1, 0, 0],
    // (100 − 10) / 2 = 45, clipped at 5; flat above the last knot; any other level
    ...[5, 2, 0, 0, 0, 1, 0],
    // (7 − 10) / 2; flat below the first knot; missing level
    ...[-1.5, -1, 0, 0, 0, 0, 1],
    // a missing number is 0 in both with its indicator 1: never mistaken for the mean
    ...[0, 0, 1, 1, 0, 0, 0],
  ])
})

test('a feature that the encoding needs and nobody evaluated is refused by name', () => {
  const without = { ...columns([1], ['a']), features: [featureNamed('y', 'number'), featureNamed('c', 'category')] }
  expect(() => encode(encoding, without)).toThrow(InputError)
  expect(() => encode(encoding, without)).toThrow('field x')
})
