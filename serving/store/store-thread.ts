/** The thread in which a store is owned, so that the database never holds up an answer. */

import { parentPort, workerData } from 'node:worker_threads'
import { InputError } from '../../data/index.ts'
import type { ThreadMessage } from './start-store.ts'
import { ownStore, type StoreOptions } from './store-owner.ts'

const tell = (message: ThreadMessage): void => parentPort?.postMessage(message)
const options = workerData as StoreOptions

try {
  const owner = await ownStore({ ...options, onEvent: event => tell({ kind: 'event', event }) })
  tell({ kind: 'owned' })
  parentPort?.once('message', () => {
    void owner.close().finally(() => {
      tell({ kind: 'closed' })
      parentPort?.close()
    })
  })
} catch (error) {
  const problems = error instanceof InputError ? error.problems : undefined
  tell({ kind: 'failed', says: error instanceof Error ? error.message : String(error), problems })
}
