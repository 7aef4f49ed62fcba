/** A fingerprint of what features compute, by which model, server and saved form know that they mean the same. */

import { contentHash } from '../../data/index.ts'
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
  return contentHash({ meaning, definitions })
}
