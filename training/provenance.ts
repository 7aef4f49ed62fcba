/** Who made a model, when, with what: the part of the manifest that doesn't come from data. */

import { userInfo } from 'node:os'
import { ownPackage } from '../models/index.ts'

/** Packages whose version can change a model. */
const packagesThatMatter = ['@tensorflow/tfjs', '@tensorflow/tfjs-backend-wasm', '@duckdb/node-api'] as const

/** Who made a model, when, with what. */
export interface Provenance {
  readonly createdAt: string
  readonly createdBy: string
  readonly harbinger: string
  readonly command: string
  readonly packages: Record<string, string>
}

/** The provenance of a model made now, by this program. */
export function provenance(command: string): Provenance {
  const { version, dependencies } = ownPackage()
  return {
    createdAt: new Date().toISOString(),
    createdBy: userName(),
    harbinger: version,
    command,
    packages: {
      node: process.versions.node,
      ...Object.fromEntries(packagesThatMatter.map(name => [name, dependencies[name] ?? 'unknown'])),
    },
  }
}

/** The system knows no name for a user id without an entry, as in many containers. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return 'unknown'
  }
}
