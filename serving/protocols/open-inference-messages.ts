/** Messages of the Open Inference Protocol v2 as zod schemas. */

import { z } from 'zod'

/** Datatypes of tensors, and the bytes that one element takes; BYTES carries its own length. */
export const datatypes = {
  BOOL: 1,
  UINT8: 1,
  UINT16: 2,
  UINT32: 4,
  UINT64: 8,
  INT8: 1,
  INT16: 2,
  INT32: 4,
  INT64: 8,
  FP16: 2,
  FP32: 4,
  FP64: 8,
  BYTES: null,
} as const

/** Name of a datatype. */
export type Datatype = keyof typeof datatypes

const parameters = z.record(z.string(), z.unknown())

/** Rows in one request at most. */
const rowsAtMost = 100_000

const tensorName = z.string().min(1).max(200)

/** One input: a named column, `[rows]` or `[rows, 1]`. */
const inputSchema = z
  .looseObject({
    name: tensorName,
    shape: z.array(z.int().min(0).max(rowsAtMost)).min(1).max(2),
    datatype: z.enum(Object.keys(datatypes) as [Datatype, ...Datatype[]]),
    parameters: parameters.optional(),
    data: z.array(z.unknown()).optional().describe('Flat or nested, row by row; null is missing.'),
  })
  .meta({ id: 'InferInput' })

/** One input. */
export type InferInput = z.infer<typeof inputSchema>

/** A request to infer. */
export const inferRequestSchema = z
  .looseObject({
    id: z.string().max(200).optional(),
    parameters: parameters.optional(),
    inputs: z.array(inputSchema).min(1).max(1000),
    outputs: z
      .array(z.looseObject({ name: tensorName, parameters: parameters.optional() }))
      .max(10)
      .optional(),
  })
  .meta({ id: 'InferRequest' })

/** A request to infer. */
export type InferRequest = z.infer<typeof inferRequestSchema>

/** One output. */
const outputSchema = z
  .object({
    name: z.string(),
    shape: z.array(z.int()),
    datatype: z.string(),
    parameters: parameters.optional(),
    data: z.array(z.union([z.number(), z.string()])).optional(),
  })
  .meta({ id: 'InferOutput' })

/** The answer to a request to infer. */
export const inferResponseSchema = z
  .object({
    model_name: z.string(),
    model_version: z.string(),
    id: z.string().optional(),
    parameters: parameters.optional(),
    outputs: z.array(outputSchema),
  })
  .meta({ id: 'InferResponse' })

/** The answer to a request to infer. */
export type InferResponse = z.infer<typeof inferResponseSchema>

const tensorMetadata = z.object({ name: z.string(), datatype: z.string(), shape: z.array(z.int()) })

/** What a model takes and gives. */
export const modelMetadataSchema = z
  .object({
    name: z.string(),
    versions: z.array(z.string()),
    platform: z.string(),
    inputs: z.array(tensorMetadata),
    outputs: z.array(tensorMetadata),
  })
  .meta({ id: 'ModelMetadata' })

/** What the server is. */
export const serverMetadataSchema = z
  .object({ name: z.string(), version: z.string(), extensions: z.array(z.string()) })
  .meta({ id: 'ServerMetadata' })

/** An error of the protocol; TensorFlow Serving's has the same form. */
export const errorSchema = z.object({ error: z.string() }).meta({ id: 'InferError' })
