/** What a client may ask, as zod schemas: the OpenAPI document and the types come from them. */

import { z } from 'zod'
import {
  accountMonthSchema,
  accountSchema,
  borrowerSchema,
  dateText,
  economyMonthSchema,
  instalmentSchema,
  paymentSchema,
} from '../data/index.ts'
import { circumstancesSchema } from './decisions/circumstances.ts'
import { decidedSchema, decisionSchema, policyIdentitySchema } from './decisions/decision-messages.ts'

/** Most of each thing in one request: far more than a borrower has, and a bound on the work of a request. */
const most = { accounts: 200, instalments: 1200, payments: 5000, months: 600, economy: 1200 } as const

/** One account with its history, in one of two grains. */
export const accountHistorySchema = accountSchema
  .extend({
    instalments: z.array(instalmentSchema).max(most.instalments).optional().describe('Ledger grain: what is due.'),
    payments: z.array(paymentSchema).max(most.payments).optional().describe('Ledger grain: what was paid.'),
    months: z
      .array(accountMonthSchema)
      .max(most.months)
      .optional()
      .describe('Account-month grain: in place of instalments and payments.'),
  })
  .meta({ id: 'AccountHistory' })

/** A borrower to score. */
export const scoreRequestSchema = z
  .strictObject({
    asOf: dateText.describe('As-of date. The score is made at the last month that had ended by then.'),
    borrower: borrowerSchema,
    accounts: z.array(accountHistorySchema).min(1).max(most.accounts),
    economy: z.array(economyMonthSchema).max(most.economy).optional(),
    reasons: z.int().min(0).max(10).default(4).describe('Reasons per account, at most.'),
    circumstances: circumstancesSchema.optional(),
  })
  .meta({ id: 'ScoreRequest' })

/** A borrower to score. */
export type ScoreRequest = z.infer<typeof scoreRequestSchema>

/** One account of a request. */
export type AccountHistory = ScoreRequest['accounts'][number]

const reasonSchema = z
  .object({
    feature: z.string(),
    family: z.string(),
    says: z.string().describe('What the feature says.'),
    unit: z.string(),
    value: z.union([z.number(), z.string(), z.null()]),
    contribution: z
      .number()
      .describe('Contribution to the log-odds of PD at the longest horizon; above 0 raises the risk.'),
    text: z.object({ en: z.string(), zh: z.string() }).describe('For the borrower to read.'),
  })
  .meta({ id: 'Reason' })

const accountScoreSchema = z
  .object({
    accountId: z.string(),
    population: z
      .enum(['scored', 'overdue', 'excluded', 'unknown', 'closed', 'no-history'])
      .describe(
        'scored; overdue: past due beyond what the model predicts; excluded: by the label’s definition; unknown: state or days past due not known; closed; no-history: not open yet.',
      ),
    pd: z
      .array(z.object({ months: z.int(), probability: z.number().min(0).max(1) }))
      .nullable()
      .describe('Probability of the event within so many months; null unless scored.'),
    reasons: z.array(reasonSchema),
    decision: decisionSchema.optional().describe('What follows by the policy.'),
  })
  .meta({ id: 'AccountScore' })

/** The score of a borrower. */
export const scoreResponseSchema = z
  .object({
    requestId: z.string(),
    decisionId: z.uuid().describe('Under which the decision is logged: `GET /v1/decisions/{id}`.'),
    model: z.object({
      name: z.string(),
      version: z.int(),
      manifestHash: z.string().describe('SHA-256 of the version’s `manifest.json`: it names the model exactly.'),
      featureHash: z.string(),
      labelHash: z.string(),
    }),
    asOf: z.string(),
    scoredMonth: z.string().describe('The month at whose end the borrower was scored.'),
    borrowerId: z.string(),
    accounts: z.array(accountScoreSchema),
    policy: policyIdentitySchema.optional().describe('The policy that decided.'),
    decided: decidedSchema.optional(),
  })
  .meta({ id: 'ScoreResponse' })

/** The score of a borrower. */
export type ScoreResponse = z.infer<typeof scoreResponseSchema>

/** The score of one account. */
export type AccountScore = z.infer<typeof accountScoreSchema>
