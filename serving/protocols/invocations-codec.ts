/** Between MLflow's scoring messages, which SageMaker carries too, and named columns: JSON in four forms, or CSV. */

import { csvParseRows } from 'd3-dsv'
import { z } from 'zod'
import { jsonPointer, ProblemError } from '../problems.ts'
import type { GivenColumns } from './feature-input.ts'
import { parseMessage } from './parse-message.ts'
import { columnsOfRows, predictColumns } from './tensorflow-serving-codec.ts'

/** Rows in one request at most. */
const rowsAtMost = 100_000

const records = z.array(z.record(z.string(), z.unknown())).min(1).max(rowsAtMost)

const forms = ['dataframe_split', 'dataframe_records', 'instances', 'inputs'] as const

/** A request. */
export const invocationSchema = z
  .strictObject({
    dataframe_split: z
      .strictObject({
        columns: z.array(z.string()).min(1).max(1000),
        data: z.array(z.array(z.unknown())).min(1).max(rowsAtMost),
        index: z.array(z.unknown()).optional(),
      })
      .optional()
      .describe('As pandas’ to_dict("split").'),
    dataframe_records: records.optional().describe('A list of rows.'),
    instances: records.optional().describe('The same under TensorFlow Serving’s name.'),
    inputs: z.record(z.string(), z.array(z.unknown()).max(rowsAtMost)).optional().describe('Columns by feature.'),
    params: z.record(z.string(), z.unknown()).optional().describe('Not used.'),
  })
  .refine(body => forms.filter(form => body[form] !== undefined).length === 1, {
    message: `expected exactly one of ${forms.join(', ')}`,
  })
  .meta({ id: 'Invocation' })

/** The answer: PD within 1…H months of each row. */
export const invocationResponseSchema = z
  .object({ predictions: z.array(z.array(z.number())) })
  .meta({ id: 'InvocationResponse' })

/** The error of the protocol. */
export const invocationErrorSchema = z
  .object({ error_code: z.string(), message: z.string() })
  .meta({ id: 'InvocationError' })

/** Takes the columns out of a JSON body. @throws ProblemError `invalid-request`, with pointers. */
export function invocationColumns(body: unknown): GivenColumns {
  const { dataframe_split: split, dataframe_records: rows, instances, inputs } = parseMessage(invocationSchema, body)
  if (split !== undefined) return columnsOfSplit(split.columns, split.data, 'dataframe_split')
  if (rows !== undefined) return columnsOfRows(rows, 'dataframe_records')
  return predictColumns({ instances, inputs })
}

/**
 * Takes the columns out of CSV with a header; an empty cell is missing.
 *
 * @throws ProblemError `invalid-request`, naming line and column.
 */
export function csvColumns(text: string): GivenColumns {
  const [columns = [], ...rows] = csvParseRows(text.replace(/^\uFEFF/, ''))
  if (rows.length === 0) throw problem('', 'expected a header and at least one row')
  return { ...columnsOfSplit(columns, rows, 'csv'), asText: true }
}

function columnsOfSplit(columns: readonly string[], data: readonly (readonly unknown[])[], part: string): GivenColumns {
  data.forEach((cells, row) => {
    if (cells.length !== columns.length) {
      throw problem(jsonPointer([part, 'data', row]), `expected ${columns.length} cells, as there are columns`)
    }
  })
  return {
    rows: data.length,
    names: columns,
    namePointer: place => jsonPointer([part, 'columns', place]),
    at: (place, row) => data[row]?.[place],
    pointer: (feature, row) => jsonPointer([part, 'data', row, Math.max(0, columns.indexOf(feature))]),
  }
}

function problem(pointer: string, detail: string): ProblemError {
  return new ProblemError('invalid-request', 'The request is not as expected.', [{ pointer, detail }])
}
