/** From contributions of inputs to the reasons that a person reads: the features that raise the risk most. */

import { type Encoding, encodedWidth } from './encoding.ts'
import type { Explanations } from './explanation/index.ts'
import { type Feature, type FeatureColumns, valueAt } from './features/index.ts'
import type { Reason } from './model.ts'

/** Reasons of one family per row at most, so that four reasons don't say one thing four times. */
const reasonsPerFamily = 2

/**
 * Sums contributions of inputs to contributions of features.
 *
 * @returns Row-major, shape `[row, encoded feature]`.
 */
export function featureContributions(
  encoding: Pick<Encoding, 'features'>,
  { contributions, width }: Pick<Explanations, 'contributions' | 'width'>,
): Float64Array {
  const widths = Uint32Array.from(encoding.features, encodedWidth)
  const rows = contributions.length / width
  const sums = new Float64Array(rows * widths.length)
  for (let row = 0, input = 0, at = 0; row < rows; row += 1) {
    for (let feature = 0; feature < widths.length; feature += 1, at += 1) {
      const end = input + (widths[feature] as number)
      let sum = 0
      for (; input < end; input += 1) sum += contributions[input] as number
      sums[at] = sum
    }
  }
  return sums
}

/** Finds the reasons of every row. */
export type ReasonFinder = (
  columns: FeatureColumns,
  explanations: Pick<Explanations, 'contributions' | 'width'>,
  count: number,
) => Reason[][]

/**
 * Prepares the search for the features that raise the risk of a row most, greatest first.
 *
 * A feature is a reason only if its contribution is above 0 and its value is known and lies on the side of the training
 * mean which its text speaks of: otherwise the text would not be true of this borrower.
 *
 * @returns A function of the columns that were explained, their contributions, and how many reasons to give at most.
 */
export function reasonFinder(encoding: Pick<Encoding, 'features'>): ReasonFinder {
  const means = encoding.features.map(feature => (feature.kind === 'number' ? feature.mean : Number.NaN))
  let known: { readonly features: readonly Feature[]; readonly places: Int32Array } | undefined
  const placesIn = (features: readonly Feature[]): Int32Array => {
    if (known?.features !== features) {
      const placeOf = new Map(features.map(({ name }, place) => [name, place]))
      known = { features, places: Int32Array.from(encoding.features, ({ name }) => placeOf.get(name) ?? -1) }
    }
    return known.places
  }

  return (columns, explanations, count) => {
    const byFeature = featureContributions(encoding, explanations)
    const places = placesIn(columns.features)
    const each = encoding.features.length
    return Array.from({ length: columns.rows }, (_, row) => {
      const contributions = byFeature.subarray(row * each, (row + 1) * each)
      const raising = Array.from(contributions.keys()).filter(index => {
        const place = places[index] as number
        const feature = columns.features[place]
        return (
          (contributions[index] as number) > 0 &&
          feature !== undefined &&
          isTrueOf(feature, valueAt(columns.columns[place], row), means[index] as number)
        )
      })
      raising.sort((a, b) => (contributions[b] as number) - (contributions[a] as number))
      const perFamily = new Map<string, number>()
      const reasons: Reason[] = []
      for (const index of raising) {
        if (reasons.length === count) break
        const place = places[index] as number
        const feature = columns.features[place] as Feature
        const used = perFamily.get(feature.family) ?? 0
        if (used === reasonsPerFamily) continue
        perFamily.set(feature.family, used + 1)
        reasons.push({
          feature: feature.name,
          family: feature.family,
          says: feature.says,
          unit: feature.unit,
          value: valueAt(columns.columns[place], row),
          contribution: contributions[index] as number,
          text: feature.reason,
        })
      }
      return reasons
    })
  }
}

/** Whether a feature's text is true of a value: known, and on the risky side of the mean. */
function isTrueOf(feature: Feature, value: number | string | null, mean: number): boolean {
  if (value === null || typeof value === 'string') return value !== null
  if (Number.isNaN(value)) return false
  return feature.raises === null || (feature.raises ? value > mean : value < mean)
}
