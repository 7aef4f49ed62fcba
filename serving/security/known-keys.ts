/** The keys as this process knows them: never more than a second old, but for while the store is away. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { KnownKey } from './key-store.ts'

/** What is known of the keys. */
export interface KeysNow {
  readonly keys: ReadonlyMap<string, KnownKey>
  /** False: the store didn't answer, and there may be newer ones. */
  readonly fresh: boolean
}

/** The keys as a process knows them. */
export interface KnownKeys {
  /** Never throws. Null: the store hasn't answered since the process started. */
  current(): Promise<KeysNow | null>
}

/** How the keys are kept; times in milliseconds. */
export interface KnownKeysOptions {
  /** Oldest that they may be: a revoked key works at most this long. They are read again at half of it. */
  readonly freshMs?: number
  /** Longest that a request waits for them to be read again; it goes by what is known then. */
  readonly patienceMs?: number
  /** Longest that requests wait for the first reading, from now: the database may still be opening. */
  readonly firstMs?: number
  /** Told why they couldn't be read. */
  readonly onFault?: (error: unknown) => void
}

/** Wait before a reading that failed is tried again, in milliseconds. */
const againMs = 50

/** Keeps the keys that `read` reads: at once, so that they are known if the store goes away, and then as requests come. */
export function rememberKeys(
  read: () => Promise<readonly KnownKey[]>,
  { freshMs = 1000, patienceMs = 1000, firstMs = 30_000, onFault = () => {} }: KnownKeysOptions = {},
): KnownKeys {
  const firstUntil = performance.now() + firstMs
  let known: { readonly keys: ReadonlyMap<string, KnownKey>; readonly readAt: number } | null = null
  let reading = false
  let notBefore = 0
  /** Resolves when the reading under way has ended, or has taken too long to wait for. */
  let waiting: Promise<void> = Promise.resolve()

  const age = (): number => (known === null ? Number.POSITIVE_INFINITY : performance.now() - known.readAt)

  const readOnce = async (): Promise<void> => {
    const readAt = performance.now() // and not when it ended: a key may be revoked meanwhile
    try {
      known = { keys: new Map((await read()).map(key => [key.id, key])), readAt }
    } catch (error) {
      notBefore = performance.now() + againMs
      onFault(error)
    }
  }

  const readAgain = async (): Promise<void> => {
    reading = true
    await readOnce()
    while (known === null && performance.now() < firstUntil) {
      await sleep(againMs, undefined, { ref: false })
      await readOnce()
    }
    reading = false
  }

  const keepFresh = (): void => {
    if (age() <= freshMs / 2 || reading || performance.now() < notBefore) return
    const patience = known === null ? Math.max(patienceMs, firstUntil - performance.now()) : patienceMs
    waiting = Promise.race([readAgain(), sleep(patience, undefined, { ref: false })])
  }

  keepFresh()
  return {
    current: async () => {
      keepFresh() // in good time, so that no request waits while the database is busy for a moment
      if (age() > freshMs) await waiting
      return known === null ? null : { keys: known.keys, fresh: age() <= freshMs }
    },
  }
}
