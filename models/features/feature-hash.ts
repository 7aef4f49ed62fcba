/** A fingerprint of what features compute, by which model, server and saved form know that they mean the same. */

import { createHash } from 'node:crypto'
import type { Feature } from './feature.ts'

/**
 * Version of the meaning that the kernels give to expressions. It goes up when a kernel's result changes, so that
 * models made before are refused.
 */
const meaning = 2

/**
 * Hash of the definitions of features, in their order: of names and expressions, because a better translation of a
 * reason changes no number.
 *
 * @returns SHA-256 of the canonical JSON, first 16 hex digits; the same whether run from source or from `dist/`, and
 * whatever the order of an object's keys.
 */
export function featureHash(features: readonly Feature[]): string {
  const definitions = features.map(({ name, of }) => ({ name, of }))
  return createHash('sha256').update(canonicalJson({ meaning, definitions })).digest('hex').slice(0, 16)
}

/** JSON with the keys of every object in ascending order. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}
