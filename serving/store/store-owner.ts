/** Owns a store's folder: opens and migrates the database, lends it to others, and drains the journals into it. */

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ChainHead } from './append-decisions.ts'
import { type Database, openDatabase } from './database.ts'
import { createDrainer, type Drainer, type DrainPace, unhurried } from './drain.ts'
import { watchIdleShare } from './idle-share.ts'
import { watchJournals } from './journal-limit.ts'
import { migrate } from './migrations.ts'
import { lendStore } from './store-socket.ts'

/** What an owner tells. */
export type StoreEvent =
  | { readonly kind: 'up'; readonly says: string }
  | { readonly kind: 'down'; readonly says: string }
  | { readonly kind: 'fault'; readonly file: string; readonly says: string }
  | { readonly kind: 'head'; readonly head: ChainHead }

/** How to own a store. */
export interface StoreOptions {
  /** `<folder>/journal` holds the journals, `<folder>/database` the embedded database. */
  readonly folder: string
  /** `postgres://…`; left out: the embedded database. */
  readonly url?: string | undefined
  /** Most bytes that may wait in the journals; left out, as many as the disk takes. */
  readonly journalLimitBytes?: number
  readonly onEvent?: (event: StoreEvent) => void
  /** Time between looks into the journals, in milliseconds. */
  readonly drainEveryMs?: number
}

/** A store that is owned. */
export interface StoreOwner {
  /** Moves all that the journals hold into the database. @throws The database's error. */
  drain(): Promise<void>
  /** Drains what can be drained, and lets go of the folder. */
  close(): Promise<void>
}

/** Where the journals of a store are. */
export function journalFolder(folder: string): string {
  return join(folder, 'journal')
}

/** Waits between attempts to reach a database that is down: doubled from the first to the longest, in milliseconds. */
const retry = { firstMs: 200, longestMs: 5000 } as const

/**
 * How much of its time draining leaves to those who answer requests: none while `spareShare` of all processors' time is
 * left over; the less is, the longer it rests, up to `timesAsLong` as it has worked where nothing is; ever less from
 * where the journals are `from` full, and not at all once they are `until` full. Draining as fast as can be takes a
 * quarter of two cores' answers, so that a burst is answered first; what has filled the journals so far is no burst.
 */
const resting = { timesAsLong: 25, spareShare: 0.2, from: 0.5, until: 0.9, atMostMs: 2000 } as const

/** Most decisions in one transaction while processors are busy: what is asked of the database meanwhile waits for all. */
const togetherWhileBusy = 8

/**
 * Time to rest after working, in milliseconds.
 *
 * @param filled - Bytes that wait over those that may, in [0, 1].
 * @param idleShare - Share of all processors' time that nobody used, in [0, 1].
 */
export function restMs(workedMs: number, filled: number, idleShare: number): number {
  const busy = Math.max(0, 1 - idleShare / resting.spareShare)
  const room = Math.min(1, Math.max(0, (resting.until - filled) / (resting.until - resting.from)))
  return Math.min(resting.atMostMs, workedMs * resting.timesAsLong * busy * room)
}

/**
 * Takes a store.
 *
 * Returns once the folder is taken; the database may be opened later, or come and go.
 *
 * @throws InputError if another process has the folder.
 */
export async function ownStore(options: StoreOptions): Promise<StoreOwner> {
  const { folder, url, journalLimitBytes = Number.POSITIVE_INFINITY, onEvent = () => {}, drainEveryMs = 200 } = options
  await mkdir(folder, { recursive: true, mode: 0o700 })
  let opened: { database: Database; drainer: Drainer } | null = null
  let [up, closed, waitMs] = [false, false, 0]
  let timer: NodeJS.Timeout | undefined
  let last: Promise<void> = Promise.resolve()
  const lent = await lendStore(folder, () => opened?.database ?? null)
  const watch = watchJournals(journalFolder(folder))
  const idleShare = watchIdleShare()
  const hurry = new AbortController()
  const pace: DrainPace = {
    records: () => (idleShare() < resting.spareShare ? togetherWhileBusy : unhurried.records()),
    rest: async workedMs => {
      const restingMs = restMs(workedMs, watch.bytes() / journalLimitBytes, idleShare())
      await sleep(restingMs, undefined, { signal: hurry.signal, ref: false }).catch(() => {}) // in a hurry nobody rests
    },
  }

  const tell = (now: boolean, says: string): void => {
    if (now === up && says === '') return
    if (now !== up) {
      up = now
      lent.tell(now)
    }
    onEvent({ kind: now ? 'up' : 'down', says })
  }

  const work = async (): Promise<void> => {
    opened ??= await open(folder, url, (file, says) => onEvent({ kind: 'fault', file, says }), pace)
    if (!up) await opened.database.query('select 1 as one')
    if (!up) tell(true, `${opened.database.kind} database`)
    const { head } = await opened.drainer.drain()
    if (head !== null) onEvent({ kind: 'head', head })
  }

  /** Rounds never overlap. */
  const round = (): Promise<void> => {
    const turn = last.then(work)
    last = turn.catch(() => {})
    return turn
  }

  const loop = async (): Promise<void> => {
    try {
      await round()
      waitMs = drainEveryMs
    } catch (error) {
      waitMs = Math.min(retry.longestMs, Math.max(retry.firstMs, waitMs * 2))
      tell(false, error instanceof Error ? error.message : String(error))
    }
    if (!closed) timer = setTimeout(() => void loop(), waitMs)
  }
  void loop()

  return {
    drain: round,
    close: async () => {
      closed = true
      hurry.abort()
      watch.stop()
      clearTimeout(timer)
      await round().catch((error: unknown) => tell(false, error instanceof Error ? error.message : String(error)))
      clearTimeout(timer)
      await lent.close()
      await opened?.database.close()
    },
  }
}

async function open(
  folder: string,
  url: string | undefined,
  onFault: (file: string, says: string) => void,
  pace: DrainPace,
): Promise<{ database: Database; drainer: Drainer }> {
  const database = await openDatabase({ url, folder: join(folder, 'database') })
  try {
    await migrate(database)
  } catch (error) {
    await database.close()
    throw error
  }
  return { database, drainer: createDrainer(database, journalFolder(folder), onFault, pace) }
}
