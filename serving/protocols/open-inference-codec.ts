/** Between messages of the Open Inference Protocol and named columns: JSON and binary tensors, both ways. */

import { z } from 'zod'
import type { Model, Scores } from '../../models/index.ts'
import { jsonPointer } from '../problems.ts'
import { failAt, readTensor, writeNumbers, writeTexts } from './binary-tensors.ts'
import type { GivenColumns } from './feature-input.ts'
import type { datatypes, InferInput, InferRequest, InferResponse } from './open-inference-messages.ts'

/**
 * Takes the columns out of a request.
 *
 * @param tensors - Bytes after the JSON, which inputs with `binary_data_size` take theirs from, in order.
 * @throws ProblemError `invalid-request` if inputs differ in rows, one comes twice, or data and shape don't agree.
 */
export function readColumns({ inputs }: InferRequest, tensors: Buffer): GivenColumns {
  const rows = inputs[0]?.shape[0] ?? 0
  const lists: (readonly unknown[] | Float64Array)[] = []
  const placeOf = new Map<string, number>()
  let at = 0
  inputs.forEach((input, place) => {
    const fail = (detail: string, part = ''): never => failAt(`/inputs/${place}${part}`, detail)
    if (placeOf.has(input.name)) fail('expected each input once', '/name')
    if (input.shape[0] !== rows) fail(`expected ${rows} rows, as the first input has`, '/shape')
    if ((input.shape[1] ?? 1) !== 1) fail('expected one column: each feature is an input of its own', '/shape')
    const size = binarySize(input, fail)
    if (size === undefined) lists.push(flatData(input, rows, fail))
    else {
      if (size > tensors.length - at) fail(`expected ${size} bytes after the JSON, found ${tensors.length - at}`)
      lists.push(readTensor(input.datatype, tensors.subarray(at, at + size), rows, fail))
      at += size
    }
    placeOf.set(input.name, place)
  })
  if (at !== tensors.length) failAt('', `expected ${at} bytes after the JSON, found ${tensors.length}`)
  return {
    rows,
    names: [...placeOf.keys()],
    at: (place, row) => lists[place]?.[row],
    pointer: (feature, row) => jsonPointer(['inputs', placeOf.get(feature) ?? 0, 'data', row]),
  }
}

function binarySize(
  { parameters, data }: InferInput,
  fail: (detail: string, part: string) => never,
): number | undefined {
  const size = parameters?.binary_data_size
  if (size === undefined) return undefined
  const parsed = z.int().min(0).safeParse(size)
  if (!parsed.success) return fail('expected a number of bytes', '/parameters/binary_data_size')
  if (data !== undefined) fail('expected no data in the JSON beside binary_data_size', '/data')
  return parsed.data
}

/** Rows are single values, or lists of one. */
function flatData(
  { data, datatype }: InferInput,
  rows: number,
  fail: (detail: string, part: string) => never,
): unknown[] {
  if (data === undefined) return fail('expected data, or binary_data_size', '/data')
  if (data.length !== rows) fail(`expected ${rows} values, as the shape says`, '/data')
  return data.map((given, row) => {
    const value: unknown = Array.isArray(given) ? given[0] : given
    if (Array.isArray(given) && given.length !== 1) fail('expected one value', `/data/${row}`)
    if (value === null) return null
    const text = typeof value === 'string'
    if (text !== (datatype === 'BYTES') || (!text && typeof value !== 'number' && typeof value !== 'boolean'))
      fail(`expected a value of ${datatype}, or null`, `/data/${row}`)
    return value
  })
}

/** The outputs that a request may ask for: PD within 1…H months, and the reasons, as JSON, of each row. */
const outputNames = ['pd', 'reasons'] as const

/** Reasons per row, where they are asked for. */
const reasonsPerRow = 4

/** An output that was asked for. */
export interface WantedOutput {
  readonly name: (typeof outputNames)[number]
  readonly binary: boolean
}

/**
 * The outputs that a request asks for; without any, PD.
 *
 * @throws ProblemError `invalid-request` if the model has no such output.
 */
export function wantedOutputs({ outputs, parameters }: InferRequest): WantedOutput[] {
  const allBinary = parameters?.binary_data_output === true
  if (outputs === undefined || outputs.length === 0) return [{ name: 'pd', binary: allBinary }]
  return outputs.map((output, place) => {
    const name = outputNames.find(one => one === output.name)
    if (name === undefined) return failAt(`/outputs/${place}/name`, `expected one of ${outputNames.join(', ')}`)
    const binary = output.parameters?.binary_data
    return { name, binary: typeof binary === 'boolean' ? binary : allBinary }
  })
}

/** How many reasons per row the outputs need. */
export function reasonsFor(wanted: readonly WantedOutput[]): number {
  return wanted.some(({ name }) => name === 'reasons') ? reasonsPerRow : 0
}

/** The answer, and the bytes that follow it where outputs were asked for in binary. */
export function writeResponse(
  { manifest }: Model,
  request: InferRequest,
  wanted: readonly WantedOutput[],
  scores: Scores,
): { readonly response: InferResponse; readonly tensors: Buffer } {
  const rows = scores.features.rows
  const tensors: Buffer[] = []
  const outputs = wanted.map(({ name, binary }) => {
    const pd = name === 'pd'
    const described = {
      name,
      shape: pd ? [rows, scores.pd.length] : [rows],
      datatype: (pd ? 'FP64' : 'BYTES') satisfies keyof typeof datatypes,
    }
    const numbers = pd ? rowMajor(scores.pd, rows) : new Float64Array()
    const texts = pd ? [] : scores.reasons.map(reasons => JSON.stringify(reasons))
    if (!binary) return { ...described, data: pd ? Array.from(numbers) : texts }
    const bytes = pd ? writeNumbers(numbers) : writeTexts(texts)
    tensors.push(bytes)
    return { ...described, parameters: { binary_data_size: bytes.length } }
  })
  return {
    response: {
      model_name: manifest.name,
      model_version: String(manifest.version),
      ...(request.id === undefined ? {} : { id: request.id }),
      outputs,
    },
    tensors: Buffer.concat(tensors),
  }
}

/** Columns by horizon → rows, shape `[row, H]`. */
function rowMajor(columns: readonly Float64Array[], rows: number): Float64Array {
  const values = new Float64Array(rows * columns.length)
  columns.forEach((column, place) => {
    for (let row = 0; row < rows; row += 1) values[row * columns.length + place] = column[row] as number
  })
  return values
}
