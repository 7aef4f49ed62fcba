/** The Express app: routes, and one place that turns every error into a problem document. */

import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express'
import helmet from 'helmet'
import type { Logger } from 'pino'
import { pinoHttp } from 'pino-http'
import { type RulePack, readRulePacks } from '../models/index.ts'
import type { ModelHost } from './model-host.ts'
import { ProblemError, problemDocument, problems } from './problems.ts'
import { sendProtocolError } from './protocols/errors.ts'
import { keepBody } from './raw-body.ts'
import { assignRequestId, requestIdOf } from './request-id.ts'
import { findRoute } from './route-table.ts'
import { documentationRoutes } from './routes/documentation.ts'
import { healthRoutes } from './routes/health.ts'
import { modelRoutes } from './routes/models.ts'
import { openInferenceRoutes } from './routes/open-inference.ts'
import { overdueRoutes } from './routes/overdue.ts'
import { scoreRoutes } from './routes/scores.ts'
import type { Scorer } from './scorer.ts'
import type { DecisionLog } from './store/decision-log.ts'

/** What the app works with. */
export interface AppDependencies {
  /** The models that answer. */
  readonly host: ModelHost
  readonly scorer: Scorer
  /** Every answer is in it before it leaves. */
  readonly decisionLog: DecisionLog
  /** Legal clocks to classify by; left out, those that ship. */
  readonly rulePacks?: readonly RulePack[]
  /** False while stopping. */
  readonly isReady: () => boolean
  readonly logger: Logger
  readonly bodyLimitBytes: number
  readonly batchLimit: number
}

/** Creates the app; it listens nowhere yet. */
export function createApp(dependencies: AppDependencies): Express {
  const { host, scorer, isReady, logger, bodyLimitBytes } = dependencies
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.use(
    helmet({
      contentSecurityPolicy: {
        directives: {
          'script-src': ["'self'"],
          'style-src': ["'self'", "'unsafe-inline'"],
          'img-src': ["'self'", 'data:'],
          'upgrade-insecure-requests': null,
        },
      },
      strictTransportSecurity: false, // TLS is the proxy's, and so is this header
    }),
  )
  app.use(logRequests(logger))
  app.use(requireJson)
  app.use(express.json({ limit: bodyLimitBytes, strict: false, verify: keepBody }))
  app.use(healthRoutes(host, isReady))
  app.use(scoreRoutes(scorer, dependencies.decisionLog, dependencies.batchLimit))
  app.use(overdueRoutes(scorer, dependencies.rulePacks ?? readRulePacks()))
  app.use(modelRoutes(host))
  app.use(openInferenceRoutes(host, scorer, isReady, bodyLimitBytes))
  app.use(documentationRoutes())
  app.use(nothingHere)
  app.use(answerProblem(logger))
  return app
}

/** One line per request: id, method, route, status, time; never a body, a query or a borrower. */
function logRequests(logger: Logger): RequestHandler {
  return pinoHttp({
    logger,
    genReqId: assignRequestId,
    serializers: {
      req: (request: { id: unknown; method: string; url: string }) => ({
        id: request.id,
        method: request.method,
        path: findRoute(request.url.split('?')[0] as string)?.path ?? 'other',
      }),
      res: (response: { statusCode: number }) => ({ status: response.statusCode }),
    },
    customLogLevel: (_, response, error) => (error || response.statusCode >= 500 ? 'error' : 'info'),
  })
}

/** The native API's bodies are JSON; protocols say for themselves what they take. */
const requireJson: RequestHandler = (request, _, next) => {
  const sendsBody = request.method === 'POST' && /^\/v1\/(scores|accounts|plans)/.test(request.path)
  if (sendsBody && !request.is('application/json')) {
    throw new ProblemError('unsupported-media-type', 'Send Content-Type: application/json.')
  }
  next()
}

const nothingHere: RequestHandler = (request, response) => {
  const route = findRoute(request.path)
  if (route !== undefined) {
    response.setHeader('Allow', route.methods.map(method => method.toUpperCase()).join(', '))
    throw new ProblemError('method-not-allowed', '')
  }
  throw new ProblemError('not-found', '')
}

function answerProblem(logger: Logger): ErrorRequestHandler {
  return (error: unknown, request: Request, response: Response, next) => {
    if (response.headersSent) {
      next(error)
      return
    }
    const problem = asProblem(error)
    if (problem.slug === 'internal-error') logger.error({ err: error, id: requestIdOf(response) }, 'request failed')
    if (problem.slug === 'too-busy') response.setHeader('Retry-After', '1')
    if (problem.slug === 'not-ready' || problem.slug === 'store-unavailable') response.setHeader('Retry-After', '5')
    if (sendProtocolError(findRoute(request.path)?.protocol ?? 'native', problem, response)) return
    response
      .status(problems[problem.slug].status)
      .type('application/problem+json')
      .send(JSON.stringify(problemDocument(problem, requestIdOf(response))))
  }
}

/** Body-parser's errors by type; anything unknown is a fault of ours, of which the client learns no detail. */
function asProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error
  const { type, status } = error as { readonly type?: unknown; readonly status?: unknown }
  if (type === 'entity.parse.failed') return new ProblemError('invalid-json', '')
  if (type === 'entity.too.large') return new ProblemError('body-too-large', '')
  if (type === 'encoding.unsupported' || type === 'charset.unsupported')
    return new ProblemError('unsupported-media-type', '')
  if (error instanceof URIError) return new ProblemError('bad-request', '')
  if (typeof status === 'number' && status >= 400 && status < 500) return new ProblemError('bad-request', '')
  return new ProblemError('internal-error', '')
}
