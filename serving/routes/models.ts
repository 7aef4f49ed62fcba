/** `/v1/models`: what is saved, which versions answer, and the calls that change that. */

import { type Request, type Response, Router } from 'express'
import { InputError } from '../../data/index.ts'
import { type Model, modelNameSchema, type RegisteredModel } from '../../models/index.ts'
import { type ModelHost, modelKey } from '../model-host.ts'
import { type ModelsInUse, type ModelVersion, promoteSchema } from '../model-messages.ts'
import { ProblemError } from '../problems.ts'
import { describeIssues } from '../validate.ts'

interface VersionPath {
  readonly name: string
  readonly version: string
}

interface Version {
  readonly name: string
  readonly version: number
}

/** Adds the routes. */
export function modelRoutes(host: ModelHost): Router {
  const router = Router()

  router.get('/v1/models', (_: Request, response: Response) => {
    response.json({ models: host.registry.versions().map(saved => describeVersion(host, saved)) })
  })

  router.get('/v1/models/:name/versions', (request: Request<{ name: string }>, response: Response) => {
    const versions = host.registry.versions().filter(({ name }) => name === request.params.name)
    if (versions.length === 0) throw new ProblemError('model-not-found', '')
    response.json({ models: versions.map(saved => describeVersion(host, saved)) })
  })

  router.post(
    '/v1/models/:name/versions/:version/promote',
    async (request: Request<VersionPath>, response: Response) => {
      const { name, version } = savedVersion(host, request.params)
      const options = promoteSchema.safeParse((request.body as unknown) ?? {})
      if (!options.success) {
        throw new ProblemError('invalid-request', 'The body is not as expected.', describeIssues(options.error))
      }
      await orRefuse(host.promote(name, version, options.data.otherLabel))
      response.json(inUse(host))
    },
  )

  router.post(
    '/v1/models/:name/versions/:version/rollback',
    async (request: Request<VersionPath>, response: Response) => {
      const from = modelKey(savedVersion(host, request.params))
      if (modelKey(host.champion().manifest) !== from) {
        throw new ProblemError('model-conflict', `${from} is not the champion: see /v1/models.`)
      }
      await orRefuse(host.rollBack())
      response.json(inUse(host))
    },
  )

  router.post(
    '/v1/models/:name/versions/:version/shadow',
    async (request: Request<VersionPath>, response: Response) => {
      const { name, version } = savedVersion(host, request.params)
      if (modelKey(host.champion().manifest) === modelKey({ name, version })) {
        throw new ProblemError('model-conflict', 'The champion can’t shadow itself.')
      }
      await orRefuse(host.shadow(name, version))
      response.json(inUse(host))
    },
  )

  router.delete(
    '/v1/models/:name/versions/:version/shadow',
    async (request: Request<VersionPath>, response: Response) => {
      const from = modelKey(savedVersion(host, request.params))
      const challenger = host.challenger()
      if (challenger === null || modelKey(challenger.manifest) !== from) {
        throw new ProblemError('model-conflict', `${from} is not the challenger: see /v1/models.`)
      }
      await host.stopShadowing()
      response.json(inUse(host))
    },
  )

  return router
}

function describeVersion(host: ModelHost, { name, version }: Version): ModelVersion {
  const key = modelKey({ name, version })
  const challenger = host.challenger()
  const saved = readable(host, key)
  return {
    name,
    version,
    serving: key === modelKey(host.champion().manifest),
    shadowing: challenger !== null && key === modelKey(challenger.manifest),
    damaged: saved === null,
    ...(saved === null
      ? { aliases: [] }
      : {
          aliases: [...saved.aliases],
          createdAt: saved.manifest.createdAt,
          horizonMonths: saved.manifest.label.horizonMonths,
          featureHash: saved.manifest.features.hash,
          labelHash: saved.manifest.labelHash,
        }),
  }
}

/** One damaged manifest must not hide the other versions. */
function readable(host: ModelHost, key: string): RegisteredModel | null {
  try {
    return host.registry.resolve(key)
  } catch {
    return null
  }
}

function inUse(host: ModelHost): ModelsInUse {
  const part = ({ manifest }: Model): ModelsInUse['champion'] => ({ name: manifest.name, version: manifest.version })
  const challenger = host.challenger()
  return { champion: part(host.champion()), challenger: challenger === null ? null : part(challenger) }
}

/** The saved version that a path means. @throws ProblemError `model-not-found` */
function savedVersion(host: ModelHost, path: VersionPath): Version {
  const name = modelNameSchema.safeParse(path.name)
  if (name.success && /^[1-9]\d{0,8}$/.test(path.version)) {
    const key = modelKey({ name: name.data, version: Number(path.version) })
    const saved = host.registry.versions().find(one => modelKey(one) === key)
    if (saved !== undefined) return saved
  }
  throw new ProblemError('model-not-found', '')
}

/** The registry's own words tell the admin why; they name folders of the server, but nothing of a borrower. */
async function orRefuse(change: Promise<void>): Promise<void> {
  try {
    await change
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    const rule = error.problems[0]?.rule
    const conflict = rule === 'model-pinned' || rule === 'no-earlier-version' || rule === 'registry-busy'
    const said = error.problems.map(
      ({ field, expected }) => `${field === undefined ? '' : `${field}: `}expected ${expected}`,
    )
    throw new ProblemError(conflict ? 'model-conflict' : 'model-refused', said.join('; '))
  }
}
