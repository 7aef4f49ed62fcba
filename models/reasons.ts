/** From contributions of inputs to the reasons that a person reads: the features that raise the risk most. */

import { type Encoding, encodedWidth } from './encoding.ts'
import type { Feature, FeatureColumns } from './features/index.ts'
import type { Reason } from './model.ts'

/** Reasons of one family per row at most, so that four reasons don't say one thing four times. */
const reasonsPerFamily = 2

/** Sums contributions of inputs to contributions of features; shape `[encoded feature]`. */
export function featureContributions(encoding: Pick<Encoding, 'features'>, contributions: Float64Array): Float64Array {
  let offset = 0
  return Float64Array.from(encoding.features, feature => {
    const end = offset + encodedWidth(feature)
    let sum = 0
    for (; offset < end; offset += 1) sum += contributions[offset] as number
    return sum
  })
}

/**
 * The features that raise the risk of a row most, greatest first.
 *
 * A feature is a reason only if its contribution is above 0 and its value is known and lies on the side of the training
 * mean which its text speaks of: otherwise the text would not be true of this borrower.
 *
 * @param contributions - Contributions of inputs, in log-odds, shape `[input]`.
 * @param row - Row of `columns`.
 * @param count - How many at most.
 */
export function topReasons(
  encoding: Pick<Encoding, 'features'>,
  columns: FeatureColumns,
  contributions: Float64Array,
  row: number,
  count: number,
): Reason[] {
  const placeOf = new Map(columns.features.map((feature, place) => [feature.name, place]))
  const byFeature = featureContributions(encoding, contributions)
  const candidates = encoding.features.flatMap((encoded, index) => {
    const contribution = byFeature[index] as number
    const place = placeOf.get(encoded.name) ?? -1
    const feature = columns.features[place]
    const column = columns.columns[place]
    if (!(contribution > 0) || feature === undefined || column === undefined) return []
    const value = column.values[row] ?? null
    if (value === null || Number.isNaN(value)) return []
    if (typeof value === 'number' && encoded.kind === 'number' && !onRiskySide(feature, value, encoded.mean)) return []
    return [{ feature, value, contribution }]
  })
  candidates.sort((a, b) => b.contribution - a.contribution)

  const perFamily = new Map<string, number>()
  const reasons: Reason[] = []
  for (const { feature, value, contribution } of candidates) {
    if (reasons.length === count) break
    const used = perFamily.get(feature.family) ?? 0
    if (used === reasonsPerFamily) continue
    perFamily.set(feature.family, used + 1)
    reasons.push({
      feature: feature.name,
      family: feature.family,
      says: feature.says,
      unit: feature.unit,
      value,
      contribution,
      text: feature.reason,
    })
  }
  return reasons
}

function onRiskySide(feature: Feature, value: number, mean: number): boolean {
  return feature.raises === null || (feature.raises ? value > mean : value < mean)
}
