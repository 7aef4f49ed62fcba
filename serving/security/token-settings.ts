/** Whose JSON Web Tokens are taken: the settings, checked against one another. */

import { z } from 'zod'
import { InputError, type InputProblem } from '../../data/index.ts'
import { isLoopbackHost } from './loopback.ts'

/** Whose tokens are taken. */
export interface TokenSettings {
  /** Where the issuer's public keys are (RFC 7517). */
  readonly keys: { readonly url: string } | { readonly file: string }
  readonly issuer: string
  readonly audience: string
}

/** Keys that came over the network in the clear could be anybody's. */
const keysUrl = z.string().refine(isSafe, 'https://…, or http://… on this machine')

/** The variables, for the table of settings. */
export const tokenVariables = {
  HARBINGER_JWKS_URL: keysUrl
    .optional()
    .describe('Where the public keys are whose JSON Web Tokens are taken: https://…/jwks.json. Left out: none are.'),
  HARBINGER_JWKS_FILE: z.string().min(1).optional().describe('The same from a file, read at the start.'),
  HARBINGER_JWT_ISSUER: z.string().min(1).optional().describe('The `iss` that tokens must have.'),
  HARBINGER_JWT_AUDIENCE: z.string().min(1).optional().describe('The `aud` that tokens must have.'),
}

type Given = z.infer<z.ZodObject<typeof tokenVariables>>

/**
 * The settings of tokens; null if none are taken.
 *
 * @throws InputError if some of the variables are set and others that they need aren't.
 */
export function readTokenSettings(given: Given): TokenSettings | null {
  const {
    HARBINGER_JWKS_URL: url,
    HARBINGER_JWKS_FILE: file,
    HARBINGER_JWT_ISSUER: issuer,
    HARBINGER_JWT_AUDIENCE: audience,
  } = given
  if (url === undefined && file === undefined && issuer === undefined && audience === undefined) return null
  const problems: InputProblem[] = []
  const missing = (field: string, why: string): void => {
    problems.push({ source: 'environment', field, expected: `a value, ${why}` })
  }
  const why = 'since tokens are taken: one of any other issuer, or for any other service, would do otherwise'
  if (issuer === undefined) missing('HARBINGER_JWT_ISSUER', why)
  if (audience === undefined) missing('HARBINGER_JWT_AUDIENCE', why)
  const keys = url !== undefined ? { url } : file !== undefined ? { file } : null
  if (keys === null) missing('HARBINGER_JWKS_URL', 'or HARBINGER_JWKS_FILE, since an issuer or audience is set')
  if (url !== undefined && file !== undefined) {
    problems.push({
      source: 'environment',
      field: 'HARBINGER_JWKS_FILE',
      found: file,
      expected: 'no second source of keys',
    })
  }
  if (problems.length > 0 || keys === null || issuer === undefined || audience === undefined) {
    throw new InputError(problems)
  }
  return { keys, issuer, audience }
}

function isSafe(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, host } = new URL(text)
  return protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(host))
}
