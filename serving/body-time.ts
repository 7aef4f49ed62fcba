/** A bound on the time that a body takes to arrive, so that slow clients don't hold connections for ever. */

import type { RequestHandler } from 'express'
import { sendProblem } from './answer-problem.ts'
import { ProblemError } from './problems.ts'

/**
 * Answers 408 and closes the connection where the whole body hasn't come in time.
 *
 * Node's own `requestTimeout` can't tell a slow body from a night's book that streams for an hour. For a stream, it is
 * the silence that is bounded: no byte either way for as long.
 *
 * @param streams - Whether a request is such a stream.
 */
export function limitBodyTime(timeoutMs: number, streams: (contentType: string) => boolean): RequestHandler {
  return (request, response, next) => {
    if (streams(request.get('content-type') ?? '')) {
      const { socket } = request
      const stop = (): void => {
        socket.destroy()
      }
      socket.setTimeout(timeoutMs, stop)
      response.once('close', () => {
        socket.setTimeout(0)
        socket.off('timeout', stop)
      })
      next()
      return
    }
    // Most bodies come with their headers: they are there before the next turn of the event loop, and need no timer.
    setImmediate(() => {
      if (request.complete || request.destroyed || response.headersSent) return
      const timer = setTimeout(() => {
        if (request.complete || response.headersSent) return
        response.setHeader('Connection', 'close')
        sendProblem(request, response, new ProblemError('request-timeout', ''))
        response.once('finish', () => request.socket.destroy())
      }, timeoutMs)
      const clear = (): void => clearTimeout(timer)
      request.once('end', clear)
      response.once('close', clear)
    })
    next()
  }
}
