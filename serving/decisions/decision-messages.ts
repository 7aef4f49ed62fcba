/** The decision as it is answered, as zod schemas. */

import { z } from 'zod'
import {
  contactChannels,
  contactPurposes,
  type Policy,
  stopNames,
  treatmentNames,
  warningLevels,
} from '../../models/index.ts'
import { attemptSchema, promiseSchema, stateSchema } from './circumstances.ts'

const texts = z.object({ en: z.string(), zh: z.string() })

/** May a borrower be contacted. */
export const permitSchema = z
  .object({
    permitted: z.boolean(),
    channel: z.enum(contactChannels),
    rule: z
      .object({ pack: z.string(), version: z.string(), id: z.string() })
      .nullable()
      .describe('The rule that forbids it.'),
    says: z.string().nullable(),
    nextPermittedAt: z.string().nullable().describe('By what is known now; null: none is foreseen.'),
    checkedAt: z.string(),
    packs: z.array(z.string()).readonly().describe('Packs of rules that apply, as `id@version`.'),
  })
  .meta({ id: 'Permit' })

/** Reasons, lessons and the smallest helpful payment. */
const adviceSchema = z
  .object({
    reasons: z.array(texts).readonly().describe('At most four, the gravest first.'),
    lessons: z.array(z.object({ id: z.string(), title: texts, text: texts })).readonly(),
    payment: z
      .object({
        amount: z.number().positive(),
        currency: z.string(),
        payBy: z.string(),
        gradeWithout: z.string().describe('Grade at the end of that month if nothing more is paid.'),
        gradeWith: z.string(),
        says: texts,
      })
      .nullable()
      .describe(
        'The smallest payment that lowers the grade, checked by scoring with it. It is associational: the model knows borrowers who paid so, not what paying does. Null: none does, or it can’t be told from months.',
      ),
  })
  .meta({ id: 'Advice' })

/** The decision about one account. */
export const decisionSchema = z
  .object({
    grade: z.string().nullable(),
    points: z.int().nullable().describe('More points, less risk.'),
    warningLevel: z.enum(warningLevels).nullable(),
    horizonMonths: z
      .object({ grade: z.int(), warning: z.int() })
      .nullable()
      .describe('Months ahead on which grade and level look.'),
    daysPastDue: z.int().nullable().describe('On the as-of date, by what was known then.'),
    classes: z.record(z.string(), z.string()).describe('Legal clock → class; empty where only months are known.'),
    cause: z.enum(['unknown', 'could-not', 'cannot', 'will-not']),
    treatment: z.object({
      name: z.enum(treatmentNames),
      rule: z.string().describe('The rule of the policy that chose it.'),
      says: z.string().nullable(),
      purpose: z.enum(contactPurposes).nullable(),
      signOff: z.boolean().describe('Nothing happens before a person has signed.'),
      arm: z.enum(['treated', 'hold-out']),
      withheld: z.enum(treatmentNames).nullable().describe('Held back to measure its effect.'),
    }),
    stops: z.array(z.enum(stopNames)).readonly(),
    permit: permitSchema.nullable().describe('For the treatment; null: it needs no contact.'),
    contact: z
      .object({
        jurisdiction: z.string().nullable(),
        timeZone: z.string().nullable(),
        consents: z.array(z.enum(contactChannels)).readonly(),
        refusals: z.array(z.enum(contactChannels)).readonly(),
      })
      .describe('By what the permit was given, for the worklist.'),
    credit: z.object({
      action: z.enum(['none', 'review', 'freeze', 'reduce']),
      adverseAction: z.boolean().describe('A current borrower is cut on an alert: a notice with reasons is due.'),
      noticeDays: z.int().nullable(),
    }),
    exposure: z.number().nullable().describe('What is owed.'),
    promises: z
      .object({ open: z.int(), kept: z.int(), broken: z.int() })
      .describe('Promises to pay, by the payments of the request.'),
    advice: adviceSchema.optional(),
    state: stateSchema.describe(
      'For the next decision: send it as `circumstances.previous`, or let the server remember.',
    ),
  })
  .meta({ id: 'AccountDecision' })

/** The decision about one account. */
export type AccountDecision = z.infer<typeof decisionSchema>

/** Names a policy exactly. */
export const policyIdentitySchema = z
  .object({ name: z.string(), version: z.int(), hash: z.string().describe('Hash of the content.') })
  .meta({ id: 'PolicyIdentity' })

/** Names a policy exactly. */
export function identityOf({ file, hash }: Policy): z.infer<typeof policyIdentitySchema> {
  return { name: file.name, version: file.version, hash }
}

/** When, and from what beside the request, was decided. */
export const decidedSchema = z
  .object({
    at: z.string(),
    rulePacks: z.string().describe('Hash of the rule packs that accounts were classified by.'),
    remembered: z
      .object({
        contacts: z.array(attemptSchema).readonly().nullable(),
        promises: z.array(promiseSchema).readonly().nullable(),
        previous: z
          .array(z.object({ accountId: z.string(), state: stateSchema }))
          .readonly()
          .nullable(),
        complete: z.boolean().describe('False: the store didn’t answer; then nobody may be contacted.'),
        budgetCutoff: z.number().nullable().describe('PD from which there are people to act on a warning.'),
      })
      .describe('What the server knew beside the request; null: the request said it.'),
  })
  .meta({ id: 'Decided' })

/** When, and from what beside the request, was decided. */
export type Decided = z.infer<typeof decidedSchema>
