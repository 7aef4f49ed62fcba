/** `GET /v1/worklist` and `GET /v1/alerts`: whom to reach first, and what people should look at. */

import { type Request, type Response, Router } from 'express'
import { alertsQuerySchema, alertsResponseSchema, worklistQuerySchema } from '../decisions/case-messages.ts'
import type { Deciding } from '../decisions/with-decisions.ts'
import { worklistOf } from '../decisions/worklist.ts'
import type { Queryable } from '../store/database.ts'
import { instantText } from '../store/instant-sql.ts'
import { storeAnswer } from '../store/store-answer.ts'
import { parseBody } from '../validate.ts'

const readAlerts = `
  select id::text as "alertId", kind, subject as "accountId",
    ${instantText('raised_at')} as "raisedAt",
    ${instantText('resolved_at')} as "resolvedAt", detail
  from alerts a
  where ($1::boolean is null or (a.resolved_at is null) = $1::boolean) and ($2::text is null or a.kind = $2)
  order by a.raised_at desc, a.id limit $3::int`

/** Adds the routes. */
export function worklistRoutes(deciding: Deciding, database: Queryable): Router {
  const router = Router()

  router.get('/v1/worklist', async (request: Request, response: Response) => {
    const { capacity, at } = parseBody(worklistQuerySchema, request.query, () => [])
    const instant = at === undefined ? deciding.now() : Date.parse(at)
    response.json(await storeAnswer(worklistOf(database, deciding.policy(), capacity, instant)))
  })

  router.get('/v1/alerts', async (request: Request, response: Response) => {
    const { open, kind, limit } = parseBody(alertsQuerySchema, request.query, () => [])
    const parameters = [open === undefined ? null : open === 'true', kind ?? null, limit]
    const alerts = await storeAnswer(database.query(readAlerts, parameters))
    response.json(alertsResponseSchema.parse({ alerts }))
  })

  return router
}
