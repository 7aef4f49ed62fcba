/** `POST /v1/accounts/classify` and `POST /v1/plans/what-if`: where accounts stand by law, and what a plan would change. */

import { type Request, type Response, Router } from 'express'
import type { RulePack } from '../../models/index.ts'
import { classifyAll, parseClassifyRequest } from '../overdue/classify.ts'
import { answerWhatIf, parseWhatIfRequest } from '../overdue/plan-what-if.ts'
import { requestIdOf } from '../request-id.ts'
import type { Scorer } from '../scorer.ts'

/** Adds the routes. */
export function overdueRoutes(scorer: Scorer, packs: readonly RulePack[]): Router {
  const router = Router()

  router.post('/v1/accounts/classify', (request: Request, response: Response) => {
    response.json(classifyAll(parseClassifyRequest(request.body), packs))
  })

  router.post('/v1/plans/what-if', async (request: Request, response: Response) => {
    response.json(await answerWhatIf(parseWhatIfRequest(request.body), packs, scorer, requestIdOf(response)))
  })

  return router
}
