/** The journal: a file per process to which every decision goes before it is answered; many share one write. */

import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { encodeRecord, type JournalRecord } from './journal-format.ts'
import { writerName } from './journal-writer-name.ts'

/** A file's name while it is written, and once nothing more will come. */
export const journalEndings = { open: '.journal', sealed: '.sealed' } as const

/** Most pieces in one system call; Linux takes 1024. */
const piecesAtMost = 1023

/** What a journal writes to: a `FileHandle`, or a test's own. */
export interface JournalFile {
  writev(pieces: readonly Uint8Array[]): Promise<{ readonly bytesWritten: number }>
  truncate(length: number): Promise<void>
  close(): Promise<void>
}

/** How to open a journal. */
export interface JournalOptions {
  /** Folder of the journals of all processes. */
  readonly folder: string
  /** Wait until the disk has it (survives a power cut), or until the operating system has it (survives `kill -9`)? */
  readonly waitFor: 'disk' | 'system'
  /** Size at which a new file begins, in bytes. */
  readonly fileBytes?: number
  /** Opens a new file. */
  readonly openFile?: (path: string, flags: number) => Promise<JournalFile>
}

/** A journal that records can be appended to. */
export interface Journal {
  /**
   * Appends a record.
   *
   * Records that come while a write is under way are written together by the next one.
   *
   * @returns Once the record is where {@link JournalOptions.waitFor} says.
   * @throws The file system's error, such as ENOSPC: the record isn't in the journal then.
   */
  append(record: JournalRecord): Promise<void>
  /** Writes what waits and seals the file. */
  close(): Promise<void>
}

interface Waiting {
  readonly pieces: readonly Uint8Array[]
  resolve(): void
  reject(error: unknown): void
}

interface OpenFile {
  readonly file: JournalFile
  readonly path: string
  bytes: number
}

/** Opens a journal of this process; its first file is made with the first record. */
export function openJournal(options: JournalOptions): Journal {
  const { folder, waitFor, fileBytes = 16_777_216, openFile = openReal } = options
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (waitFor === 'disk' ? constants.O_DSYNC : 0)
  const writer = writerName()
  let files = 0
  let current: OpenFile | null = null
  let waiting: Waiting[] = []
  let writing: Promise<void> | null = null
  let closed = false

  const begin = async (): Promise<OpenFile> => {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    files += 1
    const path = join(folder, `${writer}-${String(files).padStart(6, '0')}${journalEndings.open}`)
    const file = await openFile(path, flags)
    if (waitFor === 'disk') await syncFolder(folder)
    return { file, path, bytes: 0 }
  }

  const seal = async (): Promise<void> => {
    if (current === null) return
    const { file, path } = current
    current = null
    await file.close()
    await rename(path, path.slice(0, -journalEndings.open.length) + journalEndings.sealed)
  }

  /** What a failed write has left is cut off; where even that fails, it is the end of a file that gets no more. */
  const abandon = async (): Promise<void> => {
    const left = current
    try {
      await left?.file.truncate(left.bytes)
    } catch {}
    try {
      await seal()
    } catch {}
  }

  const writeGroup = async (group: readonly Waiting[]): Promise<void> => {
    try {
      current ??= await begin()
      await writeAll(current, group)
    } catch (error) {
      await abandon()
      for (const { reject } of group) reject(error)
      return
    }
    for (const { resolve } of group) resolve()
    try {
      if (current.bytes >= fileBytes) await seal()
    } catch {
      // The records are in; only the name is as it was, which a reader bears with.
    }
  }

  const work = async (): Promise<void> => {
    while (waiting.length > 0) {
      const group = waiting
      waiting = []
      await writeGroup(group)
    }
    writing = null
  }

  return {
    append: record => {
      if (closed) return Promise.reject(new Error('the journal is closed'))
      const pieces = encodeRecord(record)
      return new Promise((resolve, reject) => {
        waiting.push({ pieces, resolve, reject })
        writing ??= work()
      })
    },
    close: async () => {
      closed = true
      while (writing !== null) await writing
      await seal()
    },
  }
}

async function writeAll(target: OpenFile, group: readonly Waiting[]): Promise<void> {
  const pieces = group.flatMap(waiter => waiter.pieces)
  let total = 0
  for (let first = 0; first < pieces.length; first += piecesAtMost) {
    const some = pieces.slice(first, first + piecesAtMost)
    const wanted = some.reduce((sum, piece) => sum + piece.length, 0)
    const { bytesWritten } = await target.file.writev(some)
    if (bytesWritten !== wanted) {
      throw Object.assign(new Error(`only ${bytesWritten} of ${wanted} bytes were written`), { code: 'ENOSPC' })
    }
    total += wanted
  }
  target.bytes += total
}

const openReal = (path: string, flags: number): Promise<FileHandle> => open(path, flags, 0o600)

/** Makes a new file's name survive a power cut. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
