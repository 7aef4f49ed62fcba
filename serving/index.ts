/** The whole face of `serving/`. */

export { type AppDependencies, createApp } from './app.ts'
export { type BatchingOptions, batchingScorer } from './batcher.ts'
export { type Config, configSchema, readConfig } from './config.ts'
export { emptyCaseBook } from './decisions/case-book.ts'
export { keepPolicy, keptPolicy } from './decisions/policy-archive.ts'
export { type LoggedBytes, reproduceAnswer } from './decisions/reproduce.ts'
export { type Answered, type Asking, logAnswers } from './log-answers.ts'
export { countRows, createMetrics, type Metrics } from './metrics.ts'
export {
  createModelHost,
  type HostEvent,
  type Lease,
  type ModelChoice,
  type ModelHost,
  type ModelHostOptions,
  modelKey,
} from './model-host.ts'
export { openApiDocument } from './openapi.ts'
export { classifyResponseSchema } from './overdue/classify-messages.ts'
export { whatIfResponseSchema } from './overdue/plan-messages.ts'
export { problemSchema, problems } from './problems.ts'
export { type Line, readLines } from './read-lines.ts'
export { type ScoreRequest, type ScoreResponse, scoreRequestSchema, scoreResponseSchema } from './requests.ts'
export { findRoute, type Method, type Protocol, type Requirement, type RoutePath, routes } from './route-table.ts'
export { runServer } from './run-server.ts'
export { runUntilStopped } from './run-until-stopped.ts'
export { type IdentifiedRequest, scoreBorrowers } from './score.ts'
export { directScorer, type Scorer } from './scorer.ts'
export { type Caller, type Identify, letAnybodyIn } from './security/callers.ts'
export { type Scope, scopeNames } from './security/scopes.ts'
export { createShadow, type Shadow, type ShadowSink, withShadow } from './shadow.ts'
export { type RunningServer, startServer } from './start-server.ts'
export type { Queryable } from './store/database.ts'
export {
  type DecisionLog,
  type DecisionLogOptions,
  type LoggedDecision,
  openDecisionLog,
} from './store/decision-log.ts'
export { StoreDownError } from './store/store-client.ts'
export { type TraceContext, traceContext } from './trace-context.ts'
export { parseScoreRequest } from './validate.ts'
