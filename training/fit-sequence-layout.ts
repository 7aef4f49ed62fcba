/** Finds the months and cuts the pieces that a sequence member reads, from an encoding and the training rows. */

import { type Encoding, encodedWidth, type Feature, inputWidth, type SequenceLayout } from '../models/index.ts'

/** Months looked back on, the as-of month included. */
const steps = 6

/** Pieces that a number is cut into, at most. */
const piecesAtMost = 8

/**
 * Fits the layout.
 *
 * A quantity of the months is an expression that features give for the as-of month and for months before it (`lag`).
 *
 * @param inputs - Of a sample of the training rows, encoded, row-major, shape `[row, input]`.
 * @returns null if no feature looks back on single months.
 */
export function fitSequenceLayout(
  encoding: Pick<Encoding, 'features'>,
  features: readonly Feature[],
  inputs: Float32Array,
): SequenceLayout | null {
  const width = inputWidth(encoding)
  const featureOf = new Map(features.map(feature => [feature.name, feature]))
  const quantityAt = new Map<string, Int32Array[]>()
  const pieces: { source: number; scale: number; offset: number }[] = []
  let first = 0
  for (const encoded of encoding.features) {
    const count = encodedWidth(encoded)
    const feature = featureOf.get(encoded.name)
    if (feature !== undefined) {
      const { base, months } = monthOf(feature)
      if (months < steps) {
        const known = quantityAt.get(base) ?? Array.from({ length: steps }, () => new Int32Array())
        known[steps - 1 - months] = Int32Array.from({ length: count }, (_, index) => first + index)
        quantityAt.set(base, known)
      }
    }
    for (let index = 0; index < count; index += 1) {
      const source = first + index
      // Numbers are cut by their rank-normal input; indicators and categories are 0 or 1 already.
      if (encoded.kind === 'number' && index === 0) continue
      if (encoded.kind === 'number' && index === 1) pieces.push(...cut(inputs, width, source))
      else pieces.push({ source, scale: 1, offset: 0 })
    }
    first += count
  }
  const sequences = [...quantityAt.values()].filter(known => known.filter(({ length }) => length > 0).length > 2)
  if (sequences.length === 0) return null
  const widths = sequences.map(known => Math.max(...known.map(({ length }) => length)))
  const quantities = widths.reduce((sum, count) => sum + count, 0)
  const places = new Int32Array(steps * quantities).fill(-1)
  for (let step = 0; step < steps; step += 1) {
    let at = step * quantities
    sequences.forEach((known, index) => {
      places.set(known[step] ?? [], at)
      at += widths[index] as number
    })
  }
  return {
    inputs: width,
    steps,
    quantities,
    places,
    source: Int32Array.from(pieces, ({ source }) => source),
    scale: Float32Array.from(pieces, ({ scale }) => scale),
    offset: Float32Array.from(pieces, ({ offset }) => offset),
  }
}

/** What a feature looks at, and how many months before the as-of month. */
function monthOf({ of }: Feature): { base: string; months: number } {
  const number = of.kind === 'named' ? of.of : of
  const base = number.kind === 'lag' ? number.of : number
  return { base: `${of.kind === 'named'}${JSON.stringify(base)}`, months: number.kind === 'lag' ? number.months : 0 }
}

/** Pieces of one input between its quantiles, or between its values where there are few. */
function cut(inputs: Float32Array, width: number, source: number): { source: number; scale: number; offset: number }[] {
  const rows = inputs.length / width
  const sorted = Float64Array.from({ length: rows }, (_, row) => inputs[row * width + source] as number).sort()
  const distinct = [...new Set(sorted)]
  const edges =
    distinct.length <= piecesAtMost + 1
      ? distinct
      : [
          ...new Set(
            Array.from({ length: piecesAtMost + 1 }, (_, edge) => {
              return sorted[Math.round((edge / piecesAtMost) * (sorted.length - 1))] as number
            }),
          ),
        ]
  return edges.slice(1).map((edge, index) => {
    const from = edges[index] as number
    return { source, scale: 1 / (edge - from), offset: -from / (edge - from) }
  })
}
