/** JSON Web Tokens of an issuer that the server trusts, checked with its public keys. */

import { readFileSync } from 'node:fs'
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose'
import { z } from 'zod'
import { InputError } from '../../data/index.ts'
import { ProblemError } from '../problems.ts'
import type { VerifyToken } from './callers.ts'
import { wrongCredentials } from './refusal.ts'
import { type Scope, scopesAmong } from './scopes.ts'
import type { TokenSettings } from './token-settings.ts'

/** Signatures by private keys only: one by a shared secret could be forged with the public key as that secret. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']

/** Clocks of issuer and server may differ by this, in seconds. */
const clockTolerance = 5

/** Longest that the issuer's keys are used without asking for them again, and the shortest between asking, in milliseconds. */
const keysAge = { mostMs: 600_000, leastMs: 30_000, afterFaultMs: 2000, timeoutMs: 5000 } as const

/** Claims that say who asks and what for. @see RFC 7519, section 4.1; RFC 8693, section 4.2 */
const claimsSchema = z.object({
  /** As OpenID Connect bounds it; what else there could be might not go into a log. */
  sub: z.string().regex(/^[\x20-\x7e]{1,255}$/),
  scope: z.string().optional(),
  /** The same by another name: Entra ID's text, Okta's list. */
  scp: z.union([z.string(), z.array(z.string())]).optional(),
})

/**
 * Makes the check.
 *
 * @param onFault - Told why the issuer's keys couldn't be had.
 * @throws InputError if the file of keys is not as expected.
 */
export function tokensOf({ keys, issuer, audience }: TokenSettings, onFault: (error: unknown) => void): VerifyToken {
  const keyOf = 'url' in keys ? remoteKeys(keys.url) : createLocalJWKSet(readKeysFile(keys.file))
  return async text => {
    let payload: JWTPayload
    try {
      const checks = { issuer, audience, algorithms, clockTolerance, requiredClaims: ['exp', 'sub'] }
      payload = (await jwtVerify(text, keyOf, checks)).payload
    } catch (error) {
      if (isTokensFault(error)) throw wrongCredentials()
      onFault(error)
      throw new ProblemError('authentication-unavailable', 'The keys of the tokens’ issuer can’t be had.')
    }
    const claims = claimsSchema.safeParse(payload)
    if (!claims.success) throw wrongCredentials()
    return { id: `jwt:${claims.data.sub}`, scopes: scopesOf(claims.data) }
  }
}

function scopesOf({ scope, scp }: z.infer<typeof claimsSchema>): ReadonlySet<Scope> {
  const given = scope ?? scp ?? []
  return scopesAmong(typeof given === 'string' ? given.split(' ') : given)
}

/** Errors that say something about the token; all others are about getting the keys. */
const tokensFaults = [
  errors.JWTExpired,
  errors.JWTClaimValidationFailed,
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
]

function isTokensFault(error: unknown): boolean {
  return tokensFaults.some(fault => error instanceof fault)
}

/** The keys behind an address; while it is out of order, not each request tries it anew. */
function remoteKeys(url: string): JWTVerifyGetKey {
  let notBefore = 0
  return createRemoteJWKSet(new URL(url), {
    cacheMaxAge: keysAge.mostMs,
    cooldownDuration: keysAge.leastMs,
    timeoutDuration: keysAge.timeoutMs,
    [customFetch]: async (address, options) => {
      if (performance.now() < notBefore) throw new Error('the issuer’s keys could not be had a moment ago')
      notBefore = performance.now() + keysAge.afterFaultMs
      const response = await fetch(address, options)
      if (response.ok) notBefore = 0
      return response
    },
  })
}

const keysFileSchema = z.object({
  keys: z
    .array(
      z
        .looseObject({ kty: z.enum(['RSA', 'EC', 'OKP']) })
        .refine(key => !('d' in key), 'a public key: this one is private'),
    )
    .min(1),
})

/** @throws InputError */
function readKeysFile(path: string): z.infer<typeof keysFileSchema> {
  try {
    return keysFileSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    const expected = error instanceof z.ZodError ? z.prettifyError(error) : 'a readable file in JSON'
    throw new InputError({ source: path, field: 'HARBINGER_JWKS_FILE', expected: `a JSON Web Key Set: ${expected}` })
  }
}
