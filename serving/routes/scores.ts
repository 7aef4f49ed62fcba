/** `POST /v1/scores` and `/v1/scores/batch`: the native API. */

import { type Request, type Response, Router } from 'express'
import type { Model } from '../../models/index.ts'
import { ProblemError, problemDocument } from '../problems.ts'
import { requestIdOf } from '../request-id.ts'
import { type IdentifiedRequest, scoreBorrowers } from '../score.ts'
import { parseScoreRequest } from '../validate.ts'

/** Adds the scoring routes. */
export function scoreRoutes(model: () => Model, batchLimit: number): Router {
  const router = Router()

  router.post('/v1/scores', (request: Request, response: Response) => {
    const [score] = scoreBorrowers(model(), [
      { requestId: requestIdOf(response), request: parseScoreRequest(request.body) },
    ])
    response.json(score)
  })

  router.post('/v1/scores/batch', (request: Request, response: Response) => {
    const body: unknown = request.body
    if (!Array.isArray(body) || body.length === 0 || body.length > batchLimit) {
      throw new ProblemError('invalid-request', `The body is not as expected.`, [
        { pointer: '', detail: `expected an array of 1 to ${batchLimit} requests as for /v1/scores` },
      ])
    }
    response.json({ results: scoreBatch(model(), body, requestIdOf(response)) })
  })

  return router
}

/** Scores the good requests of a batch together; each bad one gets its own problem and harms no other. */
function scoreBatch(model: Model, bodies: readonly unknown[], requestId: string): object[] {
  const results = new Array<object>(bodies.length)
  const good: (IdentifiedRequest & { place: number })[] = []
  bodies.forEach((body, place) => {
    try {
      good.push({ place, requestId: `${requestId}/${place}`, request: parseScoreRequest(body) })
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      results[place] = { problem: problemDocument(error, `${requestId}/${place}`) }
    }
  })
  scoreBorrowers(model, good).forEach((score, index) => {
    results[(good[index] as { place: number }).place] = { score }
  })
  return results
}
