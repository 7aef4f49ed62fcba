/** Holds the models that answer: loads, warms up and swaps versions while requests keep running on the old ones. */

import { InputError } from '../data/index.ts'
import { loadModel, type Model, type RegisteredModel, type Registry } from '../models/index.ts'

/** A model held for a while: it isn't freed before it is released. */
export interface Lease {
  readonly model: Model
  /** Call it once the model isn't needed any more; calling it again does nothing. */
  release(): void
}

/** Which version a request means. */
export interface ModelChoice {
  /** Name of a model; left out: the champion. */
  readonly name?: string
  /** Its version; left out: the champion's if it has that name, else the latest one that is loaded. */
  readonly version?: number
  /** An alias that points at it. */
  readonly label?: string
}

/** What the host tells about itself. */
export type HostEvent =
  | { readonly kind: 'swapped'; readonly from: string | null; readonly to: string; readonly seconds: number }
  | { readonly kind: 'refused'; readonly reason: string }

/** The models that answer. */
export interface ModelHost {
  readonly registry: Registry
  /** The model that answers now. Valid until the caller gives way to other work; hold a {@link Lease} beyond that. */
  champion(): Model
  /** The model that is asked after each answer, and whose scores only the log sees; null if there is none. */
  challenger(): Model | null
  /** Every loaded version, champion first. */
  loaded(): readonly Model[]
  /** Holds a loaded version; null if none fits. */
  lease(choice?: ModelChoice): Lease | null
  /**
   * Loads a version and makes it champion.
   *
   * @param otherLabel - Allow a model of another label, whose probabilities mean something else.
   * @throws InputError if it is refused: the champion stays.
   */
  promote(name: string, version: number, otherLabel?: boolean): Promise<void>
  /** Loads a version and makes it challenger. @throws InputError if it is refused: the challenger stays. */
  shadow(name: string, version: number): Promise<void>
  /** Takes the challenger away. */
  stopShadowing(): Promise<void>
  /** Makes the champion's predecessor champion again. @throws InputError if there is none or it is refused. */
  rollBack(): Promise<void>
  /** Does what the registry's aliases say, where another program has changed them. */
  refresh(): Promise<void>
  /** Frees all models; those still held, once they are released. */
  close(): Promise<void>
}

/** What a host works with. */
export interface ModelHostOptions {
  readonly registry: Registry
  /** What to serve: an alias, which is followed, or a name or name/version, which stays. */
  readonly reference: string
  /** Scores something once, so that no client waits for the engine's first compilations. */
  readonly warmUp: (model: Model) => void
  readonly onEvent?: (event: HostEvent) => void
  /** Opens a saved version. */
  readonly load?: (folder: string) => Promise<Model>
}

/** The alias of the model that shadows. */
const challengerAlias = 'challenger'

interface Target {
  readonly name: string
  readonly version: number
}

interface Entry {
  readonly key: string
  readonly model: Model
  leases: number
  retired: boolean
}

/** Name and version in one, as `early-warning/2`. */
export function modelKey({ name, version }: Target): string {
  return `${name}/${version}`
}

/**
 * Loads what the registry says and keeps it.
 *
 * Versions that an alias points at are loaded, each once; a version that none points at any more is freed when the last
 * request that holds it is done. Changes run one after the other; scoring never waits for them.
 *
 * @throws InputError if the model to serve is missing, damaged or not this code's. A challenger that is, is only told.
 */
export async function createModelHost(options: ModelHostOptions): Promise<ModelHost> {
  const { registry, reference, warmUp, onEvent = () => {}, load = loadModel } = options
  const entries = new Map<string, Entry>()
  let champion: Entry
  let challenger: Entry | null = null
  let labels: ReadonlyMap<string, string> = new Map()
  let revision = registry.revision()
  let last: Promise<unknown> = Promise.resolve()
  let closed = false

  /** Runs a change after those before it. */
  const inTurn = <T>(change: () => Promise<T>): Promise<T> => {
    const turn = last.then(change)
    last = turn.catch(() => {})
    return turn
  }

  const open = async (found: RegisteredModel): Promise<Entry> => {
    const key = modelKey(found)
    const known = entries.get(key)
    if (known !== undefined) return known
    const model = await load(found.folder)
    try {
      if (modelKey(model.manifest) !== key) {
        throw new InputError({ source: found.folder, found: modelKey(model.manifest), expected: `version ${key}` })
      }
      warmUp(model)
    } catch (error) {
      model.dispose()
      throw error
    }
    const entry = { key, model, leases: 0, retired: false }
    entries.set(key, entry)
    return entry
  }

  const free = (entry: Entry): void => {
    if (entry.retired && entry.leases === 0) entry.model.dispose()
  }

  /** Frees what no alias points at, and loads what one does. */
  const reconcile = async (): Promise<void> => {
    const wanted = new Set([champion.key])
    if (challenger !== null) wanted.add(challenger.key)
    for (const [alias, target] of Object.entries(registry.aliases())) {
      const key = modelKey(target)
      if (alias === challengerAlias || alias === reference) continue
      try {
        await open(registry.resolve(alias))
        wanted.add(key)
      } catch (error) {
        refused(error)
      }
    }
    for (const entry of entries.values()) {
      if (wanted.has(entry.key)) continue
      entries.delete(entry.key)
      entry.retired = true
      free(entry)
    }
  }

  const refused = (error: unknown): void => {
    onEvent({ kind: 'refused', reason: error instanceof Error ? error.message : String(error) })
  }

  const swapTo = (entry: Entry, since: number): void => {
    if (entry === champion) return
    const from = champion.key
    champion = entry
    onEvent({ kind: 'swapped', from, to: entry.key, seconds: (performance.now() - since) / 1000 })
  }

  const follow = async (): Promise<void> => {
    const since = performance.now()
    try {
      if (Object.hasOwn(registry.aliases(), reference)) swapTo(await open(registry.resolve(reference)), since)
    } catch (error) {
      refused(error)
    }
    try {
      const shadowing = Object.hasOwn(registry.aliases(), challengerAlias)
      const next = shadowing ? await open(registry.resolve(challengerAlias)) : null
      challenger = next === champion ? null : next
    } catch (error) {
      refused(error)
    }
    await reconcile()
    labels = new Map(Object.entries(registry.aliases()).map(([alias, target]) => [alias, modelKey(target)]))
  }

  /** Loads a version first, then writes the alias: what can't be served is never pointed at. */
  const point = async (
    target: Target,
    write: () => void,
    check: (found: RegisteredModel) => void = () => {},
  ): Promise<void> => {
    try {
      const found = registry.resolve(modelKey(target))
      check(found)
      await open(found)
      write()
    } catch (error) {
      refused(error)
      await reconcile()
      throw error
    }
    revision = registry.revision()
    await follow()
  }

  const sameLabel = (found: RegisteredModel): void => {
    const { labelHash, name, version } = champion.model.manifest
    if (found.manifest.labelHash === labelHash) return
    throw new InputError({
      source: found.folder,
      field: 'labelHash',
      found: found.manifest.labelHash,
      expected: `${labelHash}, the label of ${name}/${version}: its probabilities mean something else`,
      rule: 'label-mismatch',
    })
  }

  const mustFollow = (): void => {
    if (Object.hasOwn(registry.aliases(), reference)) return
    throw new InputError({
      source: 'HARBINGER_MODEL',
      found: reference,
      expected: 'an alias such as champion: this server was told to stay with one model',
      rule: 'model-pinned',
    })
  }

  champion = await open(registry.resolve(reference))
  onEvent({ kind: 'swapped', from: null, to: champion.key, seconds: 0 })
  await follow()

  return {
    registry,
    champion: () => champion.model,
    challenger: () => challenger?.model ?? null,
    loaded: () => [champion, ...[...entries.values()].filter(entry => entry !== champion)].map(({ model }) => model),
    lease: ({ name, version, label } = {}) => {
      const named = label === undefined ? [...entries.values()] : [entries.get(labels.get(label) ?? '')]
      const entry = choose(named, champion, name, version)
      if (entry === undefined) return null
      entry.leases += 1
      let held = true
      return {
        model: entry.model,
        release: () => {
          if (!held) return
          held = false
          entry.leases -= 1
          free(entry)
        },
      }
    },
    promote: (name, version, otherLabel = false) =>
      inTurn(async () => {
        mustFollow()
        const write = (): void => registry.promote(name, version, reference)
        await point({ name, version }, write, otherLabel ? undefined : sameLabel)
      }),
    shadow: (name, version) =>
      inTurn(() => point({ name, version }, () => registry.promote(name, version, challengerAlias))),
    stopShadowing: () =>
      inTurn(async () => {
        registry.withdraw(challengerAlias)
        revision = registry.revision()
        await follow()
      }),
    rollBack: () =>
      inTurn(async () => {
        mustFollow()
        const before = registry.aliases()[reference]?.before?.at(-1)
        await point(before ?? champion.model.manifest, () => registry.rollBack(reference))
      }),
    refresh: () =>
      inTurn(async () => {
        const now = registry.revision()
        if (closed || now === revision) return
        revision = now
        await follow()
      }),
    close: () =>
      inTurn(async () => {
        closed = true
        for (const entry of entries.values()) {
          entry.retired = true
          free(entry)
        }
      }),
  }
}

/** The champion where it fits, else the latest loaded version that does. */
function choose(
  among: readonly (Entry | undefined)[],
  champion: Entry,
  name: string | undefined,
  version: number | undefined,
): Entry | undefined {
  const fitting = among.filter(
    (entry): entry is Entry =>
      entry !== undefined &&
      (name === undefined || entry.model.manifest.name === name) &&
      (version === undefined || entry.model.manifest.version === version),
  )
  if (fitting.includes(champion)) return champion
  return fitting.sort((a, b) => b.model.manifest.version - a.model.manifest.version)[0]
}
