/** Between the JSON of TensorFlow Serving's REST API and named columns: rows (`instances`) or columns (`inputs`). */

import { z } from 'zod'
import type { Model, Scores } from '../../models/index.ts'
import { jsonPointer, ProblemError } from '../problems.ts'
import { type GivenColumns, modelInputs } from './feature-input.ts'

/** Rows in one request at most. */
const rowsAtMost = 100_000

const row = z.record(z.string(), z.unknown())
const column = z.array(z.unknown()).max(rowsAtMost)

/** A request to predict. */
export const predictRequestSchema = z
  .strictObject({
    signature_name: z.literal('serving_default').optional(),
    instances: z.array(row).min(1).max(rowsAtMost).optional().describe('Row by row: an object of all features.'),
    inputs: z.record(z.string(), column).optional().describe('Column by column, in place of instances.'),
  })
  .refine(({ instances, inputs }) => (instances === undefined) !== (inputs === undefined), {
    message: 'expected either instances or inputs',
  })
  .meta({ id: 'PredictRequest' })

/** A request to predict. */
export type PredictRequest = z.infer<typeof predictRequestSchema>

const pd = z.array(z.array(z.number()))

/** The answer: PD within 1…H months of each row, under the name that the request's form has. */
export const predictResponseSchema = z
  .object({ predictions: pd.optional(), outputs: pd.optional() })
  .meta({ id: 'PredictResponse' })

/** Takes the columns out of a request. @throws ProblemError `invalid-request` if columns differ in length. */
export function predictColumns({ instances, inputs }: PredictRequest): GivenColumns {
  return instances === undefined ? columnsOf(inputs ?? {}) : columnsOfRows(instances, 'instances')
}

function columnsOf(inputs: Readonly<Record<string, readonly unknown[]>>): GivenColumns {
  const [names, lists] = [Object.keys(inputs), Object.values(inputs)]
  const rows = lists[0]?.length ?? 0
  for (const [name, values] of Object.entries(inputs)) {
    if (values.length === rows) continue
    throw new ProblemError('invalid-request', 'The request is not as expected.', [
      { pointer: jsonPointer(['inputs', name]), detail: `expected ${rows} values, as the first column has` },
    ])
  }
  return {
    rows,
    names,
    at: (place, row) => unwrap(lists[place]?.[row]),
    pointer: (feature, row) => jsonPointer(['inputs', feature, row]),
  }
}

/**
 * Columns of rows; a key that a row lacks is no missing value but a feature left out.
 *
 * @param part - Where the rows stand in the body.
 * @throws ProblemError `invalid-request` if a row has other keys than the first.
 */
export function columnsOfRows(rows: readonly Readonly<Record<string, unknown>>[], part: string): GivenColumns {
  const names = Object.keys(rows[0] ?? {})
  rows.forEach((one, place) => {
    const odd = Object.keys(one).find(name => !names.includes(name)) ?? names.find(name => !Object.hasOwn(one, name))
    if (odd === undefined) return
    throw new ProblemError('invalid-request', 'The request is not as expected.', [
      { pointer: jsonPointer([part, place, odd]), detail: 'expected the same features in every row' },
    ])
  })
  return {
    rows: rows.length,
    names,
    at: (place, row) => unwrap(rows[row]?.[names[place] as string]),
    pointer: (feature, row) => jsonPointer([part, row, feature]),
  }
}

/** A value, or a list of the one value. */
function unwrap(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? (value[0] as unknown) : value
}

/** PD of each row as a list by horizon, shape `[row, H]`. */
export function pdByRow({ pd, features }: Scores): number[][] {
  return Array.from({ length: features.rows }, (_, row) => pd.map(column => column[row] as number))
}

/** A model's state, as TensorFlow Serving says it, and as KServe's first protocol does. */
export function servableStatus({ manifest }: Model): object {
  return {
    name: manifest.name,
    ready: true,
    model_version_status: [
      { version: String(manifest.version), state: 'AVAILABLE', status: { error_code: 'OK', error_message: '' } },
    ],
  }
}

/** A model's signature, as TensorFlow Serving says it. */
export function servableMetadata(model: Model): object {
  const { name, version, label } = model.manifest
  const tensor = (tensorName: string, dtype: string, dims: readonly number[]): object => ({
    dtype,
    tensor_shape: { dim: dims.map(size => ({ size: String(size), name: '' })), unknown_rank: false },
    name: `${tensorName}:0`,
  })
  const inputs = modelInputs(model).map(feature => [
    feature.name,
    tensor(feature.name, feature.kind === 'number' ? 'DT_DOUBLE' : 'DT_STRING', [-1]),
  ])
  return {
    model_spec: { name, signature_name: '', version: String(version) },
    metadata: {
      signature_def: {
        signature_def: {
          serving_default: {
            inputs: Object.fromEntries(inputs) as object,
            outputs: { pd: tensor('pd', 'DT_DOUBLE', [-1, label.horizonMonths]) },
            method_name: 'tensorflow/serving/predict',
          },
        },
      },
    },
  }
}
