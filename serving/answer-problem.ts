/** The one place that turns every error into the answer of its route: a problem document, or a protocol's own form. */

import type { ErrorRequestHandler, Request, Response } from 'express'
import type { Logger } from 'pino'
import { ProblemError, type ProblemSlug, problemDocument, problems } from './problems.ts'
import { sendProtocolError } from './protocols/errors.ts'
import { requestIdOf } from './request-id.ts'
import { findRoute } from './route-table.ts'
import { RefusalError } from './security/refusal.ts'

/** Seconds after which a client may try again. */
const retryAfter: Readonly<Partial<Record<ProblemSlug, string>>> = {
  'not-ready': '5',
  'store-unavailable': '5',
  'authentication-unavailable': '5',
  'too-busy': '1',
}

/** Answers whatever a handler throws; a fault of ours is logged, and the client learns no detail of it. */
export function answerErrors(logger: Logger): ErrorRequestHandler {
  return (error: unknown, request: Request, response: Response, next) => {
    if (response.headersSent) {
      next(error)
      return
    }
    const problem = asProblem(error)
    if (problem.slug === 'internal-error') logger.error({ err: error, id: requestIdOf(response) }, 'request failed')
    sendProblem(request, response, problem)
  }
}

/** Sends a problem in the words of the request's route. */
export function sendProblem(request: Request, response: Response, problem: ProblemError): void {
  const later = retryAfter[problem.slug]
  if (later !== undefined) response.setHeader('Retry-After', later)
  if (problem instanceof RefusalError) response.setHeader('WWW-Authenticate', problem.challenge)
  if (sendProtocolError(findRoute(request.path)?.protocol ?? 'native', problem, response)) return
  response
    .status(problems[problem.slug].status)
    .type('application/problem+json')
    .send(JSON.stringify(problemDocument(problem, requestIdOf(response))))
}

/** Body-parser's errors by type; anything unknown is a fault of ours. */
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
