/** Our own package: where it lies, and what its package.json says. */

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const packageSchema = z.looseObject({ version: z.string(), dependencies: z.record(z.string(), z.string()) })

/** The package's own folder, from source and from `dist` alike. */
export function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  return folder
}

/** Version of Harbinger, and the versions of the packages that it is pinned to. */
export function ownPackage(): z.infer<typeof packageSchema> {
  return packageSchema.parse(JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')))
}
