/** `manifest.json` of a saved model as a zod schema: everything that must agree before the model may be used. */

import { z } from 'zod'
import { labelSpecSchema, splitSpecSchema } from '../../data/index.ts'
import { calibrationSchema } from '../calibration.ts'
import { evaluationSchema } from '../metrics/index.ts'

/** A name for a model: lower-case words joined by hyphens; never a path. */
export const modelNameSchema = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'lower-case letters, digits and hyphens')

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const shortHash = z.string().regex(/^[0-9a-f]{16}$/)

/** What a saved model says of itself. */
export const manifestSchema = z
  .strictObject({
    format: z.literal(1),
    name: modelNameSchema,
    version: z.int().min(1),
    createdAt: z.iso.datetime(),
    createdBy: z.string(),
    /** Version of Harbinger that made it. */
    harbinger: z.string(),
    /** Command line that made it. */
    command: z.string(),
    engine: z.string(),
    packages: z.record(z.string(), z.string()),
    seed: z.int(),
    features: z.strictObject({
      /** Content hash over the definitions of all features evaluated, in order. */
      hash: shortHash,
      /** Names in order. */
      names: z.array(z.string()).min(1),
    }),
    network: z.strictObject({
      inputs: z.int().min(1),
      hidden: z.array(z.int().min(1)),
      /** Members in all, whose mean logit is the network's. */
      members: z.int().min(1),
      /** Those of them that are boosted trees, their questions per tree, and how many trees they have together. */
      trees: z.strictObject({ members: z.int().min(1), depth: z.int().min(1), trees: z.int().min(0) }).exactOptional(),
      /** Those of them that read the months in their order, and their shape. */
      sequence: z
        .strictObject({
          members: z.int().min(1),
          steps: z.int().min(1),
          quantities: z.int().min(1),
          units: z.int().min(1),
          width: z.int().min(1),
        })
        .exactOptional(),
    }),
    calibration: calibrationSchema,
    label: labelSpecSchema,
    labelHash: shortHash,
    data: z.strictObject({
      name: z.string(),
      fingerprint: sha256,
      currency: z.string(),
      dataCutOn: z.string(),
      calendar: z.enum(['real', 'relative']),
      /** Rows the network learned from, rows it stopped early and was calibrated on, rows it was judged on. */
      parts: z.strictObject({ train: partSchema(), calibration: partSchema(), test: partSchema() }),
      split: splitSpecSchema,
    }),
    evaluation: evaluationSchema,
    /** SHA-256 of every other file of the model, by path relative to the manifest. */
    files: z.record(z.string(), sha256),
  })
  .meta({ id: 'Manifest' })

/** One part of the data: what was in it. Months are as-of months, `YYYY-MM`. */
function partSchema() {
  return z.strictObject({
    rows: z.int().min(0),
    borrowers: z.int().min(0),
    events: z.int().min(0),
    firstMonth: z.string(),
    lastMonth: z.string(),
  })
}

/** What a saved model says of itself. */
export type Manifest = z.infer<typeof manifestSchema>

/** What was in one part of the data. */
export type DataPart = Manifest['data']['parts']['train']
