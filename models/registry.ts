/** The registry: which versions are saved, and to which one a name such as *champion* points. */

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lockSync } from 'proper-lockfile'
import { z } from 'zod'
import { InputError } from '../data/index.ts'
import { packageFolder } from './own-package.ts'
import { fileNames } from './saved-form/files.ts'
import { type Manifest, modelNameSchema } from './saved-form/manifest.ts'
import { readManifest, readModel } from './saved-form/read.ts'
import { savedVersions } from './saved-form/write.ts'

const targetSchema = z.strictObject({ name: modelNameSchema, version: z.int().min(1), promotedAt: z.iso.datetime() })

const aliasesSchema = z.record(
  modelNameSchema,
  targetSchema.extend({
    /** Versions that it pointed at before, latest last: where a roll back leads. */
    before: z.array(targetSchema).optional(),
  }),
)

/** How many earlier versions of an alias are remembered. */
const rememberedAtMost = 20

/** A lock on the aliases that is older than this was left by a program that died, in milliseconds. */
const staleLockMs = 10_000

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
  /** All versions, by name and version. @throws InputError if a manifest among them is damaged. */
  list(): RegisteredModel[]
  /** Names and numbers of all versions, in the same order, without reading them. */
  versions(): { readonly name: string; readonly version: number }[]
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
  /**
   * Points an alias back at the version before, after verifying every file of that.
   *
   * @throws InputError if there is none, or it is missing or damaged; the alias stays as it was then.
   */
  rollBack(alias?: string): void
  /** Takes an alias away; its versions stay. Nothing happens if there is no such alias. */
  withdraw(alias: string): void
  aliases(): Aliases
  /** Changes whenever an alias does; cheap enough to ask every second. */
  revision(): string
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

  const verify = (name: string, version: number): void => {
    readModel(join(root, name, String(version)))
  }

  const versions = (): { name: string; version: number }[] => {
    if (!existsSync(root)) return []
    return readdirSync(root)
      .filter(name => modelNameSchema.safeParse(name).success)
      .sort()
      .flatMap(name => savedVersions(join(root, name)).map(version => ({ name, version })))
  }

  /** Reads, changes and replaces the aliases while no other program does. */
  const change = (changed: (known: Aliases) => Aliases): void => {
    mkdirSync(root, { recursive: true })
    let release: () => void
    try {
      release = lockSync(root, { lockfilePath: join(root, '.aliases.lock'), stale: staleLockMs })
    } catch {
      throw beingChanged(root)
    }
    const writing = `${aliasFile}.${process.pid}`
    try {
      writeFileSync(writing, `${JSON.stringify(changed(aliases()), null, 2)}\n`, { flush: true })
      renameSync(writing, aliasFile)
    } finally {
      rmSync(writing, { force: true })
      release()
    }
  }

  return {
    root,
    aliases,
    list: () => {
      const known = aliases()
      return versions().map(({ name, version }) => registered(name, version, known))
    },
    versions,
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
      verify(modelNameSchema.parse(name), version)
      change(known => {
        const now = Object.hasOwn(known, alias) ? known[alias] : undefined
        if (now?.name === name && now.version === version) return known
        const { before = [], ...left } = now ?? {}
        const earlier = 'name' in left ? [...before, left].slice(-rememberedAtMost) : []
        const target = { name, version, promotedAt: new Date().toISOString() }
        return { ...known, [alias]: { ...target, ...(earlier.length === 0 ? {} : { before: earlier }) } }
      })
    },
    rollBack: (alias = 'champion') => {
      const last = (known: Aliases) => (Object.hasOwn(known, alias) ? known[alias]?.before?.at(-1) : undefined)
      const target = last(aliases()) ?? noEarlier(root, alias)
      verify(target.name, target.version)
      change(known => {
        const { name, version } = last(known) ?? noEarlier(root, alias)
        if (name !== target.name || version !== target.version) throw beingChanged(root)
        const earlier = known[alias]?.before?.slice(0, -1) ?? []
        const back = { name, version, promotedAt: new Date().toISOString() }
        return { ...known, [alias]: { ...back, ...(earlier.length === 0 ? {} : { before: earlier }) } }
      })
    },
    withdraw: alias => {
      if (!Object.hasOwn(aliases(), alias)) return
      change(known => Object.fromEntries(Object.entries(known).filter(([name]) => name !== alias)))
    },
    revision: () => {
      try {
        const { mtimeMs, ino, size } = statSync(aliasFile)
        return `${mtimeMs}/${ino}/${size}`
      } catch {
        return ''
      }
    },
  }
}

function noEarlier(root: string, alias: string): never {
  throw new InputError({
    source: root,
    field: alias,
    expected: 'a version before this one to go back to',
    rule: 'no-earlier-version',
  })
}

function beingChanged(root: string): InputError {
  return new InputError({
    source: root,
    expected: 'that no other program changes the aliases now; try again',
    rule: 'registry-busy',
  })
}
