/** Fits the encoding on training rows: means, knots of the rank-normal transform, levels of categories. */

import { InputError } from '../data/index.ts'
import type { Encoding, Feature, FeatureColumn, FeatureColumns, FeatureEncoding } from '../models/index.ts'
import { normalQuantile } from './normal-quantile.ts'

/** Knots of the rank-normal transform of a number with many values. */
const knotsAtMost = 400

/** A category level needs this many training rows, else it counts as any other level. */
const rowsPerLevel = 30

/** A number needs this share of training rows known or missing for its missing indicator to mean anything. */
const indicatorRows = 20

/**
 * Fits the encoding of features that vary over the training rows; the others are left out.
 *
 * @param rows - Training rows of `columns`; no other row is looked at.
 * @throws InputError if no feature varies.
 */
export function fitEncoding(columns: FeatureColumns, rows: Int32Array): Pick<Encoding, 'features'> {
  const features = columns.features.flatMap((feature, index): FeatureEncoding[] => {
    const column = columns.columns[index]
    return column === undefined ? [] : (fitFeature(feature, column, rows) ?? [])
  })
  if (features.length === 0) {
    throw new InputError({ source: 'features', expected: 'at least one feature that varies over the training rows' })
  }
  return { features }
}

/**
 * Mean of every input: the baseline of explanations.
 *
 * @param inputs - Row-major, shape `[row, input]`.
 * @returns Shape `[input]`.
 */
export function meanInputs(inputs: Float32Array, width: number): number[] {
  const sums = new Float64Array(width)
  inputs.forEach((value, at) => {
    sums[at % width] = (sums[at % width] as number) + value
  })
  return Array.from(sums, sum => sum / (inputs.length / width))
}

function fitFeature(feature: Feature, column: FeatureColumn, rows: Int32Array): FeatureEncoding[] | undefined {
  return column.kind === 'number'
    ? fitNumber(feature.name, column.values, rows)
    : fitCategory(feature.name, column.values, rows)
}

function fitNumber(name: string, values: Float64Array, rows: Int32Array): FeatureEncoding[] {
  const known = Float64Array.from(rows, row => values[row] as number)
    .filter(value => !Number.isNaN(value))
    .sort()
  const missingRows = rows.length - known.length
  const missing = missingRows >= indicatorRows && known.length >= indicatorRows
  const varies = known.length > 0 && known[0] !== known[known.length - 1]
  if (known.length === 0 || (!varies && !missing)) return []
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length
  const variance = known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length
  const { knots, normals } = rankNormal(known)
  return [{ kind: 'number', name, mean, deviation: varies ? Math.sqrt(variance) : 1, knots, normals, missing }]
}

/** Knots at distinct values, all of them or evenly spaced by rank, with the normal score of their mid-rank. */
function rankNormal(sorted: Float64Array): { knots: number[]; normals: number[] } {
  const distinct: { value: number; first: number; end: number }[] = []
  for (let index = 0; index < sorted.length; index += 1) {
    const value = sorted[index] as number
    const last = distinct.at(-1)
    if (last !== undefined && last.value === value) last.end = index + 1
    else distinct.push({ value, first: index, end: index + 1 })
  }
  const chosen =
    distinct.length <= knotsAtMost
      ? distinct
      : Array.from({ length: knotsAtMost }, (_, knot) => {
          const rank = Math.round((knot / (knotsAtMost - 1)) * (sorted.length - 1))
          return distinct[lastAtOrBelow(distinct, rank)]
        }).filter((place, knot, all) => place !== undefined && place !== all[knot - 1])
  const places = chosen.filter(place => place !== undefined)
  return {
    knots: places.map(({ value }) => value),
    normals: places.map(({ first, end }) => normalQuantile((first + end) / 2 / sorted.length)),
  }
}

function lastAtOrBelow(distinct: readonly { first: number }[], rank: number): number {
  let low = 0
  let high = distinct.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((distinct[middle]?.first ?? 0) <= rank) low = middle
    else high = middle - 1
  }
  return low
}

function fitCategory(name: string, values: readonly (string | null)[], rows: Int32Array): FeatureEncoding[] {
  const counts = new Map<string, number>()
  let missing = 0
  for (const row of rows) {
    const value = values[row] ?? null
    if (value === null) missing += 1
    else counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  const levels = [...counts].flatMap(([level, count]) => (count >= rowsPerLevel ? [level] : [])).sort()
  const groups = levels.length + (counts.size > levels.length ? 1 : 0) + (missing >= indicatorRows ? 1 : 0)
  return groups < 2 ? [] : [{ kind: 'category', name, levels }]
}
