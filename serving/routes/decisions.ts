/** `GET /v1/decisions/{id}`: what was decided, why, by which model, and what became of it. */

import { type Request, type Response, Router } from 'express'
import { z } from 'zod'
import { censoringReasons } from '../outcome-messages.ts'
import { ProblemError } from '../problems.ts'
import type { Queryable } from '../store/database.ts'
import { decisionColumns, readDecision } from '../store/decision-rows.ts'
import { storeAnswer } from '../store/store-answer.ts'

/** A decision as the log has it. */
export const decisionSchema = z
  .object({
    decisionId: z.uuid(),
    seq: z.int().describe('Its number in the chain.'),
    previousHash: z.string(),
    hash: z.string().describe('SHA-256 over `previousHash`, a newline and the decision as canonical JSON.'),
    decidedAt: z.iso.datetime(),
    caller: z
      .string()
      .nullable()
      .describe('Who asked: id of the key, or jwt: and the subject of the token; null if nobody needed one.'),
    requestId: z.string(),
    route: z.string(),
    model: z.object({
      name: z.string(),
      version: z.int(),
      manifestHash: z.string(),
      featureHash: z.string(),
      labelHash: z.string(),
    }),
    policyHash: z.string().nullable(),
    asOf: z.string().nullable(),
    scoredMonth: z.string().nullable(),
    borrowerId: z.string().nullable(),
    request: z
      .unknown()
      .describe('What was asked: scoring it again with this model gives the same answer to the byte.'),
    answer: z.unknown().describe('What was answered.'),
    shadowScores: z
      .array(
        z.object({
          model: z.object({ name: z.string(), version: z.int() }),
          accounts: z.array(
            z.object({ accountId: z.string(), population: z.string(), pd: z.array(z.number()).nullable() }),
          ),
        }),
      )
      .describe('What challengers would have said.'),
    outcomes: z
      .array(
        z.object({
          accountId: z.string(),
          month: z.string(),
          maxDaysPastDue: z.int().nullable(),
          event: z.boolean().nullable(),
          censored: z.enum(censoringReasons).nullable(),
        }),
      )
      .describe('What became of the accounts after the scored month, as far as it was posted.'),
  })
  .meta({ id: 'LoggedDecision' })

const shadowRows = z.array(
  z.object({
    model_name: z.string(),
    model_version: z.int(),
    accounts: decisionSchema.shape.shadowScores.element.shape.accounts,
  }),
)

/** Adds the route. */
export function decisionRoutes(database: Queryable): Router {
  const router = Router()

  router.get('/v1/decisions/:id', async (request: Request, response: Response) => {
    const id = z.uuid().safeParse(request.params.id)
    if (!id.success) throw new ProblemError('decision-not-found', 'The id of a decision is a UUID.')
    const [row] = await storeAnswer(
      database.query(`select ${decisionColumns} from decisions d where d.id = $1::uuid`, [id.data]),
    )
    if (row === undefined) throw new ProblemError('decision-not-found', '')
    const { seq, previousHash, hash, decision, payload } = readDecision(row)
    const {
      id: decisionId,
      manifestHash,
      featureHash,
      labelHash,
      requestHash: _r,
      answerHash: _a,
      accounts,
      ...rest
    } = decision
    const { request: asked, answer } = await payload()
    const ids = accounts.flatMap(({ accountId }) => (accountId === null ? [] : [accountId]))
    const [shadows, outcomes] = await storeAnswer(
      Promise.all([
        database.query('select model_name, model_version, accounts from shadow_scores where decision_id = $1::uuid', [
          decisionId,
        ]),
        database.query(
          `select distinct on (account_id, month) account_id as "accountId", month,
             max_days_past_due as "maxDaysPastDue", event, censored
           from outcomes
           where account_id = any($1::text[]) and month > $2 and (decision_id is null or decision_id = $3::uuid)
           order by account_id, month, outcomes.id desc`,
          [ids, decision.scoredMonth ?? '', decisionId],
        ),
      ]),
    )
    response.json({
      decisionId,
      seq,
      previousHash,
      hash,
      ...rest,
      model: { ...rest.model, manifestHash, featureHash, labelHash },
      request: JSON.parse(asked.toString()),
      answer: JSON.parse(answer.toString()),
      shadowScores: shadowRows.parse(shadows).map(({ model_name: name, model_version: version, accounts: scored }) => ({
        model: { name, version },
        accounts: scored,
      })),
      outcomes,
    })
  })

  return router
}
