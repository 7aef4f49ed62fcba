/** `POST /v1/scores` and `/v1/scores/batch`: the native API. */

import { type Request, type Response, Router } from 'express'
import { logAnswers } from '../log-answers.ts'
import { ProblemError, problemDocument } from '../problems.ts'
import { bodyOf } from '../raw-body.ts'
import { requestIdOf } from '../request-id.ts'
import type { ScoreResponse } from '../requests.ts'
import type { IdentifiedRequest } from '../score.ts'
import type { Scorer } from '../scorer.ts'
import { sendJson } from '../send-json.ts'
import type { DecisionLog } from '../store/decision-log.ts'
import { callerOf, identified } from './identified.ts'
import { ndjson, streamScores } from './score-stream.ts'

/** Adds the scoring routes. */
export function scoreRoutes(scorer: Scorer, log: DecisionLog, batchLimit: number, lineLimitBytes: number): Router {
  const router = Router()

  router.post('/v1/scores', async (request: Request, response: Response) => {
    const asked = identified(requestIdOf(response), request.body)
    const [answer] = (await scorer.score([asked])) as [ScoreResponse]
    const answered = { asked, answer, source: bodyOf(request) }
    const [text] = await logAnswers(log, { caller: callerOf(response), route: '/v1/scores' }, [answered])
    sendJson(response, text as Buffer)
  })

  const stream = streamScores(scorer, log, lineLimitBytes)
  router.post('/v1/scores/batch', async (request: Request, response: Response, next) => {
    if (request.is(ndjson)) {
      await stream(request, response, next)
      return
    }
    const body: unknown = request.body
    if (!Array.isArray(body) || body.length === 0 || body.length > batchLimit) {
      throw new ProblemError('invalid-request', `The body is not as expected.`, [
        { pointer: '', detail: `expected an array of 1 to ${batchLimit} requests as for /v1/scores` },
      ])
    }
    const results = await scoreBatch(scorer, log, body, response)
    sendJson(response, `{"results":[${results.join(',')}]}`)
  })

  return router
}

/** Scores the good requests of a batch together; each bad one gets its own problem and harms no other. */
async function scoreBatch(
  scorer: Scorer,
  log: DecisionLog,
  bodies: readonly unknown[],
  response: Response,
): Promise<string[]> {
  const requestId = requestIdOf(response)
  const results = new Array<string>(bodies.length)
  const good: IdentifiedRequest[] = []
  const places: number[] = []
  bodies.forEach((body, place) => {
    try {
      good.push(identified(`${requestId}/${place}`, body))
      places.push(place)
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      results[place] = JSON.stringify({ problem: problemDocument(error, `${requestId}/${place}`) })
    }
  })
  const scores = await scorer.score(good)
  const answered = scores.map((answer, index) => ({ asked: good[index] as IdentifiedRequest, answer }))
  const texts = await logAnswers(log, { caller: callerOf(response), route: '/v1/scores/batch' }, answered)
  texts.forEach((text, index) => {
    results[places[index] as number] = `{"score":${text}}`
  })
  return results
}
