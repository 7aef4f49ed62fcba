/** Every policy that has decided is kept under its hash, so that its decisions can be made again. */

import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { canonicalJson, InputError } from '../../data/index.ts'
import { type Policy, readPolicy } from '../../models/index.ts'

/** Keeps a policy in a folder, once; whole or not at all. */
export function keepPolicy(folder: string, policy: Policy): void {
  const path = join(folder, `${policy.hash}.json`)
  if (existsSync(path)) return
  const writing = `${path}.${process.pid}`
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(writing, canonicalJson(policy.file))
    renameSync(writing, path)
  } catch (error) {
    throw new InputError({
      source: folder,
      found: error instanceof Error ? error.message : String(error),
      expected: 'a folder in which the policy can be kept',
      rule: 'writable-file',
    })
  }
}

/**
 * Reads a policy that has decided.
 *
 * @throws InputError if it isn't there, or isn't what its hash says.
 */
export function keptPolicy(folder: string, hash: string): Policy {
  const path = join(folder, `${hash}.json`)
  const policy = readPolicy(path)
  if (policy.hash !== hash) {
    throw new InputError({
      source: path,
      found: policy.hash,
      expected: `a policy whose hash is ${hash}`,
      rule: 'altered-policy',
    })
  }
  return policy
}
