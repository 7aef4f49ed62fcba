/** The worklist of the book: where decisions left accounts, who may be reached now, and whom to reach first. */

import { setImmediate as breathe } from 'node:timers/promises'
import { z } from 'zod'
import { dayAt, formatDay, toDay } from '../../data/index.ts'
import {
  type CompiledPolicy,
  contactChannels,
  makeWorklist,
  type Permit,
  permitTreatment,
  stopNames,
  treatmentNames,
  type WorklistCase,
  warningLevels,
} from '../../models/index.ts'
import type { Queryable } from '../store/database.ts'
import { attemptSchema } from './circumstances.ts'
import { identityOf } from './decision-messages.ts'
import { bookDays, contactDays, contactJson } from './ledger-sql.ts'

/** Cases looked at before others get a turn. */
const atATime = 200

const casesStatement = `
  select s.borrower_id as "borrowerId", s.account_id as "accountId", s.decision_id::text as "decisionId",
    s.as_of::text as "asOf", s.treatment, s.warning_level as "warningLevel", s.pd,
    coalesce(s.days_past_due, 0) as "daysPastDue", coalesce(s.exposure, 0) as exposure,
    s.waiting_since::text as "waitingSince", s.contact, s.stops,
    exists (
      select 1 from promises p
      where p.borrower_id = s.borrower_id and p.account_id = s.account_id
        and p.made_on >= s.as_of and p.due_on + $3::int >= $4::date
    ) as promised,
    coalesce((
      select json_agg(${contactJson})
      from contacts c where c.borrower_id = s.borrower_id and c.contacted_at > now() - interval '${contactDays} days'
    ), '[]') as contacts
  from standings s
  where s.latest and s.treatment = any($1::text[])
    and s.as_of > (select max(as_of) from standings where latest) - $2::int`

const caseSchema = z.object({
  borrowerId: z.string(),
  accountId: z.string(),
  decisionId: z.string(),
  asOf: z.string(),
  treatment: z.enum(treatmentNames),
  warningLevel: z.enum(warningLevels).nullable(),
  pd: z.number().nullable(),
  daysPastDue: z.int(),
  exposure: z.number(),
  waitingSince: z.string().transform(text => toDay(text)),
  contact: z.object({
    jurisdiction: z.string().nullable(),
    timeZone: z.string().nullable(),
    consents: z.array(z.enum(contactChannels)),
    refusals: z.array(z.enum(contactChannels)),
  }),
  stops: z.array(z.enum(stopNames)),
  promised: z.boolean(),
  contacts: z.array(attemptSchema),
})

const promisesStatement = `
  select coalesce(sum((promises->>'open')::int), 0)::int as open, coalesce(sum((promises->>'kept')::int), 0)::int as kept,
    coalesce(sum((promises->>'broken')::int), 0)::int as broken
  from standings where latest`

const promisesSchema = z.tuple([z.object({ open: z.int(), kept: z.int(), broken: z.int() })])

/**
 * Makes the worklist.
 *
 * @param capacity - Cases that can be handled.
 * @param at - Instant for the permits, in milliseconds since 1970-01-01T00:00Z.
 */
export async function worklistOf(database: Queryable, policy: CompiledPolicy, capacity: number, at: number) {
  const { file } = policy
  const byPerson = treatmentNames.filter(name => file.treatments[name].by === 'person')
  const today = dayAt(at)
  const [rows, [promises]] = await Promise.all([
    database.query(casesStatement, [byPerson, bookDays, file.promises.graceDays, formatDay(today)]),
    database.query(promisesStatement).then(found => promisesSchema.parse(found)),
  ])
  const known = z.array(caseSchema).parse(rows)
  const cases: (WorklistCase & Omit<(typeof known)[number], 'contacts'> & { readonly permit: Permit })[] = []
  let promised = 0
  for (const [place, { contacts, ...one }] of known.entries()) {
    if (place % atATime === atATime - 1) await breathe()
    if (one.promised) {
      promised += 1
      continue
    }
    const attempts = contacts.map(contact => ({ ...contact, at: Date.parse(contact.at) }))
    const { accountId, stops } = one
    const permit = permitTreatment(
      policy,
      { accountId, stops, contact: { ...one.contact, at, attempts } },
      one.treatment,
    )
    if (permit === null) continue // a person's work without contact has no place among calls
    const reached = attempts.filter(attempt => attempt.accountId === accountId).map(attempt => attempt.at)
    const lastReached = dayAt(Math.max(Number.NEGATIVE_INFINITY, ...reached))
    cases.push({
      ...one,
      waitingSince: Math.max(one.waitingSince, lastReached),
      permitted: permit.permitted,
      permit,
    })
  }
  const list = makeWorklist(file, cases, capacity, today)
  const due = promises.kept + promises.broken
  return {
    policy: identityOf(policy),
    at: new Date(at).toISOString(),
    capacity,
    places: list.places.map(({ case: one, expectedSaving, waitedDays, because }) => ({
      borrowerId: one.borrowerId,
      accountId: one.accountId,
      decisionId: one.decisionId,
      asOf: one.asOf,
      treatment: one.treatment,
      warningLevel: one.warningLevel,
      pd: one.pd,
      daysPastDue: one.daysPastDue,
      exposure: one.exposure,
      expectedSaving,
      waitedDays,
      because,
      permit: one.permit,
    })),
    notPermitted: list.notPermitted,
    promised,
    notWorthwhile: list.notWorthwhile,
    unserved: list.unserved,
    promises: { ...promises, keptRate: due === 0 ? null : promises.kept / due },
  }
}
