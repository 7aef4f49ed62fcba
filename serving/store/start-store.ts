/** Starts the owner of a store, in a thread of its own. */

import { Worker } from 'node:worker_threads'
import { InputError, type InputProblem } from '../../data/index.ts'
import { ownStore, type StoreEvent, type StoreOptions } from './store-owner.ts'

/** What the thread tells. */
export type ThreadMessage =
  | { readonly kind: 'event'; readonly event: StoreEvent }
  | { readonly kind: 'owned' | 'closed' }
  | { readonly kind: 'failed'; readonly says: string; readonly problems: readonly InputProblem[] | undefined }

/** A store that is owned by this process. */
export interface StartedStore {
  /** Drains what can be drained, and lets go of the folder. */
  close(): Promise<void>
}

/**
 * Takes a store's folder; of the processes that answer together, one does.
 *
 * @throws InputError if another server has the folder.
 */
export async function startStore(options: StoreOptions): Promise<StartedStore> {
  // From source there is no JavaScript that a thread could load.
  if (import.meta.url.endsWith('.ts')) return ownStore(options)
  let current = await ownInThread(options)
  let closing = false
  const watch = (): void => {
    current.ended
      .catch(() => {})
      .finally(() => {
        if (!closing) void restart()
      })
  }
  const restart = async (): Promise<void> => {
    while (!closing) {
      try {
        current = await ownInThread(options)
        watch()
        return
      } catch (error) {
        options.onEvent?.({ kind: 'down', says: error instanceof Error ? error.message : String(error) })
        await new Promise(resolve => setTimeout(resolve, restartMs).unref())
      }
    }
  }
  watch()
  return {
    close: async () => {
      closing = true
      current.thread.postMessage('close')
      await current.ended.catch(() => {})
    },
  }
}

/** Wait before a thread that ended is started anew, in milliseconds. */
const restartMs = 1000

interface OwningThread {
  readonly thread: Worker
  /** Settles once the thread has ended. */
  readonly ended: Promise<void>
}

async function ownInThread({ onEvent = () => {}, ...options }: StoreOptions): Promise<OwningThread> {
  const thread = new Worker(new URL('./store-thread.js', import.meta.url), { workerData: options })
  const ended = new Promise<void>((resolve, reject) => {
    thread.once('error', error => {
      onEvent({ kind: 'down', says: error instanceof Error ? error.message : String(error) })
      reject(error)
    })
    thread.once('exit', () => resolve())
  })
  await Promise.race([
    new Promise<void>((resolve, reject) => {
      thread.on('message', (message: ThreadMessage) => {
        if (message.kind === 'event') onEvent(message.event)
        else if (message.kind === 'owned') resolve()
        else if (message.kind === 'failed')
          reject(message.problems ? new InputError(message.problems) : new Error(message.says))
      })
    }),
    ended.then(() => {
      throw new Error('the thread of the store ended')
    }),
  ])
  return { thread, ended }
}
