/** Reads rule packs: those that ship, or a lender's own. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { InputError } from '../../data/index.ts'
import { packageFolder } from '../own-package.ts'
import { type ProductKind, type RulePack, rulePackSchema } from './rule-pack.ts'

/** Folder of the packs that ship. */
function shippedFolder(): string {
  return join(packageFolder(), 'models', 'overdue', 'packs')
}

/**
 * Reads and checks one pack.
 *
 * @param source - Named in what is complained of, such as a path.
 * @throws InputError naming source, field, and what was expected there.
 */
export function parseRulePack(content: unknown, source: string): RulePack {
  const parsed = rulePackSchema.safeParse(content)
  if (parsed.success) return parsed.data
  throw new InputError(
    parsed.error.issues.map(issue => ({
      source,
      field: issue.path.join('.') || 'the whole',
      expected: issue.message.replace(/^Invalid input: expected /, ''),
      rule: 'rule-pack',
    })),
  )
}

/**
 * Reads every pack of a folder (`*.json`), by file name.
 *
 * @param folder - Left out, the packs that ship.
 * @throws InputError if the folder or a file can't be read, a file is no pack, or two packs have the same id and version.
 */
export function readRulePacks(folder: string = shippedFolder()): RulePack[] {
  const packs = filesOf(folder).map(file => {
    const path = join(folder, file)
    return parseRulePack(readJson(path), path)
  })
  const seen = new Set<string>()
  for (const { id, version } of packs) {
    const key = `${id} version ${version}`
    if (seen.has(key))
      throw new InputError({ source: folder, found: key, expected: 'each pack once', rule: 'rule-pack' })
    seen.add(key)
  }
  return packs
}

/**
 * The packs in force for a product on a day: of each id the one that took effect last.
 *
 * @param onDate - `YYYY-MM-DD`.
 */
export function packsInForce(packs: readonly RulePack[], product: ProductKind, onDate: string): RulePack[] {
  const latest = new Map<string, RulePack>()
  for (const pack of packs) {
    const inForce = pack.effectiveFrom <= onDate && onDate <= (pack.effectiveTo ?? '9999-12-31')
    if (!inForce || !pack.products.includes(product)) continue
    const other = latest.get(pack.id)
    if (other === undefined || isLater(pack, other)) latest.set(pack.id, pack)
  }
  return [...latest.values()]
}

function isLater(pack: RulePack, other: RulePack): boolean {
  return pack.effectiveFrom === other.effectiveFrom
    ? pack.version > other.version
    : pack.effectiveFrom > other.effectiveFrom
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter(file => file.endsWith('.json'))
      .sort()
  } catch (error) {
    throw unreadable(folder, error, 'a folder of rule packs')
  }
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw unreadable(path, error, 'a rule pack as JSON')
  }
}

function unreadable(source: string, error: unknown, expected: string): InputError {
  const found = error instanceof Error ? error.message : String(error)
  return new InputError({ source, found, expected, rule: 'rule-pack' })
}
