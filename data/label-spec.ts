/** The label's definition as versioned data: hashed into data sets, models and scores; a mismatch is refused. */

import { createHash } from 'node:crypto'
import { z } from 'zod'
import { accountStateNames } from './columns.ts'

/** Which accounts are asked about, and what counts as the event. */
export const labelSpecSchema = z
  .strictObject({
    version: z.literal(1),
    /** The event: days past due reach this for the first time after the as-of date. */
    targetDaysPastDue: z.int().min(1).max(720).default(30),
    /** H: PD is given for 1…H months. */
    horizonMonths: z.int().min(1).max(24).default(6),
    /** States in which an account may enter the population. */
    entryStates: z.array(z.enum(accountStateNames)).min(1).default(['open', 'settled', 'dormant']),
    /** Accounts more days past due than this on the as-of date are not in the population; null lets all in. */
    entryDaysPastDueAtMost: z.int().min(0).nullable().default(29),
    /** Smallest amount overdue that counts towards the event, in the data set's currency. */
    materiality: z.number().min(0).default(0),
    /** Days taken off days past due before they are compared with the target. */
    graceDays: z.int().min(0).default(0),
    /**
     * What is left out: `restructured` accounts, of the population; `technical-overdue`, of the event, which is what a
     * debit that failed in an outage left unpaid for up to seven days.
     */
    exclusions: z.array(z.enum(['restructured', 'technical-overdue'])).default([]),
    /** True if the data set brings the event itself (`labels` file) and nothing is derived from days past due. */
    given: z.boolean().default(false),
  })
  .meta({ id: 'LabelSpec' })

/** The label's definition. */
export type LabelSpec = z.infer<typeof labelSpecSchema>

/** Harbinger's default: 30+ days past due for the first time within six months. */
export const defaultLabelSpec: LabelSpec = labelSpecSchema.parse({ version: 1 })

/** Hash of a label's definition (SHA-256, first 16 hex digits), independent of the order of its keys. */
export function labelHash(spec: LabelSpec): string {
  const canonical = JSON.stringify(Object.entries(spec).sort(([a], [b]) => (a < b ? -1 : 1)))
  return createHash('sha256').update(canonical).digest('hex').slice(0, 16)
}
