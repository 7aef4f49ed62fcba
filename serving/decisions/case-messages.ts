/** What a client may ask and say about contacts, promises and the worklist, and what it is answered. */

import { z } from 'zod'
import { dateText } from '../../data/index.ts'
import { contactPurposes, stopNames, treatmentNames } from '../../models/index.ts'
import { channelSchema, contactFactsSchema } from './circumstances.ts'
import { permitSchema, policyIdentitySchema } from './decision-messages.ts'

const identifier = z.string().min(1).max(200)
const instant = z.iso.datetime({ offset: true })

/** May this borrower be contacted? */
export const permitRequestSchema = z
  .strictObject({
    borrowerId: identifier,
    accountId: identifier,
    channel: channelSchema,
    purpose: z.enum(contactPurposes),
    party: z.enum(['borrower', 'third-party']).default('borrower'),
    at: instant.optional().describe('Left out, now.'),
    stops: z.array(z.enum(stopNames)).max(stopNames.length).optional(),
    ...contactFactsSchema.shape,
  })
  .meta({ id: 'PermitRequest' })

/** What came of a contact. */
export const contactResults = ['no-answer', 'wrong-person', 'message-left', 'conversation'] as const

/** A contact that was made or tried. */
export const contactRequestSchema = z
  .strictObject({
    contactId: z.uuid().optional().describe('Send the same one again and nothing is recorded twice.'),
    borrowerId: identifier,
    accountId: identifier,
    channel: channelSchema,
    at: instant.optional().describe('Left out, now.'),
    result: z.enum(contactResults),
    decisionId: z.uuid().optional().describe('The decision that led to it.'),
    treatment: z.enum(treatmentNames).optional(),
  })
  .meta({ id: 'ContactRequest' })

/** A promise to pay. */
export const promiseRequestSchema = z
  .strictObject({
    promiseId: z.uuid().optional().describe('Send the same one again and nothing is recorded twice.'),
    borrowerId: identifier,
    accountId: identifier,
    amount: z.number().positive().max(1e15),
    dueOn: dateText,
    madeAt: instant.optional().describe('Left out, now.'),
    contactId: z.uuid().optional().describe('The contact in which it was made.'),
  })
  .meta({ id: 'PromiseRequest' })

/** A contact in the ledger. */
export const contactResponseSchema = z.object({ contactId: z.uuid() }).meta({ id: 'ContactRecorded' })

/** A promise in the ledger. */
export const promiseResponseSchema = z.object({ promiseId: z.uuid() }).meta({ id: 'PromiseRecorded' })

/** How many cases can be handled. */
export const worklistQuerySchema = z.strictObject({
  capacity: z.coerce.number().int().min(0).max(100_000).default(50).describe('Cases that can be handled.'),
  at: instant.optional().describe('Instant of the list; left out, now.'),
})

/** Whom to reach first. */
export const worklistResponseSchema = z
  .object({
    at: z.string(),
    policy: z.object({ name: z.string(), version: z.int(), hash: z.string() }),
    cases: z.array(
      z.object({
        borrowerId: z.string(),
        accountId: z.string(),
        decisionId: z.string(),
        treatment: z.enum(treatmentNames),
        signOff: z.boolean(),
        channel: channelSchema,
        warningLevel: z.string().nullable(),
        grade: z.string().nullable(),
        daysPastDue: z.int().nullable(),
        exposure: z.number(),
        expectedSaving: z.string().describe('Money to the cent.'),
        waitedDays: z.int(),
        because: z.enum(['saving', 'waiting']).describe('waiting: from the share kept for those who wait longest.'),
      }),
    ),
    notPermitted: z.int().describe('May not be contacted now.'),
    notWorthwhile: z.int().describe('Treating costs more than it saves.'),
    unserved: z.object({ cases: z.int(), expectedSaving: z.string() }),
    promises: z.object({
      open: z.int(),
      kept: z.int(),
      broken: z.int(),
      keptRate: z.number().nullable().describe('Kept among those that have come due.'),
    }),
  })
  .meta({ id: 'Worklist' })

/** The answer to whether a borrower may be contacted. */
export const permitResponseSchema = z
  .object({ policy: policyIdentitySchema, permit: permitSchema })
  .meta({ id: 'PermitResponse' })
