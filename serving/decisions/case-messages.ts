/** What a client may ask and say about contacts, promises and the worklist, and what it is answered. */

import { z } from 'zod'
import { dateText, identifierText } from '../../data/index.ts'
import { contactPurposes, stopNames, treatmentNames, warningLevels } from '../../models/index.ts'
import { channelSchema, contactFactsSchema } from './circumstances.ts'
import { permitSchema, policyIdentitySchema } from './decision-messages.ts'

const instant = z.iso.datetime({ offset: true })

const contactFields = {
  borrowerId: identifierText,
  accountId: identifierText,
  channel: channelSchema,
  purpose: z.enum(contactPurposes),
  party: z.enum(['borrower', 'third-party']).default('borrower'),
  at: instant.optional().describe('Left out, now.'),
  stops: z.array(z.enum(stopNames)).max(stopNames.length).optional(),
  ...contactFactsSchema.shape,
} as const

/** May this borrower be contacted? */
export const permitRequestSchema = z.strictObject(contactFields).meta({ id: 'PermitRequest' })

/** The answer to whether a borrower may be contacted. */
export const permitResponseSchema = z
  .object({ policy: policyIdentitySchema, permit: permitSchema })
  .meta({ id: 'PermitResponse' })

/** An attempt to reach a borrower, to be kept in the ledger. */
export const contactRequestSchema = z
  .strictObject({
    ...contactFields,
    at: instant.optional().describe('When it was; left out, now.'),
    conversation: z.boolean().default(false).describe('True if it became a conversation with the borrower.'),
    result: z
      .enum([
        'reached',
        'no-answer',
        'left-message',
        'wrong-number',
        'promised',
        'refused',
        'delivered',
        'not-delivered',
      ])
      .optional(),
    treatment: z.enum(treatmentNames).optional(),
    decisionId: z.uuid().optional().describe('The decision that asked for it.'),
  })
  .omit({ contacts: true })
  .meta({ id: 'ContactRequest' })

/** What the ledger has. */
export const contactResponseSchema = z
  .object({
    contactId: z.uuid(),
    at: z.string(),
    policy: policyIdentitySchema,
    permit: permitSchema.describe('Whether it was permitted when it was made, by the attempts before it.'),
  })
  .meta({ id: 'ContactResponse' })

/** A promise to pay, to be kept in the ledger. */
export const promiseRequestSchema = z
  .strictObject({
    borrowerId: identifierText,
    accountId: identifierText,
    amount: z.number().positive().max(1e15),
    dueOn: dateText,
    madeOn: dateText.optional().describe('Left out, today (UTC).'),
    contactId: z.uuid().optional().describe('The contact in which it was made.'),
  })
  .meta({ id: 'PromiseRequest' })

/** What the ledger has. */
export const promiseResponseSchema = z
  .object({ promiseId: z.uuid(), madeOn: z.string(), dueOn: z.string() })
  .meta({ id: 'PromiseResponse' })

/** Which worklist. */
export const worklistQuerySchema = z.strictObject({
  capacity: z.coerce.number().int().min(1).max(10_000).default(50).describe('Cases that can be handled.'),
  at: instant.optional().describe('Instant for the permits; left out, now.'),
})

/** Whom to reach first. */
export const worklistResponseSchema = z
  .object({
    policy: policyIdentitySchema,
    at: z.string(),
    capacity: z.int(),
    places: z
      .array(
        z.object({
          borrowerId: z.string(),
          accountId: z.string(),
          decisionId: z.uuid(),
          asOf: z.string().describe('As-of date of the decision.'),
          treatment: z.enum(treatmentNames),
          warningLevel: z.enum(warningLevels).nullable(),
          pd: z.number().nullable().describe('At the horizon of the warning level; null: days past due speak.'),
          daysPastDue: z.int(),
          exposure: z.number(),
          expectedSaving: z
            .string()
            .describe('PD × exposure × loss given default × effect of the treatment − its cost; money to the cent.'),
          waitedDays: z.int().describe('Since the treatment was decided, or the borrower was last reached for.'),
          because: z
            .enum(['saving', 'waiting'])
            .describe('waiting: it has a place of the share reserved for those who have waited longest.'),
          permit: permitSchema,
        }),
      )
      .describe('By expected saving, greatest first.'),
    notPermitted: z.int().describe('May not be contacted now.'),
    promised: z.int().describe('Have an open promise to pay, and are left alone until it is due.'),
    notWorthwhile: z.int().describe('Treating them costs more than it saves.'),
    unserved: z.object({ cases: z.int(), expectedSaving: z.string() }).describe('Worthwhile, but nobody is there.'),
    promises: z
      .object({ open: z.int(), kept: z.int(), broken: z.int(), keptRate: z.number().nullable() })
      .describe('Of all accounts, as of their latest decisions; `keptRate` is null while none is due.'),
  })
  .meta({ id: 'Worklist' })

/** Which alerts. */
export const alertsQuerySchema = z.strictObject({
  open: z.enum(['true', 'false']).optional().describe('Left out, both.'),
  kind: z.enum(['warning', 'contact-not-permitted']).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
})

/** What people should look at. */
export const alertsResponseSchema = z
  .object({
    alerts: z
      .array(
        z.object({
          alertId: z.uuid(),
          kind: z
            .enum(['warning', 'contact-not-permitted'])
            .describe(
              'warning: the warning level rose; contact-not-permitted: somebody was contacted against the rules.',
            ),
          accountId: z.string(),
          raisedAt: z.string(),
          resolvedAt: z.string().nullable().describe('A warning is resolved when its level is blue again, or rises.'),
          detail: z.record(z.string(), z.unknown()),
        }),
      )
      .describe('The latest first.'),
  })
  .meta({ id: 'Alerts' })
