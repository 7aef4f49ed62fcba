/** What a caller shows: the key or token in a request’s headers. */

import type { IncomingMessage } from 'node:http'
import { tooManyCredentials } from './refusal.ts'

/** A key or token, as it came. */
export interface Credentials {
  /** Header that it came in. */
  readonly from: 'authorization' | 'x-api-key'
  readonly text: string
}

/** Longest key or token, in characters. */
const lengthAtMost = 8192

/** @see RFC 6750, section 2.1 */
const bearer = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i

/**
 * Reads the credentials of a request: `Authorization: Bearer …` or `X-Api-Key: …`.
 *
 * `Authorization` of another kind belongs to somebody on the way, such as a proxy.
 *
 * @returns Null if there are none. A text that can be no key or token comes back as an empty one.
 * @throws RefusalError if there is more than one.
 */
export function readCredentials(request: IncomingMessage): Credentials | null {
  // Of a header sent twice, `headers` would keep the first or join both.
  const { authorization = [], 'x-api-key': keys = [] } = request.headersDistinct
  const found: Credentials[] = []
  for (const value of authorization) {
    if (!/^bearer\b/i.test(value)) continue
    found.push({ from: 'authorization', text: bounded(bearer.exec(value)?.[1] ?? '') })
  }
  for (const value of keys) found.push({ from: 'x-api-key', text: bounded(value) })
  if (found.length > 1) throw tooManyCredentials()
  return found[0] ?? null
}

function bounded(text: string): string {
  return text.length > lengthAtMost ? '' : text
}
