/** A model host with one model and an empty registry, for tests that are about something else. */

import { type Model, openRegistry } from '../../models/index.ts'
import { createModelHost, type ModelHost } from '../../serving/index.ts'

/** Hosts a model that is nowhere saved. */
export function fixedHost(model: Model): Promise<ModelHost> {
  const { manifest } = model
  return createModelHost({
    registry: {
      ...openRegistry('/nowhere'),
      resolve: () => ({ name: manifest.name, version: manifest.version, folder: '/nowhere', manifest, aliases: [] }),
    },
    reference: manifest.name,
    warmUp: () => {},
    load: async () => model,
  })
}
