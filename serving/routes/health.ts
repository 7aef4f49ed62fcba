/** `/healthz` and `/readyz`: is it alive, is it ready, and with which model. */

import { type Request, type Response, Router } from 'express'
import { type ModelHost, modelKey } from '../model-host.ts'
import { ProblemError } from '../problems.ts'

/** Adds the routes. */
export function healthRoutes(host: ModelHost, isReady: () => boolean): Router {
  const router = Router()

  router.get('/healthz', (_: Request, response: Response) => {
    response.json({ status: 'alive' })
  })

  router.get('/readyz', (_: Request, response: Response) => {
    if (!isReady()) throw new ProblemError('not-ready', 'The server is stopping, or can log no decision.')
    const { manifest, engine } = host.champion()
    response.json({ status: 'ready', model: modelKey(manifest), engine })
  })

  return router
}
