/** The data scientist's hand on the data: features and labels as a danfo.js DataFrame, to explore and to train from. */

import type { DataFrame } from 'danfojs-node'
import { defaultLabelSpec, formatMonth, type LabelSpec } from '../data/index.ts'
import { openDataset } from '../data/sources/index.ts'
import { catalogue, type Feature, loadEngine } from '../models/index.ts'
import { buildDesignMatrix } from './design-matrix.ts'

/** Columns that a feature frame holds before the features. */
export const frameKeys = ['borrowerId', 'accountId', 'month', 'observedMonths', 'eventMonth'] as const

/**
 * Loads a data set's population as a DataFrame: keys, label, then one column per feature; missing values are NaN or
 * null. All in memory: for data of up to a few hundred thousand rows.
 *
 * `observedMonths` says how many months of the performance window were seen; `eventMonth` in which of them the event
 * came first, 0 if in none.
 *
 * @param folder - Data set.
 * @throws InputError if the data set is bad.
 */
export async function loadFeatureFrame(
  folder: string,
  options: { readonly features?: readonly Feature[]; readonly label?: LabelSpec } = {},
): Promise<DataFrame> {
  await loadEngine() // danfo.js computes on the same TensorFlow.js; ours must choose the backend first
  const danfo = await import('danfojs-node')
  const dataset = await openDataset(folder)
  try {
    const features = options.features ?? catalogue
    const matrix = await buildDesignMatrix(
      dataset,
      features,
      options.label ?? dataset.description.label ?? defaultLabelSpec,
    )
    const columns: Record<string, (number | string | null)[]> = {
      borrowerId: Array.from(matrix.borrowerIndex, index => matrix.borrowerIds[index] ?? ''),
      accountId: Array.from(matrix.accountIndex, index => matrix.accountIds[index] ?? ''),
      month: Array.from(matrix.month, formatMonth),
      observedMonths: Array.from(matrix.observedMonths),
      eventMonth: Array.from(matrix.eventMonth),
    }
    features.forEach((feature, index) => {
      columns[feature.name] = [...matrix.columns.column(index).values]
    })
    matrix.columns.close()
    return new danfo.DataFrame(columns)
  } finally {
    dataset.close()
  }
}
