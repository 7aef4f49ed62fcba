/** `reference.json`: how features and PD were distributed in training, for monitoring drift later. */

import { z } from 'zod'

/** Distribution of one number: interior edges of its bins, and the share of rows in each and missing. */
const numberReferenceSchema = z.strictObject({
  kind: z.literal('number'),
  name: z.string(),
  /** Ascending interior edges; a value belongs to the bin of the first edge above it. */
  edges: z.array(z.number()),
  /** Share of training rows per bin, one more than edges; with `missing` they sum to 1. */
  shares: z.array(z.number().min(0).max(1)),
  missing: z.number().min(0).max(1),
})

const categoryReferenceSchema = z.strictObject({
  kind: z.literal('category'),
  name: z.string(),
  shares: z.record(z.string(), z.number().min(0).max(1)),
  missing: z.number().min(0).max(1),
})

/** Reference distributions of a model. */
export const referenceSchema = z.strictObject({
  features: z.array(z.discriminatedUnion('kind', [numberReferenceSchema, categoryReferenceSchema])),
  /** PD(H) over calibration rows. */
  pd: numberReferenceSchema,
})

/** Reference distributions of a model. */
export type Reference = z.infer<typeof referenceSchema>

/** Distribution of one number. */
export type NumberReference = z.infer<typeof numberReferenceSchema>
