/** Features for tests of what works on any feature: a real one of the catalogue under another name. */

import { catalogue, type Feature } from '../../models/index.ts'

/** A feature with this name. */
export function featureNamed(name: string, kind: Feature['kind'], more: Partial<Feature> = {}): Feature {
  const found = catalogue.find(feature => feature.kind === kind)
  if (found === undefined) throw new Error(`the catalogue has no ${kind} feature`)
  return { ...found, name, ...more }
}
