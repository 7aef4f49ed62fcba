/** `dataset.json`: what lies in a data folder, and how the lender's column names map to ours. */

import { z } from 'zod'
import { dateText } from './contracts.ts'
import { labelSpecSchema } from './label-spec.ts'
import { splitSpecSchema } from './split-spec.ts'

/** One table: a CSV or Parquet file beside `dataset.json`, and our column name → theirs where they differ. */
const tableSchema = z.strictObject({
  path: z.string().min(1),
  columns: z.record(z.string(), z.string()).default({}),
})

/** The contents of `dataset.json`. */
export const datasetDescriptionSchema = z
  .strictObject({
    format: z.literal(1),
    name: z.string().min(1),
    description: z.string().default(''),
    /** ISO 4217 code, or `none` where the data has no amounts. */
    currency: z.string().regex(/^([A-Z]{3}|none)$/),
    /** Last day that the data covers; nothing is known after it. */
    dataCutOn: dateText,
    /** `relative` where the months are real in order but not in date, so no calendar feature means anything. */
    calendar: z.enum(['real', 'relative']).default('real'),
    grain: z.enum(['ledger', 'account-months']),
    tables: z.strictObject({
      borrowers: tableSchema.optional(),
      accounts: tableSchema.optional(),
      instalments: tableSchema.optional(),
      payments: tableSchema.optional(),
      accountMonths: tableSchema.optional(),
      /** accountId, contactId, contactedOn, channel, reached: attempts to reach borrowers, without which no cure is known to be a self-cure. */
      contacts: tableSchema.optional(),
      economy: tableSchema.optional(),
      /** accountId, month (as-of), horizon, event (0/1): for data sets that bring their own label. */
      labels: tableSchema.optional(),
      /** accountId, fold, inner (optional). */
      folds: tableSchema.optional(),
      /** accountId, month, pd1…pdH: the simulator's true probabilities. */
      truth: tableSchema.optional(),
    }),
    /** How this data set is meant to be labelled, where it says so. */
    label: labelSpecSchema.optional(),
    /** How this data set is meant to be divided, where it says so. */
    split: splitSpecSchema.optional(),
  })
  .meta({ id: 'DatasetDescription' })

/** What lies in a data folder. */
export type DatasetDescription = z.infer<typeof datasetDescriptionSchema>

/** Name of a table of a data set. */
export type TableName = keyof DatasetDescription['tables']
