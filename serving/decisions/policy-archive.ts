/** Every policy and set of rule packs that has decided is kept under its hash, so that decisions can be made again. */

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { canonicalJson, contentHash, InputError } from '../../data/index.ts'
import { type Policy, parseRulePack, type RulePack, readPolicy } from '../../models/index.ts'

/** Folder of a store in which they are kept. */
export function policyFolder(store: string): string {
  return join(store, 'policies')
}

/** Keeps a policy in a folder, once; whole or not at all. @throws InputError if the folder can't be written. */
export function keepPolicy(folder: string, policy: Policy): void {
  keep(folder, `${policy.hash}.json`, policy.file)
}

/** Keeps rule packs in a folder, once; whole or not at all. @throws InputError if the folder can't be written. */
export function keepRulePacks(folder: string, packs: readonly RulePack[]): void {
  keep(folder, packsFile(contentHash(packs)), packs)
}

function packsFile(hash: string): string {
  return `rule-packs-${hash}.json`
}

function keep(folder: string, name: string, content: unknown): void {
  const path = join(folder, name)
  if (existsSync(path)) return
  const writing = `${path}.${process.pid}`
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(writing, canonicalJson(content))
    renameSync(writing, path)
  } catch (error) {
    throw new InputError({
      source: folder,
      found: error instanceof Error ? error.message : String(error),
      expected: 'a folder in which policies can be kept',
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
  mustBeUnaltered(path, hash, policy.hash, 'a policy')
  return policy
}

/**
 * Reads rule packs that have classified.
 *
 * @throws InputError if they aren't there, or aren't what their hash says.
 */
export function keptRulePacks(folder: string, hash: string): RulePack[] {
  const path = join(folder, packsFile(hash))
  let content: unknown
  try {
    content = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error)
    throw new InputError({ source: path, found, expected: 'rule packs as JSON', rule: 'rule-pack' })
  }
  const packs = z
    .array(z.unknown())
    .parse(content)
    .map(pack => parseRulePack(pack, path))
  mustBeUnaltered(path, hash, contentHash(packs), 'rule packs')
  return packs
}

function mustBeUnaltered(path: string, hash: string, found: string, what: string): void {
  if (found === hash) return
  throw new InputError({
    source: path,
    found,
    expected: `${what} whose hash is ${hash}`,
    rule: 'altered-policy',
  })
}
