/** Measures how features and PD are distributed in training, for monitoring drift later. */

import type { Categories } from '../data/index.ts'
import type { NumberReference, Reference } from '../models/index.ts'
import type { FeatureStore } from './feature-store.ts'

/** Bins of a number, at most: deciles. */
const bins = 10

/**
 * Reference distributions over rows.
 *
 * @param pd - PD(H) of the calibration rows, in [0, 1].
 */
export function fitReference(columns: FeatureStore, rows: Int32Array, pd: Float64Array): Reference {
  return {
    features: columns.features.map(({ name }, index) => {
      const column = columns.column(index, rows)
      return column.kind === 'number' ? numberReference(name, column.values) : categoryReference(name, column)
    }),
    pd: numberReference('pd', pd),
  }
}

function numberReference(name: string, values: Float64Array): NumberReference {
  const known = values.filter(value => !Number.isNaN(value)).sort()
  const edges = [
    ...new Set(Array.from({ length: bins - 1 }, (_, bin) => known[Math.floor(((bin + 1) * known.length) / bins)])),
  ].filter(edge => edge !== undefined)
  const counts = new Array<number>(edges.length + 1).fill(0)
  for (const value of known) {
    const above = edges.findIndex(edge => value < edge)
    const bin = above === -1 ? edges.length : above
    counts[bin] = (counts[bin] as number) + 1
  }
  const total = Math.max(1, values.length)
  return {
    kind: 'number',
    name,
    edges,
    shares: counts.map(count => count / total),
    missing: (values.length - known.length) / total,
  }
}

function categoryReference(name: string, column: Categories): Reference['features'][number] {
  const counts = column.counts()
  const total = Math.max(1, column.codes.length)
  const shares = column.texts.map((text, code): [string, number] => [text, (counts[code] as number) / total])
  return {
    kind: 'category',
    name,
    shares: Object.fromEntries(shares.filter(([, share]) => share > 0).sort()),
    missing: column.missing / total,
  }
}
