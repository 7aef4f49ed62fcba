/** Watches how much lies in the journals: a bound on what may wait for a database that is down. */

import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { journalsOf } from './drain.ts'

/** How often to look, in milliseconds. */
const lookEveryMs = 1000

/** Bytes in a folder's journals, as of the last look. */
export interface JournalWatch {
  bytes(): number
  stop(): void
}

/** Begins to watch. */
export function watchJournals(folder: string): JournalWatch {
  let bytes = 0
  const look = async (): Promise<void> => {
    const sizes = await Promise.all(
      (await journalsOf(folder)).map(name =>
        stat(join(folder, name)).then(
          ({ size }) => size,
          () => 0, // it has been drained meanwhile
        ),
      ),
    )
    bytes = sizes.reduce((sum, size) => sum + size, 0)
  }
  const timer = setInterval(() => void look().catch(() => {}), lookEveryMs)
  timer.unref()
  void look().catch(() => {})
  return { bytes: () => bytes, stop: () => clearInterval(timer) }
}
