/** The Express app: routes, and one place that turns every error into a problem document. */

import express, { type Express, type RequestHandler } from 'express'
import type { Logger } from 'pino'
import { contentHash } from '../data/index.ts'
import {
  type CompiledPolicy,
  compilePolicy,
  defaultPolicyPath,
  type RulePack,
  readPolicy,
  readRulePacks,
} from '../models/index.ts'
import { answerErrors } from './answer-problem.ts'
import { limitBodyTime } from './body-time.ts'
import type { CaseBook } from './decisions/case-book.ts'
import { storeCaseBook } from './decisions/store-case-book.ts'
import { withDecisions } from './decisions/with-decisions.ts'
import type { Metrics } from './metrics.ts'
import type { ModelHost } from './model-host.ts'
import { nothingHere } from './nothing-here.ts'
import { observeAnswers } from './observe-answers.ts'
import { ProblemError } from './problems.ts'
import { keepBody } from './raw-body.ts'
import { findRoute } from './route-table.ts'
import { contactRoutes } from './routes/contacts.ts'
import { decisionRoutes } from './routes/decisions.ts'
import { documentationRoutes } from './routes/documentation.ts'
import { healthRoutes } from './routes/health.ts'
import { invocationRoutes } from './routes/invocations.ts'
import { metricsRoutes } from './routes/metrics.ts'
import { modelRoutes } from './routes/models.ts'
import { openInferenceRoutes } from './routes/open-inference.ts'
import { outcomeRoutes } from './routes/outcomes.ts'
import { overdueRoutes } from './routes/overdue.ts'
import { ndjson } from './routes/score-stream.ts'
import { scoreRoutes } from './routes/scores.ts'
import { tensorflowServingRoutes } from './routes/tensorflow-serving.ts'
import { worklistRoutes } from './routes/worklist.ts'
import type { Scorer } from './scorer.ts'
import type { Identify } from './security/callers.ts'
import { guard } from './security/guard.ts'
import { securityHeaders } from './security/headers.ts'
import type { RateLimit } from './security/rate-limit.ts'
import type { Queryable } from './store/database.ts'
import type { DecisionLog } from './store/decision-log.ts'
import { StoreDownError } from './store/store-client.ts'

/** What the app works with. */
export interface AppDependencies {
  /** The models that answer. */
  readonly host: ModelHost
  readonly scorer: Scorer
  /** Who is let in. */
  readonly identify: Identify
  /** How many requests each may send; left out, as many as come. */
  readonly rateLimit?: RateLimit | null
  /** Every answer is in it before it leaves. */
  readonly decisionLog: DecisionLog
  /** Legal clocks to classify by; left out, those that ship. */
  readonly rulePacks?: readonly RulePack[]
  /** The policy that decides; left out, the one that ships. */
  readonly policy?: CompiledPolicy
  /** What is remembered of borrowers; left out, what the database has. */
  readonly book?: CaseBook
  /** The clock, in milliseconds since 1970-01-01T00:00Z; left out, the machine’s. */
  readonly now?: () => number
  readonly database: Queryable
  /** False while stopping. */
  readonly isReady: () => boolean
  readonly logger: Logger
  readonly metrics: Metrics
  /** Longest time to receive a request. */
  readonly timeoutMs: number
  readonly bodyLimitBytes: number
  readonly batchLimit: number
}

/** Creates the app; it listens nowhere yet. */
export function createApp(dependencies: AppDependencies): Express {
  const { host, scorer, isReady, logger, metrics, bodyLimitBytes } = dependencies
  const packs = dependencies.rulePacks ?? readRulePacks()
  const policy = dependencies.policy ?? compilePolicy(readPolicy(defaultPolicyPath()))
  const forgot = (error: unknown): void => {
    // A database that is down is told of elsewhere, once.
    if (!(error instanceof StoreDownError)) logger.error({ err: error }, 'the store’s memory of borrowers failed')
  }
  const deciding = {
    policy: () => policy,
    packs,
    packsHash: contentHash(packs),
    book: dependencies.book ?? storeCaseBook(dependencies.database, () => policy, forgot),
    now: dependencies.now ?? Date.now,
  }
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.use(securityHeaders())
  app.use(observeAnswers(logger, metrics))
  app.use(guard(dependencies.identify, dependencies.rateLimit ?? null))
  app.use(limitBodyTime(dependencies.timeoutMs, contentType => contentType.startsWith(ndjson)))
  app.use(requireJson)
  app.use(express.json({ limit: bodyLimitBytes, strict: false, verify: keepBody }))
  // What is asked most comes first: Express tries them in turn.
  app.use(
    scoreRoutes(withDecisions(scorer, deciding), dependencies.decisionLog, dependencies.batchLimit, bodyLimitBytes),
  )
  app.use(tensorflowServingRoutes(host, scorer))
  app.use(openInferenceRoutes(host, scorer, isReady, bodyLimitBytes))
  app.use(invocationRoutes(host, scorer, isReady, bodyLimitBytes))
  app.use(healthRoutes(host, isReady))
  app.use(overdueRoutes(scorer, packs))
  app.use(contactRoutes(deciding, dependencies.database))
  app.use(worklistRoutes(deciding, dependencies.database))
  app.use(outcomeRoutes(dependencies.database, deciding.now))
  app.use(decisionRoutes(dependencies.database))
  app.use(modelRoutes(host))
  app.use(metricsRoutes(metrics))
  app.use(documentationRoutes())
  app.use(nothingHere)
  app.use(answerErrors(logger))
  return app
}

const json = ['application/json']

/** The native API's bodies are JSON; protocols say for themselves what they take. */
const requireJson: RequestHandler = (request, _, next) => {
  const path = findRoute(request.path)?.path ?? ''
  const types = path === '/v1/scores/batch' ? [...json, ndjson] : json
  if (
    request.method === 'POST' &&
    /^\/v1\/(scores|accounts|plans|contacts|promises|outcomes)/.test(path) &&
    !request.is(types)
  ) {
    throw new ProblemError('unsupported-media-type', `Send Content-Type: ${types.join(' or ')}.`)
  }
  next()
}
