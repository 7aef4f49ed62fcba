/** What is different between two policies: what `harbinger policy diff` prints. */

import type { PolicyFile } from './policy-schema.ts'

/** One difference. */
export interface PolicyDifference {
  /** Where, such as `table.on-time-high.treatment`; entries of lists go by their name, not their place. */
  readonly path: string
  /** Undefined: not there before. */
  readonly before?: unknown
  /** Undefined: no longer there. */
  readonly after?: unknown
}

/** Differences in the order of the files; empty if both say the same. */
export function comparePolicies(before: PolicyFile, after: PolicyFile): PolicyDifference[] {
  return differences('', before, after)
}

function differences(path: string, before: unknown, after: unknown): PolicyDifference[] {
  const [a, b] = [named(before), named(after)]
  if (a === null || b === null) {
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }]
  }
  const keys = [...new Set([...a.keys(), ...b.keys()])]
  const found = keys.flatMap(key => differences(path === '' ? key : `${path}.${key}`, a.get(key), b.get(key)))
  const order = (parts: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>): string =>
    JSON.stringify([...parts.keys()].filter(key => other.has(key)))
  if (Array.isArray(before) && order(a, b) !== order(b, a)) {
    found.push({ path: `${path} (order)`, before: [...a.keys()], after: [...b.keys()] })
  }
  return found
}

/** Parts of an object by key, of a list of named things by name; null if a value has no named parts. */
function named(value: unknown): Map<string, unknown> | null {
  if (Array.isArray(value)) {
    const parts = new Map<string, unknown>()
    for (const item of value as readonly unknown[]) {
      const name = typeof item === 'object' && item !== null ? nameOf(item) : undefined
      if (name === undefined || parts.has(name)) return null
      parts.set(name, item)
    }
    return parts
  }
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : null
}

function nameOf(item: object): string | undefined {
  for (const key of ['id', 'grade', 'level']) {
    const name: unknown = Reflect.get(item, key)
    if (typeof name !== 'string') continue
    const version: unknown = Reflect.get(item, 'version')
    return typeof version === 'string' ? `${name}@${version}` : name
  }
  return undefined
}
