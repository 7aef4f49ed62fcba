/** The store as a process sees it that doesn't own it: statements go over the owner's socket. */

import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import type { Queryable, Row } from './database.ts'
import { socketPath } from './store-socket.ts'

const answerSchema = z.union([
  z.object({ up: z.boolean() }),
  z.object({ id: z.int(), rows: z.array(z.record(z.string(), z.unknown())) }),
  z.object({ id: z.int(), error: z.string() }),
])

/** A connection to the owner that is made anew when it breaks. */
export interface StoreClient extends Queryable {
  /** Does the database answer, as far as its owner has told? */
  isUp(): boolean
  close(): void
}

/** The store doesn't answer now; it may do so later. */
export class StoreDownError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'StoreDownError'
  }
}

/** Wait before connecting again, in milliseconds. */
const reconnectMs = 200

/** Longest wait for an answer, in milliseconds. */
const answerMs = 15_000

interface Waiting {
  resolve(rows: Row[]): void
  reject(error: Error): void
}

/** Connects to the owner of a folder; it need not be there yet. */
export function connectStore(folder: string): StoreClient {
  const waiting = new Map<number, Waiting>()
  let socket: Socket | null = null
  let [up, closed, last] = [false, false, 0]

  const begin = (): void => {
    const opening = connect({ path: socketPath(folder) })
    opening.on('error', () => {})
    opening.once('connect', () => {
      socket = opening
      createInterface({ input: opening })
        .on('line', receive)
        .on('error', () => {}) // readline tells of the socket’s errors once more
    })
    opening.once('close', () => {
      socket = null
      up = false
      for (const { reject } of waiting.values()) reject(new StoreDownError('the store’s owner has gone'))
      waiting.clear()
      if (!closed) setTimeout(begin, reconnectMs).unref()
    })
    opening.unref()
  }

  const receive = (line: string): void => {
    const answer = answerSchema.parse(JSON.parse(line))
    if ('up' in answer) {
      up = answer.up
      return
    }
    const asked = waiting.get(answer.id)
    waiting.delete(answer.id)
    if ('rows' in answer) asked?.resolve(answer.rows)
    else asked?.reject(up ? new Error(answer.error) : new StoreDownError(answer.error))
  }

  begin()
  return {
    isUp: () => up,
    query: (statement, parameters = []) =>
      new Promise((resolve, reject) => {
        if (socket === null || !up) {
          reject(new StoreDownError('the store isn’t there'))
          return
        }
        last += 1
        const id = last
        const late = setTimeout(() => {
          waiting.delete(id)
          reject(new StoreDownError('the store doesn’t answer'))
        }, answerMs)
        const settle = <Value>(how: (value: Value) => void): ((value: Value) => void) => {
          return value => {
            clearTimeout(late)
            how(value)
          }
        }
        waiting.set(id, { resolve: settle(resolve), reject: settle(reject) })
        socket.write(`${JSON.stringify({ id, statement, parameters })}\n`)
      }),
    close: () => {
      closed = true
      socket?.destroy()
    },
  }
}
