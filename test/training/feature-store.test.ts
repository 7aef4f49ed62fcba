import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Categories } from '../../data/index.ts'
import type { FeatureColumns } from '../../models/index.ts'
import { buildFeatureStore } from '../../training/feature-store.ts'
import { gather, makeRoomForInputs } from '../../training/training-inputs.ts'
import { featureNamed } from '../models/named-feature.ts'

const features = [featureNamed('x', 'number'), featureNamed('kind', 'category'), featureNamed('y', 'number')]

/** Row n holds n, a level and n / 7; every fifth is missing. */
function columnsFrom(first: number, rows: number): FeatureColumns {
  const numbers = Array.from({ length: rows }, (_, place) => first + place)
  return {
    features,
    rows,
    columns: [
      { kind: 'number', values: Float64Array.from(numbers, n => (n % 5 === 0 ? Number.NaN : n)) },
      Categories.of(numbers.map(n => (n % 5 === 1 ? null : `level ${n % 3}`))),
      { kind: 'number', values: Float64Array.from(numbers, n => n / 7) },
    ],
  }
}

test('features come back to the bit, from memory and from disk, in whatever order rows are asked for', () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(
      sizes,
      fc.array(fc.nat(), { maxLength: 50 }),
      fc.constantFrom(0, 1 << 20, 1 << 30),
      (parts, picks, most) => {
        const builder = buildFeatureStore(features, most)
        let rows = 0
        for (const part of parts) {
          builder.add(columnsFrom(rows, part))
          rows += part
        }
        const store = builder.done()
        const whole = columnsFrom(0, rows)
        expect(store.rows).toBe(rows)
        expect(store.column(0)).toEqual(whole.columns[0])
        expect(store.column(1)).toEqual(whole.columns[1])
        const some = Int32Array.from(rows === 0 ? [] : picks, pick => pick % rows)
        const ascending = Int32Array.from({ length: rows }, (_, row) => row).filter(row => row % 3 !== 1)
        for (const wanted of [some, ascending]) {
          const taken = store.only([features[2]!, features[1]!]).take(wanted)
          expect(taken.columns[0]?.values).toEqual(Float64Array.from(wanted, row => row / 7))
          expect(taken.columns[1]?.values).toEqual(Array.from(wanted, row => whole.columns[1]?.values[row]))
        }
        store.close()
      },
    ),
    { numRuns: 25 },
  )
})

test('a feature that was not evaluated is asked for in vain', () => {
  const store = buildFeatureStore(features).done()
  expect(() => store.only([featureNamed('other', 'number')])).toThrow('other')
})

test('training inputs are the same from memory and from disk', () => {
  const [rows, width] = [500, 7]
  const values = Float32Array.from({ length: rows * width }, (_, at) => Math.sin(at))
  const [memory, disk] = [makeRoomForInputs(rows, width), makeRoomForInputs(rows, width, 0)]
  expect(disk.inputs).not.toBeInstanceOf(Float32Array)
  for (const room of [memory, disk]) {
    for (let first = 0; first < rows; first += 90) room.put(values.subarray(first * width, (first + 90) * width), first)
  }
  for (const chosen of [Int32Array.of(3, 4, 5, 499, 0, 1, 250), new Int32Array(), Int32Array.of(7, 7, 8)]) {
    const wanted = Float32Array.from([...chosen].flatMap(row => [...values.subarray(row * width, (row + 1) * width)]))
    for (const { inputs } of [memory, disk]) expect(gather({ inputs, width }, chosen)).toEqual(wanted)
  }
  memory.close()
  disk.close()
})
