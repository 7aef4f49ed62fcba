/**
 * Gives back the memory of chunks that have been read. DuckDB's binding frees a chunk when JavaScript's garbage
 * collector finds its handle, and the collector, seeing only a handle of a few bytes, takes its time: chunks pile up, and
 * every new one is made in fresh pages from the operating system, which took most of the time of reading. A short
 * collection of the young generation every few chunks, which finds just those handles, makes reading several times
 * faster and memory flat.
 */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { z } from 'zod'

/** Chunks of 2,048 rows that may lie about. */
const chunksBetween = 16

const collectorSchema = z.custom<(options: { readonly type: 'minor' }) => void>(value => typeof value === 'function')

let collect: ((options: { readonly type: 'minor' }) => void) | undefined
let chunks = 0

/** Call once for every chunk read. */
export function countChunk(): void {
  chunks += 1
  if (chunks % chunksBetween !== 0) return
  if (collect === undefined) {
    setFlagsFromString('--expose-gc')
    // collections so short are done soonest by the thread itself: waking helpers took a tenth of all processor time
    setFlagsFromString('--no-parallel-scavenge')
    setFlagsFromString('--no-concurrent-array-buffer-sweeping')
    collect = collectorSchema.parse(runInNewContext('gc'))
  }
  collect({ type: 'minor' })
}
