/**
 * The socket over which one process lends its store to others on the machine: workers, and `harbinger-server keys`.
 *
 * It is also the lock: whoever listens on it owns the folder, and the system takes it away when that process dies.
 * Lines of JSON: `{id, statement, parameters}` one way, `{id, rows}` or `{id, error}` and `{up}` the other.
 */

import { unlink } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { InputError } from '../../data/index.ts'
import type { Queryable } from './database.ts'
import { sha256 } from './hash-chain.ts'

/** Longest path of a socket that every system takes, in bytes. */
const pathAtMost = 100

/** Where a folder's socket is. */
export function socketPath(folder: string): string {
  const inside = join(resolve(folder), 'owner.sock')
  if (Buffer.byteLength(inside) <= pathAtMost) return inside
  return join(tmpdir(), `harbinger-${sha256(inside).slice(0, 16)}.sock`)
}

/** One statement, sent by a process that doesn't own the database. */
const askedSchema = z.object({
  id: z.int(),
  statement: z.string(),
  parameters: z.array(
    z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string()), z.array(z.number())]),
  ),
})

/** How long to wait for a predecessor that is stopping, in milliseconds. */
const patienceMs = 10_000

/** A store lent to others. */
export interface LentStore {
  /** Tells all who are connected whether the database answers. */
  tell(up: boolean): void
  close(): Promise<void>
}

/**
 * Takes a folder, and lends its database.
 *
 * @throws InputError if another process has it and doesn't let go of it.
 */
export async function lendStore(folder: string, database: () => Queryable | null): Promise<LentStore> {
  const sockets = new Set<Socket>()
  let up = false
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    socket.write(`${JSON.stringify({ up })}\n`)
    createInterface({ input: socket })
      .on('line', line => {
        void answer(line, database()).then(text => socket.write(`${text}\n`))
      })
      .on('error', () => {}) // readline tells of the socket's errors once more
  })
  await listen(server, socketPath(folder), folder)
  return {
    tell: now => {
      up = now
      for (const socket of sockets) socket.write(`${JSON.stringify({ up })}\n`)
    },
    close: () =>
      new Promise(closed => {
        server.close(() => closed())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

async function answer(line: string, database: Queryable | null): Promise<string> {
  const { id, statement, parameters } = askedSchema.parse(JSON.parse(line))
  if (database === null) return JSON.stringify({ id, error: 'the database isn’t open' })
  try {
    return JSON.stringify({ id, rows: await database.query(statement, parameters) })
  } catch (error) {
    return JSON.stringify({ id, error: error instanceof Error ? error.message : String(error) })
  }
}

async function listen(server: Server, path: string, folder: string): Promise<void> {
  const until = performance.now() + patienceMs
  for (;;) {
    try {
      await new Promise<void>((listening, reject) => {
        const settle = (error?: Error): void => {
          server.off('error', settle)
          server.off('listening', settle)
          if (error === undefined) listening()
          else reject(error)
        }
        server.on('error', settle)
        server.on('listening', settle)
        server.listen({ path })
      })
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    }
    if (await isAnswered(path)) {
      if (performance.now() > until) {
        throw new InputError({
          source: folder,
          found: 'another server at work on this store',
          expected: 'a folder of its own for each server (HARBINGER_STORE)',
          rule: 'store-in-use',
        })
      }
      await new Promise(resolve => setTimeout(resolve, 100))
    } else {
      await unlink(path).catch(() => {}) // its owner died
    }
  }
}

/** Does a process listen on a socket? */
export function isAnswered(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ path })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
