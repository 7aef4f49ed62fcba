/** `/metrics`: what Prometheus scrapes. */

import { type Request, type Response, Router } from 'express'
import type { Metrics } from '../metrics.ts'

/** Adds the route. */
export function metricsRoutes(metrics: Metrics): Router {
  const router = Router()
  router.get('/metrics', async (_: Request, response: Response) => {
    response.setHeader('Content-Type', metrics.contentType)
    response.send(await metrics.text())
  })
  return router
}
