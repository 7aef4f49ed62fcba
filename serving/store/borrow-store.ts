/** The store for a command that runs for a moment: a running server's, else the folder itself. */

import { InputError } from '../../data/index.ts'
import type { Queryable } from './database.ts'
import { connectStore } from './store-client.ts'
import { ownStore, type StoreOptions } from './store-owner.ts'
import { isAnswered, socketPath } from './store-socket.ts'

/** Longest wait for the database, in milliseconds. */
const patienceMs = 60_000

/**
 * Runs work with the database of a store.
 *
 * @throws InputError if the database doesn't answer.
 */
export async function withStore<Result>(
  options: Pick<StoreOptions, 'folder' | 'url'>,
  work: (database: Queryable) => Promise<Result>,
): Promise<Result> {
  let says = 'no answer'
  const onEvent: StoreOptions['onEvent'] = event => {
    if (event.kind === 'down') says = event.says
  }
  const owner = (await isAnswered(socketPath(options.folder))) ? null : await ownStore({ ...options, onEvent })
  const client = connectStore(options.folder)
  try {
    const until = performance.now() + patienceMs
    while (!client.isUp()) {
      if (performance.now() > until || (options.url !== undefined && says !== 'no answer')) {
        throw new InputError({ source: 'store', found: says, expected: 'a database that answers', rule: 'store-down' })
      }
      await new Promise(resolve => setTimeout(resolve, 20))
    }
    return await work(client)
  } finally {
    client.close()
    await owner?.close()
  }
}
