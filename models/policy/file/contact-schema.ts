/** The part of a policy file that says when a borrower may be contacted: dated packs of rules, never constants. */

import { z } from 'zod'
import { dateText } from '../../../data/index.ts'
import { name, sourceName, text, whole } from './parts.ts'
import { contactChannels, contactPurposes } from './treatment-schema.ts'

/** Days of the week, Monday first (ISO 8601). */
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

const wallTime = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'a time of day from 00:00 to 24:00')
  .describe('Wall clock where the borrower is.')

const timeZone = z
  .string()
  .refine(isTimeZone, 'a time zone of the IANA data base, such as Asia/Shanghai')
  .describe('IANA time zone.')

const channels = z.array(z.enum(contactChannels)).min(1)

/** Times of day on days of the week, in the borrower's local time. */
const windowSchema = z.strictObject({
  days: z.array(z.enum(weekdays)).min(1).optional().describe('Left out, every day.'),
  from: wallTime,
  to: wallTime.describe('The window is shut from this time on.'),
})

const ruleBase = { id: name, source: sourceName, says: text }

const frequencySchema = z.strictObject({
  ...ruleBase,
  kind: z.literal('at-most'),
  channels: channels.optional().describe('Channels counted together; left out, all of the pack.'),
  attempts: whole(0, 1000).describe('Attempts at most, successful or not,'),
  days: whole(1, 366).describe('within so many consecutive local calendar days,'),
  per: z.enum(['account', 'borrower']).describe('on this account, or on all of the borrower’s.'),
})

const afterConversationSchema = z.strictObject({
  ...ruleBase,
  kind: z.literal('after-conversation'),
  channels: channels.optional(),
  days: whole(1, 366).describe('Days of silence after a conversation, whose own day is the first of them.'),
  per: z.enum(['account', 'borrower']),
})

/** Rules of one jurisdiction or of the lender's own. */
const packSchema = z
  .strictObject({
    id: name,
    version: z.string().min(1).max(64),
    jurisdiction: z.string().regex(/^([A-Z]{2}(-[A-Z0-9]{1,3})?|\*)$/, 'an ISO 3166 code, such as CN, or *'),
    source: sourceName,
    says: text,
    effectiveFrom: dateText,
    effectiveTo: dateText.nullable().optional().describe('Last day on which it applies.'),
    channels,
    purposes: z.array(z.enum(contactPurposes)).min(1).optional().describe('Left out, all.'),
    zonesWhenUnknown: z
      .array(timeZone)
      .min(1)
      .optional()
      .describe('Where the borrower may be if nobody knows: the time must be right in all of them.'),
    windows: z.array(windowSchema).min(1),
    closedOn: z.array(dateText).optional().describe('Dates without contact, such as public holidays.'),
    frequency: z.array(z.discriminatedUnion('kind', [frequencySchema, afterConversationSchema])),
    needsConsent: z.array(z.enum(contactChannels)).describe('Channels that need the borrower’s consent.'),
    thirdParties: z.enum(['never', 'allowed']).describe('May anybody but the borrower be contacted about the debt?'),
  })
  .meta({ id: 'ContactPack' })

/** Contact rules of a policy. */
export const contactSchema = z.strictObject({
  jurisdiction: z
    .string()
    .regex(/^[A-Z]{2}(-[A-Z0-9]{1,3})?$/)
    .describe('Where borrowers live unless a request says.'),
  zonesWhenUnknown: z.array(timeZone).min(1).describe('The same where no pack that applies says it.'),
  packs: z.array(packSchema).min(1).max(50).describe('Every pack that applies must allow a contact.'),
})

/** A pack of contact rules. */
export type ContactPack = z.infer<typeof packSchema>

/** A limit on how often a borrower is contacted. */
export type FrequencyRule = ContactPack['frequency'][number]

/** Is this the name of a time zone that this machine knows? */
export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return zone.length > 0 && !/^[+-]/.test(zone)
  } catch {
    return false
  }
}
