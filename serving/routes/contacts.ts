/** `/v1/contacts…` and `/v1/promises`: may a borrower be contacted, and the ledgers of contacts and promises. */

import { randomUUID } from 'node:crypto'
import { type Request, type Response, Router } from 'express'
import type { z } from 'zod'
import { dayAt, formatDay } from '../../data/index.ts'
import { permit, stopNames } from '../../models/index.ts'
import type { RememberedContact } from '../decisions/case-book.ts'
import { contactRequestSchema, permitRequestSchema, promiseRequestSchema } from '../decisions/case-messages.ts'
import { identityOf } from '../decisions/decision-messages.ts'
import type { Deciding } from '../decisions/with-decisions.ts'
import { ProblemError } from '../problems.ts'
import type { Queryable } from '../store/database.ts'
import { writeOnce } from '../store/write-once.ts'
import { parseBody } from '../validate.ts'
import { callerOf } from './identified.ts'

/** Clocks of two machines may differ by as much, in milliseconds. */
const clockToleranceMs = 300_000

const insertContact = `
  insert into contacts (id, borrower_id, account_id, decision_id, contacted_at, channel, treatment, result, detail,
    caller, purpose, party, conversation, permitted)
  select id, borrower_id, account_id, decision_id, contacted_at, channel, treatment, result, detail, caller, purpose,
    party, conversation, permitted
  from json_to_recordset($1::json->'contacts') as r (id uuid, borrower_id text, account_id text, decision_id uuid,
    contacted_at timestamptz, channel text, treatment text, result text, detail jsonb, caller text, purpose text,
    party text, conversation boolean, permitted boolean)`

const insertAlert = `
  insert into alerts (id, kind, subject, detail)
  select id, 'contact-not-permitted', subject, detail
  from json_to_recordset($1::json->'alerts') as r (id uuid, subject text, detail jsonb)`

const insertPromise = `
  insert into promises (id, borrower_id, account_id, contact_id, promised_at, made_on, due_on, amount, caller)
  select id, borrower_id, account_id, contact_id, promised_at, made_on, due_on, amount, caller
  from json_to_recordset($1::json->'promises') as r (id uuid, borrower_id text, account_id text, contact_id uuid,
    promised_at timestamptz, made_on date, due_on date, amount numeric, caller text)`

/** Adds the routes about contact. */
export function contactRoutes(deciding: Deciding, database: Queryable): Router {
  const router = Router()

  router.post('/v1/contacts/permit', async (request: Request, response: Response) => {
    const asked = parseBody(permitRequestSchema, request.body, () => [])
    const at = asked.at === undefined ? deciding.now() : Date.parse(asked.at)
    const contacts = asked.contacts ?? (await remembered(deciding, asked.borrowerId, at))
    response.json(permitFor(deciding, asked, at, contacts))
  })

  router.post('/v1/contacts', async (request: Request, response: Response) => {
    const latest = deciding.now() + clockToleranceMs
    const said = parseBody(contactRequestSchema, request.body, ({ at }) =>
      at !== undefined && Date.parse(at) > latest
        ? [{ pointer: '/at', detail: 'expected an instant that is not in the future' }]
        : [],
    )
    const at = said.at === undefined ? deciding.now() : Date.parse(said.at)
    const before = (await remembered(deciding, said.borrowerId, at))?.filter(one => Date.parse(one.at) <= at)
    if (before === undefined) throw new ProblemError('store-unavailable', 'The ledger of contacts doesn’t answer.')
    const answer = permitFor(deciding, said, at, before)
    const contactId = randomUUID()
    const instant = new Date(at).toISOString()
    const { permitted, rule, says } = answer.permit
    const { borrowerId, accountId, channel, purpose, party, conversation, treatment, result, decisionId } = said
    const contact = {
      id: contactId,
      borrower_id: borrowerId,
      account_id: accountId,
      decision_id: decisionId ?? null,
      contacted_at: instant,
      channel,
      treatment: treatment ?? null,
      result: result ?? null,
      detail: { rule, policy: answer.policy.hash },
      caller: callerOf(response),
      purpose,
      party,
      conversation,
      permitted,
    }
    const alert = {
      id: randomUUID(),
      subject: accountId,
      detail: { borrowerId, contactId, channel, purpose, party, at: instant, rule, says },
    }
    await writeOnce(database, request, response, {
      inserts: [insertContact, insertAlert],
      rows: { contacts: [contact], alerts: permitted ? [] : [alert] },
      status: 201,
      answer: { contactId, at: instant, ...answer },
    })
  })

  router.post('/v1/promises', async (request: Request, response: Response) => {
    const now = new Date(deciding.now()).toISOString()
    const today = formatDay(dayAt(deciding.now()))
    const said = parseBody(promiseRequestSchema, request.body, ({ madeOn = today, dueOn }) => [
      ...(madeOn > formatDay(dayAt(deciding.now()) + 1) // east of Greenwich it is tomorrow already
        ? [{ pointer: '/madeOn', detail: 'expected a date that is not in the future' }]
        : []),
      ...(dueOn < madeOn ? [{ pointer: '/dueOn', detail: `expected a date from madeOn (${madeOn}) on` }] : []),
    ])
    const promiseId = randomUUID()
    const { borrowerId, accountId, contactId, madeOn = today, dueOn, amount } = said
    const promise = {
      id: promiseId,
      borrower_id: borrowerId,
      account_id: accountId,
      contact_id: contactId ?? null,
      promised_at: now,
      made_on: madeOn,
      due_on: dueOn,
      amount,
      caller: callerOf(response),
    }
    await writeOnce(database, request, response, {
      inserts: [insertPromise],
      rows: { promises: [promise] },
      status: 201,
      answer: { promiseId, madeOn, dueOn },
    })
  })

  return router
}

function permitFor(
  deciding: Deciding,
  asked: z.output<typeof contactRequestSchema> | z.output<typeof permitRequestSchema>,
  at: number,
  contacts: readonly RememberedContact[] | null,
) {
  const policy = deciding.policy()
  return {
    policy: identityOf(policy),
    permit: permit(policy.contact, {
      accountId: asked.accountId,
      channel: asked.channel,
      purpose: asked.purpose,
      party: asked.party,
      at,
      jurisdiction: asked.jurisdiction ?? null,
      timeZone: asked.timeZone ?? null,
      consents: asked.consents ?? [],
      refusals: asked.refusals ?? [],
      attempts: contacts?.map(one => ({ ...one, at: Date.parse(one.at) })) ?? null,
      stop: stopNames.find(stop => asked.stops?.includes(stop)) ?? null,
    }),
  }
}

/** Contacts in the server's own ledger; null if it can't be read. */
async function remembered({ book }: Deciding, borrowerId: string, at: number) {
  const asOf = formatDay(dayAt(at))
  const [known] = await book.recall([{ borrowerId, accountIds: [], asOf }])
  return known?.complete === true ? known.contacts : null
}
