/** Features → network inputs: standardised and rank-normal numbers, missing indicators, one-hot categories. Apply only. */

import { z } from 'zod'
import { InputError } from '../data/index.ts'
import type { Feature, FeatureColumn, FeatureColumns } from './features/index.ts'

/** How one number feature is encoded. */
const numberEncodingSchema = z.strictObject({
  kind: z.literal('number'),
  name: z.string(),
  /** Mean over training rows where it is known. */
  mean: z.number(),
  /** Standard deviation over training rows where it is known, > 0. */
  deviation: z.number().positive(),
  /** Values, strictly ascending, at which the rank-normal transform is known; linear between, flat outside. */
  knots: z.array(z.number()).min(1),
  /** Normal score of each knot's mid-rank; as long as `knots`. */
  normals: z.array(z.number()).min(1),
  /** True if training saw it missing: then an indicator input follows. */
  missing: z.boolean(),
})

/** How one category feature is encoded: one input per level, one for any other, one for missing. */
const categoryEncodingSchema = z.strictObject({
  kind: z.literal('category'),
  name: z.string(),
  levels: z.array(z.string()),
})

/** The whole encoding, in the order of the inputs. Features that training found constant are left out. */
export const encodingSchema = z.strictObject({
  features: z.array(z.discriminatedUnion('kind', [numberEncodingSchema, categoryEncodingSchema])).min(1),
  /** Mean of each encoded input over training rows: the baseline of explanations; shape `[input]`. */
  baseline: z.array(z.number()),
})

/** A fitted encoding. */
export type Encoding = z.infer<typeof encodingSchema>

/** The encoding of one number feature. */
export type NumberEncoding = z.infer<typeof numberEncodingSchema>

/** The encoding of one feature. */
export type FeatureEncoding = Encoding['features'][number]

/** Standardised values are clipped here, in standard deviations. */
const clip = 5

/** How many inputs a feature's encoding takes. */
export function encodedWidth(feature: FeatureEncoding): number {
  return feature.kind === 'number' ? 2 + (feature.missing ? 1 : 0) : feature.levels.length + 2
}

/** How many inputs the whole encoding makes. */
export function inputWidth(encoding: Pick<Encoding, 'features'>): number {
  return encoding.features.reduce((width, feature) => width + encodedWidth(feature), 0)
}

/**
 * Encodes features.
 *
 * @param columns - As evaluated; may hold more features than the encoding uses.
 * @returns Row-major inputs, shape `[row, input]`; missing numbers are 0 in both transforms with their indicator 1.
 * @throws InputError if a feature that the encoding needs is not there.
 */
export function encode(encoding: Pick<Encoding, 'features'>, columns: FeatureColumns): Float32Array {
  const { writers, width } = prepared(encoding)
  const inputs = new Float32Array(columns.rows * width)
  const placeOf = placesOf(columns.features)
  for (const { name, kind, write } of writers) {
    const column = columns.columns[placeOf.get(name) ?? -1]
    if (column === undefined || column.kind !== kind) {
      throw new InputError({ source: 'encoding', field: name, expected: `a ${kind} feature of this name` })
    }
    write(column, inputs)
  }
  return inputs
}

/** Writes one feature's inputs of all rows. */
interface FeatureWriter {
  readonly name: string
  readonly kind: FeatureEncoding['kind']
  write(column: FeatureColumn, inputs: Float32Array): void
}

/** Encodings with their knots in typed arrays: prepared once, since a server encodes a few rows at a time. */
const preparedEncodings = new WeakMap<object, { readonly writers: readonly FeatureWriter[]; readonly width: number }>()

function prepared(encoding: Pick<Encoding, 'features'>): {
  readonly writers: readonly FeatureWriter[]
  readonly width: number
} {
  const before = preparedEncodings.get(encoding.features)
  if (before !== undefined) return before
  const width = inputWidth(encoding)
  let offset = 0
  const writers = encoding.features.map(feature => {
    const at = offset
    offset += encodedWidth(feature)
    return feature.kind === 'number' ? numberWriter(feature, at, width) : categoryWriter(feature, at, width)
  })
  const made = { writers, width }
  preparedEncodings.set(encoding.features, made)
  return made
}

/** Place of each feature by name; the same list of features is asked for again and again. */
const knownPlaces = new WeakMap<readonly Feature[], ReadonlyMap<string, number>>()

function placesOf(features: readonly Feature[]): ReadonlyMap<string, number> {
  const before = knownPlaces.get(features)
  if (before !== undefined) return before
  const places = new Map(features.map((feature, place) => [feature.name, place]))
  knownPlaces.set(features, places)
  return places
}

function categoryWriter(
  { name, levels }: Extract<FeatureEncoding, { kind: 'category' }>,
  offset: number,
  width: number,
): FeatureWriter {
  const levelOf = new Map(levels.map((level, index) => [level, index]))
  return {
    name,
    kind: 'category',
    write: (column, inputs) => {
      if (column.kind !== 'category') return
      const placeOf = column.texts.map(text => levelOf.get(text) ?? levels.length)
      column.codes.forEach((code, row) => {
        inputs[row * width + offset + (placeOf[code] ?? levels.length + 1)] = 1
      })
    },
  }
}

function numberWriter(feature: NumberEncoding, offset: number, width: number): FeatureWriter {
  const { name, mean, deviation, missing } = feature
  const knots = Float64Array.from(feature.knots)
  const normals = Float64Array.from(feature.normals)
  return {
    name,
    kind: 'number',
    write: (column, inputs) => {
      if (column.kind !== 'number') return
      const { values } = column
      for (let row = 0; row < values.length; row += 1) {
        const value = values[row] as number
        const at = row * width + offset
        if (Number.isNaN(value)) {
          if (missing) inputs[at + 2] = 1
        } else {
          inputs[at] = Math.max(-clip, Math.min(clip, (value - mean) / deviation))
          inputs[at + 1] = interpolate(knots, normals, value)
        }
      }
    },
  }
}

/** Linear interpolation on ascending knots, flat outside them. */
function interpolate(knots: Float64Array, heights: Float64Array, value: number): number {
  let low = 0
  let high = knots.length - 1
  if (value <= (knots[0] as number)) return heights[0] as number
  if (value >= (knots[high] as number)) return heights[high] as number
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((knots[middle] as number) <= value) low = middle
    else high = middle
  }
  const [left, right] = [knots[low] as number, knots[high] as number]
  const share = (value - left) / (right - left)
  return (heights[low] as number) * (1 - share) + (heights[high] as number) * share
}
