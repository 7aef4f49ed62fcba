/** `/healthz`, `/readyz` and `/v1/models`: is it alive, is it ready, and with which model. */

import { type Request, type Response, Router } from 'express'
import type { Model, Registry } from '../../models/index.ts'
import { ProblemError } from '../problems.ts'

/** Adds the routes. */
export function healthRoutes(model: () => Model, registry: Registry, isReady: () => boolean): Router {
  const router = Router()

  router.get('/healthz', (_: Request, response: Response) => {
    response.json({ status: 'alive' })
  })

  router.get('/readyz', (_: Request, response: Response) => {
    if (!isReady()) throw new ProblemError('not-ready', 'The server is stopping.')
    const { manifest, engine } = model()
    response.json({ status: 'ready', model: `${manifest.name}/${manifest.version}`, engine })
  })

  router.get('/v1/models', (_: Request, response: Response) => {
    const { manifest } = model()
    response.json({
      models: registry.list().map(({ name, version, aliases, manifest: saved }) => ({
        name,
        version,
        aliases,
        serving: name === manifest.name && version === manifest.version,
        createdAt: saved.createdAt,
        horizonMonths: saved.label.horizonMonths,
        featureHash: saved.features.hash,
        labelHash: saved.labelHash,
      })),
    })
  })

  return router
}
