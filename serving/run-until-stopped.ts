/** Stops a server on Ctrl-C or SIGTERM: requests in flight are finished, and the program ends with 0. */

import closeWithGrace from 'close-with-grace'
import type { RunningServer } from './start-server.ts'

/**
 * Starts a server and installs the handlers, before it says that it serves: a signal may come at any time after.
 *
 * @param start - The server's own grace time decides how long requests may take.
 * @throws What starting throws; the handlers are taken away then.
 */
export async function runUntilStopped(start: () => Promise<RunningServer>): Promise<RunningServer> {
  const starting = start()
  const handlers = closeWithGrace({ delay: false }, async ({ err }) => {
    if (err !== undefined) console.error(err.stack ?? err.message)
    await (await starting).close()
  })
  try {
    return await starting
  } catch (error) {
    handlers.uninstall()
    throw error
  }
}
