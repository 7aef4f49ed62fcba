/** Moves decisions from the journals of all processes into the database, off the way of any request. */

import { open, readdir, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { appendDecisions, type ChainHead } from './append-decisions.ts'
import type { Database } from './database.ts'
import { type PreparedDecision, prepareDecision } from './decision-rows.ts'
import { journalEndings } from './journal.ts'
import { decodeRecord, type JournalRecord } from './journal-format.ts'
import { isWriterAlive } from './journal-writer-name.ts'

/** Bytes read at once. */
const readBytes = 4_194_304

/** How a drainer shares the processors, and the database, with those who answer requests. */
export interface DrainPace {
  /** Most records in the next transaction. */
  records(): number
  /** Waited for after each transaction, with the time that it took in milliseconds. */
  rest(workedMs: number): Promise<void>
}

/** As fast as can be: many in a transaction cost less each. */
export const unhurried: DrainPace = { records: () => 32, rest: async () => {} }

/** Told of what a journal can't be read of. */
export type DrainFault = (file: string, says: string) => void

/** Moves decisions. */
export interface Drainer {
  /**
   * Moves all that the journals hold now.
   *
   * A record is moved once, however often it is read: after a crash a journal is read again from its beginning. A
   * journal is deleted once the database has all of it and nothing more will come.
   *
   * @returns How many records were read, and the end of the chain if any were.
   * @throws The database's error; what was moved before stays moved.
   */
  drain(): Promise<{ records: number; head: ChainHead | null }>
}

/**
 * Makes a drainer; one at a time may work on a folder.
 *
 * @param pace - Left out: as fast as it can.
 */
export function createDrainer(
  database: Database,
  folder: string,
  onFault: DrainFault,
  pace: DrainPace = unhurried,
): Drainer {
  /** Bytes of each journal that the database has. */
  const done = new Map<string, number>()
  /** Journals with a record that can't become a row: they are kept. */
  const faulty = new Set<string>()
  /** What is read goes here: megabytes made and cleared anew for every batch would take time, and memory until collected. */
  let room = Buffer.allocUnsafeSlow(readBytes)

  const drainFile = async (name: string): Promise<{ records: number; head: ChainHead | null }> => {
    const base = name.slice(0, name.lastIndexOf('.'))
    const path = join(folder, name)
    // Asked before reading: what a process wrote before it ended is read below.
    const finished = name.endsWith(journalEndings.sealed) || !isWriterAlive(name)
    let [records, head]: [number, ChainHead | null] = [0, null]
    const file = await open(path, 'r')
    try {
      for (;;) {
        const start = done.get(base) ?? 0
        const { bytesRead } = await file.read(room, 0, room.length, start)
        const bytes = room.subarray(0, bytesRead)
        let { found, end, ending } = readRecords(bytes, 0, pace.records())
        while (found.length > 0) {
          const began = performance.now()
          const fault = (says: string): void => {
            faulty.add(base)
            onFault(name, says)
          }
          head = await append(database, prepareAll(found, fault), fault)
          records += found.length
          done.set(base, start + end)
          await pace.rest(performance.now() - began)
          ;({ found, end, ending } = readRecords(bytes, end, pace.records()))
        }
        if (end > 0) continue
        if (ending === 'cut' && bytesRead === room.length) {
          room = Buffer.allocUnsafeSlow(2 * room.length) // one record is larger than that
        } else {
          if (finished) await finish(path, name, faulty.has(base) ? 'damaged' : ending, onFault)
          if (finished) done.delete(base)
          return { records, head }
        }
      }
    } finally {
      await file.close()
    }
  }

  return {
    drain: async () => {
      let [records, head]: [number, ChainHead | null] = [0, null]
      for (const name of await journalsOf(folder)) {
        try {
          const moved = await drainFile(name)
          records += moved.records
          head = moved.head ?? head
        } catch (error) {
          // Its process has sealed it meanwhile: the next round finds it under its new name.
          if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
        }
      }
      return { records, head }
    },
  }
}

/** Journals in a folder, those of one process in the order in which it wrote them. */
export async function journalsOf(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter(name => Object.values(journalEndings).some(end => name.endsWith(end))).sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** Records from `start` on. */
function readRecords(
  bytes: Uint8Array,
  start: number,
  atMost: number,
): { found: JournalRecord[]; end: number; ending: 'whole' | 'cut' | 'damaged' } {
  const found: JournalRecord[] = []
  let end = start
  while (end < bytes.length && found.length < atMost) {
    const decoded = decodeRecord(bytes, end)
    if (decoded.kind !== 'record') return { found, end, ending: decoded.kind }
    found.push(decoded.record)
    end = decoded.end
  }
  return { found, end, ending: 'whole' }
}

/** A record that can't become a row must not hold up those behind it: it stays in a file, and is told of. */
function prepareAll(records: readonly JournalRecord[], onFault: (says: string) => void): PreparedDecision[] {
  return records.flatMap(record => {
    try {
      return [prepareDecision(record)]
    } catch (error) {
      onFault(`decision ${record.head.id} can't become a row: ${error instanceof Error ? error.name : 'unknown'}`)
      return []
    }
  })
}

/** What the database can't take of one decision must not hold up the others: those are appended one by one then. */
async function append(
  database: Database,
  prepared: readonly PreparedDecision[],
  onFault: (says: string) => void,
): Promise<ChainHead | null> {
  try {
    return await appendDecisions(database, prepared)
  } catch (error) {
    if (!isDataFault(error)) throw error
  }
  let head: ChainHead | null = null
  for (const one of prepared) {
    try {
      head = await appendDecisions(database, [one])
    } catch (error) {
      if (!isDataFault(error)) throw error
      onFault(`decision ${one.decision.id} can't be stored: ${error.code}`)
    }
  }
  return head
}

/** A value that the database can't hold. @see https://www.postgresql.org/docs/current/errcodes-appendix.html, class 22 */
function isDataFault(error: unknown): error is { readonly code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('22')
}

/** Deletes a journal of which nothing is left; one with damage is kept under another name for people to look at. */
async function finish(
  path: string,
  name: string,
  ending: 'whole' | 'cut' | 'damaged',
  onFault: DrainFault,
): Promise<void> {
  if (ending === 'damaged') {
    await rename(path, `${path}.damaged`)
    onFault(name, 'kept under the ending .damaged: not all of its decisions could be moved into the database')
    return
  }
  // A record that was cut off was never answered.
  await unlink(path)
}
