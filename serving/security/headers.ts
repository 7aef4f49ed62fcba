/** Headers that tell browsers what the pages of this server may do: the same with every answer. */

import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { RequestHandler } from 'express'
import helmet from 'helmet'

/** Sets helmet's headers, which are asked for once: it works them out anew, one function after the other, for each answer. */
export function securityHeaders(): RequestHandler {
  const set = helmet({
    contentSecurityPolicy: {
      directives: {
        'script-src': ["'self'"],
        'style-src': ["'self'", "'unsafe-inline'"],
        'img-src': ["'self'", 'data:'],
        'upgrade-insecure-requests': null,
      },
    },
    strictTransportSecurity: false, // TLS is the proxy's, and so is this header
  })
  const example = new ServerResponse(new IncomingMessage(new Socket()))
  set(example.req, example, () => {})
  const headers = Object.entries(example.getHeaders()).map(([name, value]) => [name, String(value)] as const)
  return (_, response, next) => {
    for (const [name, value] of headers) response.setHeader(name, value)
    next()
  }
}
