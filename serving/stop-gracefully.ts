/** Stops a server on Ctrl-C or SIGTERM: requests in flight are finished, and the program ends with 0. */

import closeWithGrace from 'close-with-grace'
import type { RunningServer } from './start-server.ts'

/** Installs the handlers. The server's own grace time decides how long requests may take. */
export function stopGracefully(server: RunningServer): void {
  closeWithGrace({ delay: false }, async ({ err }) => {
    if (err !== undefined) console.error(err.stack ?? err.message)
    await server.close()
  })
}
