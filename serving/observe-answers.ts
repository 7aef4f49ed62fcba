/** What is told of every answer, once it has left: a line in the log, and the metrics. */

import type { RequestHandler } from 'express'
import type { Logger } from 'pino'
import type { Metrics } from './metrics.ts'
import { assignRequestId } from './request-id.ts'
import { findRoute } from './route-table.ts'
import { traceContext } from './trace-context.ts'

/**
 * Gives each request its id, and logs and counts its answer by the route's template: never a body, a query or a borrower.
 *
 * One listener for both, and no logger of each request's own, as pino-http makes it: that costs a score a twentieth.
 */
export function observeAnswers(logger: Logger, metrics: Metrics): RequestHandler {
  return (request, response, next) => {
    const began = performance.now()
    const id = assignRequestId(request, response)
    response.once('close', () => {
      const milliseconds = performance.now() - began
      const { method, headers } = request
      const { statusCode: status } = response
      const route = findRoute(request.path)
      const path = route?.path ?? 'other'
      const asked = method.toLowerCase()
      const line = {
        req: { id, method, path },
        ...traceContext(headers.traceparent),
        res: { status },
        responseTime: Math.round(milliseconds),
      }
      const says = response.writableFinished ? 'request completed' : 'request aborted'
      if (status >= 500) logger.error(line, says)
      else logger.info(line, says)
      metrics.answered(path, route?.methods.find(one => one === asked) ?? 'other', status, milliseconds / 1000)
    })
    next()
  }
}
