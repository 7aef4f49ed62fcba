/** What a client may ask about instalment plans, and what it is answered. */

import { z } from 'zod'
import { identifierText } from '../../data/index.ts'
import { planSearchSchema } from '../../models/index.ts'
import { scoreRequestSchema } from '../requests.ts'

/** A borrower with an account to make plans for. */
export const whatIfRequestSchema = scoreRequestSchema
  .omit({ reasons: true })
  .extend({
    accountId: identifierText.describe('Account to make plans for, one of accounts, with its ledger.'),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, 'an ISO 4217 code such as EUR')
      .describe('Of the amounts; schedules are rounded to its smallest unit.'),
    nominalRate: z
      .number()
      .min(0)
      .max(10)
      .optional()
      .describe(
        'Nominal yearly rate of the contract, charged monthly, as a fraction. Left out, told from the first schedule and the amount financed (creditLimit); a line needs it.',
      ),
    search: planSearchSchema,
    rescore: z.boolean().default(true).describe('Also ask the model what it would say of the history with each plan.'),
  })
  .meta({ id: 'WhatIfRequest' })

/** A borrower with an account to make plans for. */
export type WhatIfRequest = z.infer<typeof whatIfRequestSchema>

const texts = z.object({ en: z.string(), zh: z.string() })
const pd = z
  .array(z.object({ months: z.int(), probability: z.number() }))
  .nullable()
  .describe('Null: the model gives none for such an account, or none was asked for.')

const planSchema = z
  .object({
    instalments: z.array(
      z.object({
        dueOn: z.string(),
        payment: z.number(),
        interest: z.number(),
        principal: z.number(),
        balance: z.number(),
      }),
    ),
    months: z.int().describe('Until the last instalment, holiday included.'),
    payment: z.number().describe('The level instalment.'),
    holidayMonths: z.int(),
    rateCut: z.number().describe('Share of the original rate that is given up.'),
    effectiveRate: z.number(),
    principal: z.number(),
    totalPayment: z.number(),
    totalInterest: z.number(),
    extraCost: z.number().describe('What the borrower pays more than the unpaid instalments come to.'),
    npvLoss: z.number().describe('(NPV₀ − NPV₁) / NPV₀ at the original effective rate.'),
    withinNpvLimit: z.boolean().describe('The loss stays within 1 %.'),
    reAge: z.array(z.object({ pack: z.string(), allowed: z.boolean(), against: z.array(z.string()) })),
    classes: z.array(
      z.object({
        pack: z.string(),
        classBefore: z.string(),
        classAfter: z.string(),
        mildestFrom: z
          .string()
          .nullable()
          .describe('First day in the mildest class for good, if the plan is kept; null: not in its course.'),
      }),
    ),
    pd,
  })
  .meta({ id: 'Plan' })

/** Plans and what follows from each. */
export const whatIfResponseSchema = z
  .object({
    accountId: z.string(),
    agreedOn: z.string(),
    currency: z.string(),
    effectiveRate: z.number().describe('Original effective yearly rate.'),
    owed: z.number().describe('Present value of what is owed at that rate: what a plan is made for.'),
    pd,
    plans: z.array(planSchema).describe('Those that cost the lender least first; empty if none can be afforded.'),
    rescoring: z.object({ kind: z.literal('associational'), says: texts, cannotKnow: z.array(texts) }),
    model: z.object({ name: z.string(), version: z.int() }).nullable().describe('Which re-scored; null: none did.'),
  })
  .meta({ id: 'WhatIfResponse' })

/** Plans and what follows from each. */
export type WhatIfResponse = z.infer<typeof whatIfResponseSchema>
