/** What a client may ask about where accounts stand, and what it is answered. */

import { z } from 'zod'
import { dateText } from '../../data/index.ts'
import { classReasons, productKinds } from '../../models/index.ts'
import { accountHistorySchema } from '../requests.ts'

const currency = z.string().regex(/^[A-Z]{3}$/, 'an ISO 4217 code such as EUR')
const shortText = z.string().min(1).max(200)

/** Facts of an account beside its history, for the legal clocks. */
const overdueFacts = {
  kind: z
    .enum(productKinds)
    .optional()
    .describe('Loan (closed-end) or card or credit line (open-end); left out, told from the history.'),
  pauses: z
    .array(
      z.strictObject({
        from: dateText,
        to: dateText.nullable().optional().describe('Last day; left out while it lasts.'),
        recordedOn: dateText.nullable().optional().describe('Day on which it was granted; left out, its first day.'),
      }),
    )
    .max(200)
    .optional()
    .describe('Days on which the borrower need not pay. Back-dated ones change the past once they are recorded.'),
  restructurings: z
    .array(z.strictObject({ on: dateText, npvLoss: z.number().min(-1).max(1).nullable().optional() }))
    .max(200)
    .optional()
    .describe('With the share of net present value given up; left out, as the ledger’s replaced instalments show.'),
  contactedOn: z
    .array(dateText)
    .max(2000)
    .optional()
    .describe('Days on which the borrower was contacted about the account; left out: not known.'),
} as const

/** Accounts to classify. */
export const classifyRequestSchema = z
  .strictObject({
    asOf: dateText.describe('Day to classify on. Account-months are classified at the last month’s end up to it.'),
    knownOn: dateText
      .optional()
      .describe('See the day by what was known later, on this one: a back-dated payment shows. Left out: asOf.'),
    currency: currency.optional().describe('Of the amounts; left out, only relative materiality thresholds apply.'),
    accounts: z
      .array(accountHistorySchema.extend(overdueFacts).meta({ id: 'AccountToClassify' }))
      .min(1)
      .max(200),
    outages: z
      .array(
        z.strictObject({
          bank: shortText.nullable().optional().describe('Left out: every bank.'),
          channel: shortText.nullable().optional().describe('Left out: every channel.'),
          day: dateText,
          fromHour: z.int().min(0).max(23).optional(),
          toHour: z.int().min(0).max(23).optional(),
        }),
      )
      .max(1000)
      .optional()
      .describe(
        'Times in which debits failed for reasons that weren’t the borrower’s: overdue from them is technical.',
      ),
    periods: z.boolean().default(false).describe('Also answer since when the account stood in which class.'),
  })
  .meta({ id: 'ClassifyRequest' })

/** Accounts to classify. */
export type ClassifyRequest = z.infer<typeof classifyRequestSchema>

const reason = z
  .enum(classReasons)
  .describe(
    'days-past-due; probation: kept until the time without arrears is over; restructured: kept since a restructuring; final: never left.',
  )

const clockSchema = z
  .object({
    pack: z.string(),
    packVersion: z.int(),
    jurisdiction: z.string(),
    class: z.string(),
    name: z.object({ en: z.string(), zh: z.string() }),
    rank: z.int().describe('0 = the mildest class.'),
    nonPerforming: z.boolean(),
    countedDays: z.int().describe('Days that the pack counts: less pauses, grace, technical and immaterial overdue.'),
    since: z.string(),
    reason,
    probation: z
      .object({
        cleanSince: z.string().nullable(),
        endsOn: z.string().nullable().describe('If nothing falls overdue until then; null while something still is.'),
        months: z.int(),
        instalments: z.int(),
      })
      .nullable(),
    periods: z.array(z.object({ from: z.string(), to: z.string(), class: z.string(), reason })).optional(),
  })
  .meta({ id: 'ClockStatus' })

const smallButFrequentSchema = z
  .object({
    index: z.number().describe('0 = no small lapse in twelve months, 100 = one a month.'),
    episodes: z.int(),
    smallEpisodes: z.int(),
    technicalEpisodes: z.int(),
    medianAmount: z.number().nullable(),
    medianDays: z.number().nullable(),
    gapTrend: z.number().nullable().describe('Days per episode; below 0 the lapses come closer together.'),
    selfCureShare: z.number().nullable(),
  })
  .meta({ id: 'SmallButFrequent' })

const statusSchema = z
  .object({
    accountId: z.string(),
    asOf: z.string(),
    kind: z.enum(productKinds),
    daysPastDue: z.int(),
    pausedDays: z.int(),
    paused: z.boolean(),
    technical: z
      .boolean()
      .describe('The overdue began with a debit that failed for reasons that weren’t the borrower’s.'),
    arrears: z.number().nullable(),
    exposure: z.number().nullable(),
    clocks: z.array(clockSchema),
    smallButFrequent: smallButFrequentSchema,
  })
  .meta({ id: 'OverdueStatus' })

/** Where accounts stand. */
export const classifyResponseSchema = z
  .object({
    accounts: z.array(
      z.object({
        accountId: z.string(),
        status: statusSchema.nullable().describe('Null: nothing is known of it by the day.'),
      }),
    ),
  })
  .meta({ id: 'ClassifyResponse' })

/** Where accounts stand. */
export type ClassifyResponse = z.infer<typeof classifyResponseSchema>
