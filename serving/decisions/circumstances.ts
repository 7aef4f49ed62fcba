/** What a client may say about a borrower beside the history: where, how and whether it may be contacted. */

import { z } from 'zod'
import { dateText, identifierText } from '../../data/index.ts'
import { contactChannels, isTimeZone, stopNames, warningLevels } from '../../models/index.ts'

const instant = z.iso.datetime({ offset: true })

/** A channel by which a borrower can be contacted. */
export const channelSchema = z.enum(contactChannels)

/** A place where a borrower lives. */
const jurisdictionSchema = z.string().regex(/^[A-Z]{2}(-[A-Z0-9]{1,3})?$/, 'an ISO 3166 code, such as CN or US-CA')

/** A time zone. */
const timeZoneSchema = z.string().max(64).refine(isTimeZone, 'a time zone of the IANA data base, such as Asia/Shanghai')

/** An attempt to reach a borrower. */
export const attemptSchema = z
  .strictObject({
    accountId: identifierText,
    channel: channelSchema,
    at: instant,
    conversation: z.boolean().describe('True if it became a conversation with the borrower.'),
  })
  .meta({ id: 'ContactAttempt' })

/** A promise to pay. */
export const promiseSchema = z
  .strictObject({
    accountId: identifierText,
    madeOn: dateText,
    dueOn: dateText,
    amount: z.number().positive().max(1e15),
  })
  .meta({ id: 'PaymentPromise' })

const standing = {
  since: z.int(),
  beyond: z.string().nullable(),
  beyondScorings: z.int().min(0),
}

/** What the decision before left for the next one. */
export const stateSchema = z
  .strictObject({
    day: z.int().describe('As-of day of the decision, in days since 1970-01-01.'),
    pd: z.number().min(0).max(1).nullable(),
    grade: z.strictObject({ step: z.string(), ...standing }).nullable(),
    level: z.strictObject({ step: z.enum(warningLevels), ...standing }).nullable(),
  })
  .meta({ id: 'DecisionState' })

const contactFacts = {
  jurisdiction: jurisdictionSchema.optional().describe('Where the borrower lives; left out, as the policy says.'),
  timeZone: timeZoneSchema.optional().describe('Where the borrower is; left out: not known.'),
  consents: z.array(channelSchema).max(contactChannels.length).optional(),
  refusals: z.array(channelSchema).max(contactChannels.length).optional(),
  contacts: z
    .array(attemptSchema)
    .max(5000)
    .optional()
    .describe('Attempts so far; left out, those in the server’s own ledger.'),
} as const

/** How and when a borrower may be contacted, for a permit. */
export const contactFactsSchema = z.strictObject(contactFacts)

/** Facts of a borrower beside the history. */
export const circumstancesSchema = z
  .strictObject({
    at: instant.optional().describe('Instant for which contact is permitted; left out, now.'),
    ...contactFacts,
    stops: z
      .array(
        z.strictObject({
          stop: z.enum(stopNames),
          accountId: identifierText.optional().describe('Left out: all accounts of the borrower.'),
        }),
      )
      .max(100)
      .optional()
      .describe('The stop list.'),
    promises: z.array(promiseSchema).max(1000).optional().describe('Left out, those in the server’s own ledger.'),
    outages: z
      .array(
        z.strictObject({
          bank: z.string().min(1).max(200).nullable(),
          channel: z.string().min(1).max(200).nullable(),
          day: dateText,
          hours: z.tuple([z.int().min(0).max(23), z.int().min(0).max(23)]).nullable(),
        }),
      )
      .max(1000)
      .optional()
      .describe('Times in which debits failed for reasons that weren’t the borrowers’; null: all.'),
    previous: z
      .array(z.strictObject({ accountId: identifierText, state: stateSchema }))
      .max(200)
      .optional()
      .describe('`state` of each account’s decision before; left out, as the server remembers.'),
    advice: z.boolean().optional().describe('Also say what the borrower can do, which takes several scorings.'),
  })
  .meta({ id: 'Circumstances' })

/** Facts of a borrower beside the history. */
export type Circumstances = z.infer<typeof circumstancesSchema>
