/** `/invocations` and `/ping`: what MLflow's scoring server answers, and what SageMaker asks of a container. */

import express, { type Request, type Response, Router } from 'express'
import { ownPackage } from '../../models/index.ts'
import type { ModelHost } from '../model-host.ts'
import { ProblemError } from '../problems.ts'
import { type GivenColumns, readFeatures } from '../protocols/feature-input.ts'
import { withModel } from '../protocols/find-model.ts'
import { csvColumns, invocationColumns } from '../protocols/invocations-codec.ts'
import { pdByRow } from '../protocols/tensorflow-serving-codec.ts'
import type { Scorer } from '../scorer.ts'
import { sendJson } from '../send-json.ts'

/** Adds the routes. */
export function invocationRoutes(
  host: ModelHost,
  scorer: Scorer,
  isReady: () => boolean,
  bodyLimitBytes: number,
): Router {
  const router = Router()
  const csv = express.text({ type: 'text/csv', limit: bodyLimitBytes })

  router.post(
    ['/invocations', '/endpoints/:name/invocations'],
    csv,
    async (request: Request<{ name?: string }>, response: Response) => {
      const columns = readColumns(request)
      const predictions = await withModel(host, request.params, async model =>
        pdByRow(await scorer.scoreFeatures(model, readFeatures(model, columns))),
      )
      sendJson(response, JSON.stringify({ predictions }))
    },
  )
  router.get(['/ping', '/health'], (_: Request, response: Response) => {
    response.status(isReady() ? 200 : 503).json({ status: isReady() ? 'ready' : 'not ready' })
  })
  router.get('/version', (_: Request, response: Response) => {
    response.json({ version: ownPackage().version })
  })
  return router
}

function readColumns(request: Request<{ name?: string }>): GivenColumns {
  if (request.is('application/json')) return invocationColumns(request.body)
  if (request.is('text/csv')) return csvColumns(typeof request.body === 'string' ? request.body : '')
  throw new ProblemError('unsupported-media-type', 'Send Content-Type: application/json or text/csv.')
}
