/** Which family of features each network input belongs to. */

import { type Encoding, encodedWidth } from '../encoding.ts'
import type { Feature } from '../features/index.ts'

/** Families of inputs. */
export interface InputFamilies {
  /** Names of the families that the encoding uses, in the order of their first input. */
  readonly names: readonly string[]
  /** Place of each input's family in `names`, shape `[input]`. */
  readonly groups: Uint8Array
}

/**
 * Finds the families of an encoding's inputs.
 *
 * @param features - The features encoded; may hold more.
 * @throws Error if a feature of the encoding is not among them.
 */
export function inputFamilies(encoding: Pick<Encoding, 'features'>, features: readonly Feature[]): InputFamilies {
  const familyOf = new Map(features.map(({ name, family }) => [name, family]))
  const names: string[] = []
  const groups = encoding.features.flatMap(encoded => {
    const family = familyOf.get(encoded.name)
    if (family === undefined) throw new Error(`the feature ${encoded.name} is not known`)
    if (!names.includes(family)) names.push(family)
    return new Array<number>(encodedWidth(encoded)).fill(names.indexOf(family))
  })
  return { names, groups: Uint8Array.from(groups) }
}
