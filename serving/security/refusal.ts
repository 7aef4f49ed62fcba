/** A caller who isn't let in: the problem, and the challenge that says what is missing. */

import { ProblemError, type ProblemSlug } from '../problems.ts'
import type { Scope } from './scopes.ts'

/** A refusal, and its `WWW-Authenticate` header. @see RFC 6750, section 3 */
export class RefusalError extends ProblemError {
  readonly challenge: string

  /** @param parts - Parameters of the challenge beside its realm; texts of ours, none of the caller's. */
  constructor(slug: ProblemSlug, detail: string, parts: Readonly<Record<string, string>> = {}) {
    super(slug, detail)
    this.name = 'RefusalError'
    const named = Object.entries({ realm: 'harbinger', ...parts }).map(([name, text]) => `${name}="${text}"`)
    this.challenge = `Bearer ${named.join(', ')}`
  }
}

/** There are no credentials. */
export function noCredentials(): RefusalError {
  return new RefusalError('unauthorized', 'Send Authorization: Bearer <key>, or X-Api-Key: <key>.')
}

/** The credentials let nobody in; what is wrong with them is not said. */
export function wrongCredentials(): RefusalError {
  const says = 'The key or token is unknown, wrong, revoked or expired.'
  return new RefusalError('unauthorized', says, { error: 'invalid_token', error_description: says })
}

/** There is more than one key or token, so it can't be told whose request it is. */
export function tooManyCredentials(): RefusalError {
  const says = 'Send one key or token, once.'
  return new RefusalError('bad-request', says, { error: 'invalid_request', error_description: says })
}

/** The caller is known, and may not do this. */
export function scopeMissing(scope: Scope): RefusalError {
  const says = `The key or token lacks the scope ${scope}.`
  return new RefusalError('forbidden', says, { error: 'insufficient_scope', error_description: says, scope })
}
