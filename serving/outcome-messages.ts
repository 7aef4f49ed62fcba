/** What became of accounts, as clients post it, as zod schemas. */

import { z } from 'zod'
import { identifierText, monthText } from '../data/index.ts'

/** Months that a body may hold. */
const outcomesAtMost = 10_000

/** Why an account is no longer seen. */
export const censoringReasons = ['paid-off', 'closed', 'transferred', 'lost-from-sight'] as const

const outcomeSchema = z
  .strictObject({
    accountId: identifierText,
    month: monthText,
    maxDaysPastDue: z.int().min(0).max(36_500).nullable().default(null).describe('Most in the month; null: not known.'),
    event: z.boolean().nullable().default(null).describe('The label’s event happened in the month; null: not known.'),
    censored: z
      .enum(censoringReasons)
      .nullable()
      .default(null)
      .describe('The account was seen for the last time in this month: what came after is not known.'),
    decisionId: z
      .uuid()
      .nullable()
      .default(null)
      .describe('The decision that it belongs to; null: all of the account.'),
  })
  .meta({ id: 'Outcome' })

/** Outcomes of accounts. */
export const outcomesRequestSchema = z
  .strictObject({ outcomes: z.array(outcomeSchema).min(1).max(outcomesAtMost) })
  .meta({ id: 'OutcomesRequest' })

/** How many were recorded. */
export const outcomesResponseSchema = z.object({ recorded: z.int() }).meta({ id: 'OutcomesResponse' })
