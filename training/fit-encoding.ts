/** Fits the encoding on training rows: means, knots of the rank-normal transform, levels of categories. */

import { type Categories, InputError, random } from '../data/index.ts'
import type { Encoding, FeatureEncoding } from '../models/index.ts'
import { countBelow } from './count-below.ts'
import { drawRows } from './draw-rows.ts'
import type { FeatureStore } from './feature-store.ts'
import { normalQuantile } from './normal-quantile.ts'

/** Knots of the rank-normal transform of a number with many values. */
const knotsAtMost = 400

/** Rows that an encoding is fitted on, at most: they say where 400 knots lie to a fraction of the distance between two. */
const rowsAtMost = 1_000_000

/** A category level needs this many training rows, else it counts as any other level. */
const rowsPerLevel = 30

/** A number needs this share of training rows known or missing for its missing indicator to mean anything. */
const indicatorRows = 20

/**
 * Fits the encoding of features that vary over the training rows; the others are left out.
 *
 * @param rows - Training rows of `columns`; no other row is looked at, and of millions a sample.
 * @throws InputError if no feature varies.
 */
export function fitEncoding(columns: FeatureStore, rows: Int32Array): Pick<Encoding, 'features'> {
  const fitted = drawRows(rows, rowsAtMost, random(1, 'encoding'))
  const features = columns.features.flatMap(({ name }, index): FeatureEncoding[] => {
    const column = columns.column(index, fitted)
    return column.kind === 'number' ? fitNumber(name, column.values) : fitCategory(name, column)
  })
  if (features.length === 0) {
    throw new InputError({ source: 'features', expected: 'at least one feature that varies over the training rows' })
  }
  return { features }
}

function fitNumber(name: string, values: Float64Array): FeatureEncoding[] {
  const known = values.filter(value => !Number.isNaN(value)).sort()
  const missingRows = values.length - known.length
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
  const distinct = distinctAtMost(sorted, knotsAtMost)
  const knots =
    distinct ??
    Array.from({ length: knotsAtMost }, (_, knot) => {
      return sorted[Math.round((knot / (knotsAtMost - 1)) * (sorted.length - 1))] as number
    }).filter((value, knot, all) => value !== all[knot - 1])
  const normals = knots.map(value => {
    const [first, end] = [countBelow(sorted, value), countBelow(sorted, value, true)]
    return normalQuantile((first + end) / 2 / sorted.length)
  })
  return { knots, normals }
}

/** Distinct values of some that ascend; undefined if there are more than `most`. */
function distinctAtMost(sorted: Float64Array, most: number): number[] | undefined {
  const distinct: number[] = []
  for (const value of sorted) {
    if (value === distinct.at(-1)) continue
    if (distinct.length === most) return undefined
    distinct.push(value)
  }
  return distinct
}

function fitCategory(name: string, column: Categories): FeatureEncoding[] {
  const counts = column.counts()
  const seen = counts.filter(count => count > 0).length
  const levels = column.texts.filter((_, code) => (counts[code] as number) >= rowsPerLevel).sort()
  const groups = levels.length + (seen > levels.length ? 1 : 0) + (column.missing >= indicatorRows ? 1 : 0)
  return groups < 2 ? [] : [{ kind: 'category', name, levels }]
}
