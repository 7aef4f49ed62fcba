/** Keeps a JSON body's bytes beside what was parsed from them: the log holds them, unserialized once more. */

import type { IncomingMessage } from 'node:http'

const kept = Symbol('body')

/** A request whose body is kept. */
interface WithBody extends IncomingMessage {
  [kept]?: Buffer
}

/** For `express.json({ verify })`. */
export function keepBody(request: WithBody, _: unknown, body: Buffer, encoding: string): void {
  if (encoding === 'utf-8') request[kept] = body
}

/** The body's bytes, inflated; undefined if it wasn't UTF-8. */
export function bodyOf(request: WithBody): Buffer | undefined {
  return request[kept]
}
