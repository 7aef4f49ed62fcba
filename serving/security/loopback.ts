/** Addresses that only this machine reaches. */

import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { InputError } from '../../data/index.ts'

const own = new BlockList()
own.addSubnet('127.0.0.0', 8, 'ipv4')
own.addAddress('::1', 'ipv6')

/** Whether only this machine reaches an IP address. */
export function isLoopback(address: string): boolean {
  const version = isIP(address)
  return version !== 0 && own.check(address, version === 4 ? 'ipv4' : 'ipv6')
}

/**
 * The IP address that a host means, so that what is judged is what is listened on.
 *
 * @throws InputError if it means none.
 */
export async function hostAddress(host: string): Promise<string> {
  try {
    return (await lookup(host)).address
  } catch (error) {
    throw new InputError({
      source: 'environment',
      field: 'HOST',
      found: host,
      expected: `an address to listen on (${error instanceof Error ? error.message : String(error)})`,
    })
  }
}

/** The answer for the header asked about last: nearly all requests have the same. */
let last: { readonly header: string | undefined; readonly loopback: boolean } = { header: undefined, loopback: false }

/** Whether a `Host` header names this machine as it is named from itself. */
export function isLoopbackHost(header: string | undefined): boolean {
  if (header !== last.header) last = { header, loopback: namesLoopback(header) }
  return last.loopback
}

function namesLoopback(header: string | undefined): boolean {
  const [, name] = /^(\[[0-9a-f:.]+\]|[^:]+)(?::\d+)?$/i.exec(header ?? '') ?? []
  if (name === undefined) return false
  return name.toLowerCase() === 'localhost' || isLoopback(name.replace(/^\[|\]$/g, ''))
}
