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
    return kind === 'number'
      ? { kind, values: new Float64Array(rows) }
      : Categories.of(parts.flatMap(part => textsOf(part.columns[place])))
  })
  let from = 0
  for (const part of parts) {
    for (let place = 0; place < columns.length; place += 1) {
      const [to, column] = [columns[place], part.columns[place]]
      if (to?.kind !== 'number') continue
      if (column?.kind !== 'number') throw new Error('the parts are of different features')
      for (let row = 0; row < part.rows; row += 1) to.values[from + row] = column.values[row] as number
    }
    from += part.rows
  }
  return { features: first.features, rows, columns }
}

function textsOf(column: FeatureColumn | undefined): readonly (string | null)[] {
  if (column?.kind !== 'category') throw new Error('the parts are of different features')
  return column.values
}
