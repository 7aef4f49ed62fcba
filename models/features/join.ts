/** Rows of several calls in the same columns: what is computed for a few rows costs nearly as much for many. */

import { Categories } from '../../data/index.ts'
import type { FeatureColumn, FeatureColumns } from './evaluate.ts'

/**
 * Joins features, the rows of each after those of the one before.
 *
 * @param parts - At least one; all of the same features in the same order.
 */
export function joinFeatures(parts: readonly FeatureColumns[]): FeatureColumns {
  const [first] = parts
  if (first === undefined) throw new Error('there are no features to join')
  if (parts.length === 1) return first
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  const columns = first.columns.map(({ kind }, place): FeatureColumn => {
    if (kind === 'category') return Categories.of(parts.flatMap(part => textsOf(part.columns[place])))
    const joined = new Float64Array(rows)
    let to = 0
    for (const part of parts) {
      const column = part.columns[place]
      if (column?.kind !== 'number') throw new Error('the parts are of different features')
      const { values } = column
      for (let row = 0; row < values.length; row += 1, to += 1) joined[to] = values[row] as number
    }
    return { kind, values: joined }
  })
  return { features: first.features, rows, columns }
}

function textsOf(column: FeatureColumn | undefined): readonly (string | null)[] {
  if (column?.kind !== 'category') throw new Error('the parts are of different features')
  return column.values
}
