/** Keeps a JSON body's bytes beside what was parsed from them: the log holds them, unserialized once more. */

import type { IncomingMessage } from 'node:http'

const bodies = new WeakMap<IncomingMessage, Buffer>()

/** For `express.json({ verify })`. */
export function keepBody(request: IncomingMessage, _: unknown, body: Buffer, encoding: string): void {
  if (encoding === 'utf-8') bodies.set(request, body)
}

/** The body's bytes, inflated; undefined if it wasn't UTF-8. */
export function bodyOf(request: IncomingMessage): Buffer | undefined {
  return bodies.get(request)
}
