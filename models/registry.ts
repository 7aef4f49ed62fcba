/** The registry: which versions are saved, and to which one a name such as *champion* points. */

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { InputError } from '../data/index.ts'
import { packageFolder } from './own-package.ts'
import { fileNames } from './saved-form/files.ts'
import { type Manifest, modelNameSchema } from './saved-form/manifest.ts'
import { readManifest, readModel } from './saved-form/read.ts'
import { savedVersions } from './saved-form/write.ts'

const aliasesSchema = z.record(
  modelNameSchema,
  z.strictObject({ name: modelNameSchema, version: z.int().min(1), promotedAt: z.iso.datetime() }),
)

/** Names and the versions that they point at. */
export type Aliases = z.infer<typeof aliasesSchema>

/** A saved version in the registry. */
export interface RegisteredModel {
  readonly name: string
  readonly version: number
  readonly folder: string
  readonly manifest: Manifest
  /** Names that point at it, such as `champion`. */
  readonly aliases: readonly string[]
}

/** The saved models under one folder. */
export interface Registry {
  readonly root: string
  /** All versions, by name and version. */
  list(): RegisteredModel[]
  /**
   * Finds a version.
   *
   * @param reference - An alias (`champion`), a name (its latest version) or `name/version`.
   * @throws InputError if there is none.
   */
  resolve(reference: string): RegisteredModel
  /**
   * Points an alias at a version, after verifying every file of it.
   *
   * @throws InputError if the version is missing or damaged; the alias stays as it was then.
   */
  promote(name: string, version: number, alias?: string): void
  aliases(): Aliases
}

/** The folder of the registry: `HARBINGER_MODELS`, else `models/saved` of this package. */
export function modelsFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const chosen = environment.HARBINGER_MODELS
  return chosen === undefined || chosen === '' ? join(packageFolder(), 'models', 'saved') : chosen
}

/** Opens the registry under a folder; the folder need not exist yet. */
export function openRegistry(root: string): Registry {
  const aliasFile = join(root, 'aliases.json')

  const aliases = (): Aliases => {
    if (!existsSync(aliasFile)) return {}
    try {
      return aliasesSchema.parse(JSON.parse(readFileSync(aliasFile, 'utf8')))
    } catch {
      throw new InputError({ source: aliasFile, expected: 'names and the versions that they point at' })
    }
  }

  const registered = (name: string, version: number, known: Aliases): RegisteredModel => {
    const folder = join(root, name, String(version))
    return {
      name,
      version,
      folder,
      manifest: readManifest(folder),
      aliases: Object.keys(known).filter(alias => known[alias]?.name === name && known[alias]?.version === version),
    }
  }

  return {
    root,
    aliases,
    list: () => {
      if (!existsSync(root)) return []
      const known = aliases()
      return readdirSync(root)
        .filter(name => modelNameSchema.safeParse(name).success)
        .sort()
        .flatMap(name => savedVersions(join(root, name)).map(version => registered(name, version, known)))
    },
    resolve: reference => {
      const known = aliases()
      const target = Object.hasOwn(known, reference) ? known[reference] : undefined
      if (target !== undefined) return registered(target.name, target.version, known)
      const [, name, version] = /^([a-z][a-z0-9-]*)(?:\/([1-9]\d*))?$/.exec(reference) ?? []
      const found = name === undefined ? undefined : (version ?? savedVersions(join(root, name)).at(-1))
      if (
        name === undefined ||
        found === undefined ||
        !existsSync(join(root, name, String(found), fileNames.manifest))
      ) {
        throw new InputError({
          source: root,
          field: 'model',
          found: reference,
          expected: 'an alias such as champion, a model’s name, or name/version, of a saved model',
          rule: 'model-not-found',
        })
      }
      return registered(name, Number(found), known)
    },
    promote: (name, version, alias = 'champion') => {
      if (!modelNameSchema.safeParse(alias).success) {
        throw new InputError({ source: 'alias', found: alias, expected: 'lower-case letters, digits and hyphens' })
      }
      readModel(join(root, modelNameSchema.parse(name), String(version)))
      const changed: Aliases = { ...aliases(), [alias]: { name, version, promotedAt: new Date().toISOString() } }
      mkdirSync(root, { recursive: true })
      const writing = `${aliasFile}.${process.pid}`
      writeFileSync(writing, `${JSON.stringify(changed, null, 2)}\n`, { flush: true })
      renameSync(writing, aliasFile)
    },
  }
}
