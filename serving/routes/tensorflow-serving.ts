/** TensorFlow Serving's REST API, which Vertex AI's containers and KServe's first protocol share. */

import { type Request, type Response, Router } from 'express'
import type { ModelHost } from '../model-host.ts'
import { ProblemError } from '../problems.ts'
import { readFeatures } from '../protocols/feature-input.ts'
import { type ModelPath, withModel } from '../protocols/find-model.ts'
import { parseMessage } from '../protocols/parse-message.ts'
import {
  pdByRow,
  predictColumns,
  predictRequestSchema,
  servableMetadata,
  servableStatus,
} from '../protocols/tensorflow-serving-codec.ts'
import type { Scorer } from '../scorer.ts'

/** Adds the routes. A colon in a path is escaped: it would name a part of it. */
export function tensorflowServingRoutes(host: ModelHost, scorer: Scorer): Router {
  const router = Router()

  router.post(servablePaths('\\:predict'), async (request: Request<ModelPath>, response: Response) => {
    if (!request.is('application/json')) {
      throw new ProblemError('unsupported-media-type', 'Send Content-Type: application/json.')
    }
    const asked = parseMessage(predictRequestSchema, request.body)
    const columns = predictColumns(asked)
    const pd = await withModel(host, request.params, async model =>
      pdByRow(await scorer.scoreFeatures(model, readFeatures(model, columns))),
    )
    response.json(asked.instances === undefined ? { outputs: pd } : { predictions: pd })
  })
  router.get(servablePaths('/metadata'), async (request: Request<ModelPath>, response: Response) => {
    response.json(await withModel(host, request.params, servableMetadata))
  })
  router.get(servablePaths(''), async (request: Request<ModelPath>, response: Response) => {
    response.json(await withModel(host, request.params, servableStatus))
  })
  return router
}

function servablePaths(rest: string): string[] {
  return ['', '/versions/:version', '/labels/:label'].map(which => `/v1/models/:name${which}${rest}`)
}
