/** `POST /v1/scores` and `/v1/scores/batch`: the native API. */

import { type Request, type Response, Router } from 'express'
import { ProblemError, problemDocument } from '../problems.ts'
import { requestIdOf } from '../request-id.ts'
import type { IdentifiedRequest } from '../score.ts'
import type { Scorer } from '../scorer.ts'
import { parseScoreRequest } from '../validate.ts'

/** Adds the scoring routes. */
export function scoreRoutes(scorer: Scorer, batchLimit: number): Router {
  const router = Router()

  router.post('/v1/scores', async (request: Request, response: Response) => {
    const [score] = await scorer.score([{ requestId: requestIdOf(response), request: parseScoreRequest(request.body) }])
    response.json(score)
  })

  router.post('/v1/scores/batch', async (request: Request, response: Response) => {
    const body: unknown = request.body
    if (!Array.isArray(body) || body.length === 0 || body.length > batchLimit) {
      throw new ProblemError('invalid-request', `The body is not as expected.`, [
        { pointer: '', detail: `expected an array of 1 to ${batchLimit} requests as for /v1/scores` },
      ])
    }
    response.json({ results: await scoreBatch(scorer, body, requestIdOf(response)) })
  })

  return router
}

/** Scores the good requests of a batch together; each bad one gets its own problem and harms no other. */
async function scoreBatch(scorer: Scorer, bodies: readonly unknown[], requestId: string): Promise<object[]> {
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
  const scores = await scorer.score(good)
  scores.forEach((score, index) => {
    results[(good[index] as { place: number }).place] = { score }
  })
  return results
}
