/** The part of a policy file that says who is treated how. */

import { z } from 'zod'
import { amount, daysPastDueRange, each, name, probability, sourceName, text, whole } from './parts.ts'

/** What may be done, from nothing to the courts. */
export const treatmentNames = [
  'none',
  'reminder',
  'self-service',
  'education',
  'care-call',
  'instalment-plan',
  'human-collection',
  'specialist',
  'external',
  'legal',
] as const

/** Name of a treatment. */
export type TreatmentName = (typeof treatmentNames)[number]

/** Channels by which a borrower can be contacted. */
export const contactChannels = ['app', 'sms', 'email', 'call', 'letter', 'visit'] as const

/** A channel. */
export type ContactChannel = (typeof contactChannels)[number]

/** What a contact is for. */
export const contactPurposes = ['service', 'care', 'collection'] as const

/** A purpose. */
export type ContactPurpose = (typeof contactPurposes)[number]

/** Why a borrower pays late, as far as it is known. */
const causes = ['unknown', 'could-not', 'cannot', 'will-not'] as const

/** A cause. */
export type Cause = (typeof causes)[number]

/** What came of the contacts so far. */
export const responses = ['none', 'no-answer', 'reached', 'promised', 'promise-kept', 'promise-broken'] as const

/** A response. */
export type ResponseSoFar = (typeof responses)[number]

/** What stops every other treatment. */
export const stopNames = ['bereavement', 'dispute', 'opt-out', 'pause', 'hardship'] as const

/** A stop. */
export type StopName = (typeof stopNames)[number]

/** Grade of an account that has no probability. */
export const ungraded = 'ungraded'

const treatment = z.enum(treatmentNames)

const treatmentSchema = z.strictObject({
  source: sourceName,
  cost: amount.describe('Cost of treating one account once, in the policy’s currency.'),
  effect: probability.describe('Share of the expected loss that it saves.'),
  by: z.enum(['nobody', 'system', 'person']).describe('person: takes a place on the worklist.'),
  purpose: z.enum(contactPurposes).nullable().describe('What the contact is for; null: nobody is contacted.'),
  channels: z.array(z.enum(contactChannels)).describe('Channels it may use, the preferred one first.'),
  signOff: z.boolean().describe('True: nothing happens before a person has signed.'),
})

const rowSchema = z.strictObject({
  id: name,
  source: sourceName,
  daysPastDue: daysPastDueRange,
  grades: z.array(z.string()).min(1).describe(`Grades, or “${ungraded}” where the model gives no probability.`),
  levels: z.array(z.string()).min(1).optional().describe('Warning levels; left out, all.'),
  treatment,
  says: text.optional(),
})

const exceptionSchema = z.strictObject({
  id: name,
  source: sourceName,
  when: z
    .strictObject({
      daysPastDue: daysPastDueRange.optional(),
      grades: z.array(z.string()).min(1).optional(),
      levels: z.array(z.string()).min(1).optional(),
      causes: z.array(z.enum(causes)).min(1).optional(),
      responses: z.array(z.enum(responses)).min(1).optional(),
      products: z.array(z.string().min(1)).min(1).optional().describe('The segment: products of the account.'),
      reasonFamilies: z.array(z.string().min(1)).min(1).optional().describe('Families of the gravest reason.'),
      classes: z
        .record(name, z.array(z.string().min(1)).min(1))
        .optional()
        .describe('Legal clock → classes of the account by it.'),
    })
    .refine(when => Object.keys(when).length > 0, 'at least one condition'),
  treatment,
  says: text.optional(),
})

const causeSchema = z.strictObject({
  source: sourceName,
  cannot: z
    .strictObject({
      partialPayments: whole(1, 100).describe('Part payments in the last three months, at least: pays what it can.'),
      reasonFamilies: z.array(name).describe('Families of the gravest reason that speak of means, not of habit.'),
    })
    .describe('Either sign is enough.'),
  willNot: z
    .strictObject({ brokenPromises: whole(1, 100).describe('Broken promises, at least.') })
    .describe('Never by the model alone: only by what the borrower did after being reached.'),
})

/** Sections of the policy file that choose the treatment. */
export const treatmentSchemas = {
  causes: causeSchema.describe('Could not, cannot or will not pay.'),
  treatments: each(treatmentNames, treatmentSchema),
  table: z
    .array(rowSchema)
    .min(1)
    .max(500)
    .describe('Exactly one row for every number of days past due, every grade and every level.'),
  exceptions: z
    .array(exceptionSchema)
    .max(200)
    .describe('Tried in order before the table; the first whose every condition holds decides.'),
  stops: each(
    stopNames,
    z.strictObject({
      source: sourceName,
      treatment,
      contact: z.array(z.enum(contactPurposes)).describe('What the borrower may still be contacted for.'),
    }),
  ).describe('Whoever is on the stop list gets this and nothing else; of several, the first listed here.'),
}
