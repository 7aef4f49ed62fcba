/** Whom a server lets in, as its settings say; nobody without credentials from beyond this machine. */

import { InputError } from '../../data/index.ts'
import { isLoopback } from './loopback.ts'

/** `required`: only with a key or token. `none`: anybody. `auto`: anybody on this machine until a key is made or tokens are taken. */
export const accessModes = ['auto', 'required', 'none'] as const

/** What decides about access. */
export interface AccessSettings {
  readonly mode: (typeof accessModes)[number]
  /** IP address that the server listens on. */
  readonly address: string
  /** Whether tokens are taken. */
  readonly tokens: boolean
}

/** Whom a server lets in: who has a key or token, anybody, or anybody on this machine until a key is made. */
export type Access = 'holders' | 'anybody' | 'machine-until-keys'

/** What is unsafe about it, for the log. */
export const accessWarnings: Readonly<Record<Access, string | null>> = {
  holders: null,
  anybody: 'no authentication: any program on this machine may do anything',
  'machine-until-keys': 'no authentication on this machine until a key is made: harbinger-server keys create',
}

/**
 * Chooses whom to let in.
 *
 * @throws InputError if anybody would be let in from beyond this machine.
 */
export function chooseAccess({ mode, address, tokens }: AccessSettings): Access {
  const onlyHere = isLoopback(address)
  if (mode === 'none' && !onlyHere) {
    throw new InputError({
      source: 'environment',
      field: 'HARBINGER_AUTH',
      found: mode,
      expected: `auto or required where HOST (${address}) is reached by other machines: none is for loopback only`,
      rule: 'open-to-others',
    })
  }
  if (mode === 'none') return 'anybody'
  return mode === 'required' || !onlyHere || tokens ? 'holders' : 'machine-until-keys'
}
