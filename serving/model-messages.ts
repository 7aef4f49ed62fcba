/** What the calls about models are told and answer, as zod schemas. */

import { z } from 'zod'

/** What `promote` may be told. */
export const promoteSchema = z
  .strictObject({
    otherLabel: z
      .boolean()
      .default(false)
      .describe('Allow a model of another label, whose probabilities mean something else than the champion’s.'),
  })
  .meta({ id: 'Promotion' })

const modelVersionSchema = z
  .object({
    name: z.string(),
    version: z.int(),
    serving: z.boolean().describe('It is champion: it answers.'),
    shadowing: z.boolean().describe('It is challenger: its scores are logged beside the champion’s.'),
    damaged: z.boolean().describe('Its manifest can’t be read; what the manifest says is left out then.'),
    aliases: z.array(z.string()),
    createdAt: z.string().optional(),
    horizonMonths: z.int().optional(),
    featureHash: z.string().optional(),
    labelHash: z.string().optional(),
  })
  .meta({ id: 'ModelVersion' })

/** A saved version. */
export type ModelVersion = z.infer<typeof modelVersionSchema>

/** Saved versions. */
export const modelListSchema = z.object({ models: z.array(modelVersionSchema) }).meta({ id: 'ModelList' })

const inUseSchema = z.object({ name: z.string(), version: z.int() })

/** The versions in use after a change. */
export const modelsInUseSchema = z
  .object({ champion: inUseSchema, challenger: inUseSchema.nullable() })
  .meta({ id: 'ModelsInUse' })

/** The versions in use after a change. */
export type ModelsInUse = z.infer<typeof modelsInUseSchema>
