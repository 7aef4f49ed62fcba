/** Loads a data scientist's own features from a file outside the package. */

import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createJiti } from 'jiti'
import { z } from 'zod'
import { InputError } from '../data/index.ts'
import { catalogue, type Feature, parseFeatures } from '../models/index.ts'

/** The words that features are written in lie beside this file's room, as JavaScript when built. */
const words = new URL(`../models/features/index.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url)

const moduleSchema = z.looseObject({ features: z.unknown() })

/**
 * The catalogue and, after it, the features of a file.
 *
 * @param file - A TypeScript or JavaScript module that exports `features` and imports the words to write them in from
 * `harbinger/features`; or JSON, an array. Its code is run: only load files that you trust.
 * @throws InputError if there is no such file, it can't be loaded, a definition is wrong, or a name is the catalogue's.
 */
export async function loadFeatures(file: string): Promise<readonly Feature[]> {
  const path = resolve(file)
  if (!existsSync(path)) throw new InputError({ source: file, expected: 'a file of features', rule: 'missing-file' })
  const own = parseFeatures(await read(file, path), file)
  const known = new Set(catalogue.map(({ name }) => name))
  const taken = own.filter(({ name }) => known.has(name))
  if (taken.length > 0) {
    throw new InputError(
      taken.map(({ name }) => ({
        source: file,
        field: 'name',
        found: name,
        expected: 'a name that the catalogue doesn’t have',
        rule: 'feature-name-twice',
      })),
    )
  }
  return [...catalogue, ...own]
}

async function read(file: string, path: string): Promise<unknown> {
  const jiti = createJiti(import.meta.url, {
    alias: { 'harbinger/features': fileURLToPath(words) },
    fsCache: false,
    moduleCache: false,
  })
  let loaded: unknown
  try {
    loaded = await jiti.import(path)
  } catch (error) {
    throw new InputError({
      source: file,
      found: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error),
      expected: 'a module that can be loaded',
      rule: 'feature-file',
    })
  }
  const json = z
    .array(z.unknown())
    .safeParse(z.looseObject({ default: z.unknown() }).safeParse(loaded).data?.default ?? loaded)
  if (json.success) return json.data
  const module = moduleSchema.safeParse(loaded)
  if (module.success && module.data.features !== undefined) return module.data.features
  throw new InputError({ source: file, expected: 'an export named features', rule: 'feature-file' })
}
