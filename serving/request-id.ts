/** A request's id: the client's own where it is sane, else a new one; in the header, the log and every problem. */

import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'

/** A client's id is taken over if it can't break a log line or a header. */
const sane = /^[A-Za-z0-9._-]{1,100}$/

/** The header that carries it, both ways. */
const header = 'X-Request-Id'

/** Gives a request its id, and its answer the header. */
export function assignRequestId(request: IncomingMessage, response: ServerResponse): string {
  const given = request.headers[header.toLowerCase()]
  const id = typeof given === 'string' && sane.test(given) ? given : randomUUID()
  response.setHeader(header, id)
  return id
}

/** The id that a request was given. */
export function requestIdOf(response: ServerResponse): string {
  return String(response.getHeader(header) ?? '')
}
