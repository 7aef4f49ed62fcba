/** Makes the features of a whole data set part by part, on all cores. */

import { availableParallelism } from 'node:os'
import type { Worker } from 'node:worker_threads'
import type { Dataset, Shard } from '../../data/sources/index.ts'
import type { Feature } from '../../models/index.ts'
import { startWorker } from '../start-worker.ts'
import type { PartMessage, PartTask } from './part-worker.ts'

/** Account-months of a part, about, unless told: opening one takes as long as reading some ten thousand of them. */
const usualRowsPerPart = 1_000_000

/** How to make them. */
export interface PartsOptions {
  /** Worker threads; one per core if left out. */
  readonly workers?: number
  /** Account-months of a part, about: what a worker does at a time. */
  readonly rowsPerPart?: number
  /** Passes over the data; one, unless a benchmark wants more. */
  readonly passes?: number
  /** What to write of a part; left out, features are made and counted. Null passes the part over: it is there already. */
  readonly outputOf?: (place: number) => PartTask['output'] | null
  /** Share done, in [0, 1]. */
  readonly onProgress?: (share: number) => void
}

/** What was made. */
export interface PartsMade {
  /** Account-months and a worker's seconds of each part made, in the order in which they were finished. */
  readonly parts: readonly { readonly accountMonths: number; readonly seconds: number }[]
  /** Account-months of all parts, those passed over among them. */
  readonly rows: number
  /** Seconds in which features were made, without opening and laying out the data set. */
  readonly seconds: number
}

/**
 * Makes the features of every account-month that was observed.
 *
 * Each part is whole borrowers, read from disk, evaluated and written by one thread; memory doesn't grow with the data.
 *
 * @throws Error if a worker fails; the others are stopped then.
 */
export async function makeParts(
  dataset: Dataset,
  features: readonly Feature[],
  {
    workers: count = availableParallelism(),
    rowsPerPart = usualRowsPerPart,
    passes = 1,
    outputOf = () => undefined,
    onProgress = () => {},
  }: PartsOptions = {},
): Promise<PartsMade> {
  const laidOut = await dataset.layOut()
  const { source } = laidOut
  const shards = await laidOut.shards(rowsPerPart)
  const parts = Array.from({ length: passes }, () => shards).flat()
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  const waiting = parts.map((shard, place) => ({ shard, place }))
  const workers: Worker[] = []
  const started = performance.now()
  const finished: { accountMonths: number; seconds: number }[] = []
  let rowsDone = 0
  const done = (shard: Shard): void => {
    rowsDone += shard.rows
    onProgress(rows === 0 ? 1 : rowsDone / rows)
  }
  try {
    await Promise.all(
      Array.from({ length: Math.min(parts.length, count) }, async () => {
        const worker = startWorker(import.meta.url, 'part-worker')
        workers.push(worker)
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          const output = outputOf(next.place)
          if (output !== null) {
            const task = { source, shard: next.shard, features, ...(output === undefined ? {} : { output }) }
            finished.push(await run(worker, task))
          }
          done(next.shard)
        }
      }),
    )
  } finally {
    await Promise.all(workers.map(worker => worker.terminate()))
  }
  return { parts: finished, rows, seconds: (performance.now() - started) / 1000 }
}

function run(worker: Worker, task: PartTask): Promise<PartsMade['parts'][number]> {
  return new Promise((resolve, reject) => {
    const listen = (message: PartMessage): void => {
      worker.off('error', reject)
      if (message.kind === 'done') resolve({ accountMonths: message.accountMonths, seconds: message.seconds })
      else reject(new Error(`making features failed: ${message.reason}`))
    }
    worker.once('message', listen)
    worker.once('error', reject)
    worker.postMessage(task)
  })
}
