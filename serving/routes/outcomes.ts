/** `POST /v1/outcomes`: what became of accounts. */

import { type Request, type Response, Router } from 'express'
import type { z } from 'zod'
import { outcomesRequestSchema } from '../outcome-messages.ts'
import type { FieldError } from '../problems.ts'
import type { Queryable } from '../store/database.ts'
import { writeOnce } from '../store/write-once.ts'
import { parseBody } from '../validate.ts'
import { callerOf } from './identified.ts'

/** A correction is another row: the last one counts. */
const insertOutcomes = `
  insert into outcomes (account_id, month, max_days_past_due, event, censored, decision_id, caller)
  select account_id, month, max_days_past_due, event, censored, decision_id, caller
  from json_to_recordset($1::json->'outcomes') as r (account_id text, month text, max_days_past_due int, event boolean,
    censored text, decision_id uuid, caller text)`

/**
 * Adds the route.
 *
 * @param now - Milliseconds since 1970-01-01T00:00Z.
 */
export function outcomeRoutes(database: Queryable, now: () => number): Router {
  const router = Router()

  router.post('/v1/outcomes', async (request: Request, response: Response) => {
    const thisMonth = new Date(now()).toISOString().slice(0, 7)
    const { outcomes } = parseBody(outcomesRequestSchema, request.body, body => contradictions(body, thisMonth))
    const caller = callerOf(response)
    const rows = outcomes.map(({ accountId, month, maxDaysPastDue, event, censored, decisionId }) => ({
      account_id: accountId,
      month,
      max_days_past_due: maxDaysPastDue,
      event,
      censored,
      decision_id: decisionId,
      caller,
    }))
    await writeOnce(database, request, response, {
      inserts: [insertOutcomes],
      rows: { outcomes: rows },
      status: 201,
      answer: { recorded: rows.length },
    })
  })

  return router
}

function contradictions({ outcomes }: z.output<typeof outcomesRequestSchema>, thisMonth: string): FieldError[] {
  const seen = new Set<string>()
  return outcomes.flatMap(({ accountId, month, maxDaysPastDue, event, censored, decisionId }, place) => {
    const at = (field: string, detail: string): FieldError => ({ pointer: `/outcomes/${place}${field}`, detail })
    const key = JSON.stringify([accountId, month, decisionId])
    const errors: FieldError[] = []
    if (seen.has(key)) errors.push(at('', 'expected each account and month once'))
    seen.add(key)
    if (month > thisMonth) errors.push(at('/month', `expected a month up to this one (${thisMonth})`))
    if (maxDaysPastDue === null && event === null && censored === null) {
      errors.push(at('', 'expected at least one of maxDaysPastDue, event and censored'))
    }
    return errors
  })
}
