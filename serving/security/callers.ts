/** Who asks, and how that is found out. */

import type { IncomingMessage } from 'node:http'
import { ProblemError } from '../problems.ts'
import type { Access } from './access.ts'
import { isSecret, parseApiKey } from './api-key.ts'
import { readCredentials } from './credentials.ts'
import type { KeysNow, KnownKeys } from './known-keys.ts'
import { isLoopbackHost } from './loopback.ts'
import { noCredentials, wrongCredentials } from './refusal.ts'
import { type Scope, scopeNames } from './scopes.ts'

/** Who asks. */
export interface Caller {
  /** Id of the key, or `jwt:` and the token’s subject; null if nobody needs one. */
  readonly id: string | null
  readonly scopes: ReadonlySet<Scope>
}

/**
 * Finds out who asks, from the head of a request.
 *
 * @throws ProblemError `unauthorized` if the caller isn't let in, `authentication-unavailable` if that can't be told now.
 */
export type Identify = (request: IncomingMessage) => Promise<Caller>

/**
 * Checks a token.
 *
 * @throws ProblemError `unauthorized` if it lets nobody in, `authentication-unavailable` if its issuer's keys can't be
 *   had.
 */
export type VerifyToken = (text: string) => Promise<Caller>

const anybody: Caller = { id: null, scopes: new Set(scopeNames) }

/** Lets everybody do everything, but no page of another site that a browser of theirs has open. */
export const letAnybodyIn: Identify = async request => {
  refuseOtherSites(request)
  return anybody
}

/** Lets in whom a server’s settings let in. */
export function letIn(access: Access, known: KnownKeys, tokens: VerifyToken | null = null): Identify {
  const ways: Readonly<Record<Access, () => Identify>> = {
    anybody: () => letAnybodyIn,
    holders: () => letHoldersIn(known, tokens),
    'machine-until-keys': () => letMachineInUntilKeys(known),
  }
  return ways[access]()
}

/** Lets in who has a key or, where tokens are taken, a token. */
function letHoldersIn(known: KnownKeys, tokens: VerifyToken | null = null): Identify {
  return async request => {
    const credentials = readCredentials(request)
    if (credentials === null) throw noCredentials()
    const { from, text } = credentials
    if (tokens !== null && from === 'authorization' && isToken(text)) return tokens(text)
    const key = parseApiKey(text)
    if (key === undefined) throw wrongCredentials()
    const now = await known.current()
    const found = now?.keys.get(key.id)
    if (found === undefined) {
      if (now === null || !now.fresh) throw cannotTell() // it may have been made since
      throw wrongCredentials()
    }
    const valid = isSecret(key.secret, found.hash) && !found.revoked
    if (!valid || (found.expiresAt !== null && found.expiresAt <= Date.now())) throw wrongCredentials()
    return { id: found.id, scopes: found.scopes }
  }
}

/** Three parts in base64url: a signed token has no fewer and no empty ones. @see RFC 7515, section 3.1 */
function isToken(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text)
}

/**
 * Lets anybody on this machine in until a key is made; from then on, who has one, even if all are revoked.
 *
 * A request must name this machine as its host: one that a proxy forwards from elsewhere, or a page that has bent its
 * own name to this address, doesn't.
 */
function letMachineInUntilKeys(known: KnownKeys): Identify {
  const withKey = letHoldersIn(known)
  return async request => {
    const now = await known.current()
    if (now === null) throw cannotTell()
    if (hasKeys(now)) return withKey(request)
    if (!isLoopbackHost(request.headers.host)) {
      throw new ProblemError(
        'forbidden',
        'Without keys only this machine is served, under its own name. Make a key: harbinger-server keys create.',
      )
    }
    return letAnybodyIn(request)
  }
}

function hasKeys({ keys }: KeysNow): boolean {
  return keys.size > 0
}

function cannotTell(): ProblemError {
  return new ProblemError('authentication-unavailable', 'The store that knows the keys doesn’t answer.')
}

/** A browser would send a page's request for it, without asking its user. It says so, though, and no page can forge it. */
function refuseOtherSites({ headers }: IncomingMessage): void {
  const site = headers['sec-fetch-site']
  const { origin, host } = headers
  const foreign =
    site === undefined
      ? origin !== undefined && origin.replace(/^https?:\/\//, '') !== host
      : !ownSites.has(String(site))
  if (foreign) throw new ProblemError('forbidden', 'Pages of other sites are not answered.')
}

/** A page of this server, or its user. @see https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header */
const ownSites: ReadonlySet<string> = new Set(['same-origin', 'none'])
