/** Trains the members side by side in worker threads, each stopping early on borrowers it never learned from. */

import { availableParallelism } from 'node:os'
import type { Worker } from 'node:worker_threads'
import type { TreesSettings } from './boosting/fit-trees.ts'
import type { MemberSettings } from './fit-member.ts'
import type { TrainingRows } from './hazard-loss.ts'
import type { MemberMessage, MemberTask } from './member-worker.ts'
import { startWorker } from './start-worker.ts'
import type { TrainedMember } from './trained-member.ts'

/** One member: its share of the rows and how it learns. */
export interface MemberTraining {
  readonly rows: Int32Array
  readonly validation: Int32Array
  readonly settings: MemberSettings | TreesSettings
  /** Added to the network's seed, so that no member draws as another of its kind does, whichever others there are. */
  readonly seed: number
}

/**
 * Trains one member per entry of `parts`.
 *
 * @param onProgress - Share done over all members, in [0, 1].
 * @returns Members in the order of `parts`, whichever finished first.
 * @throws Error if a worker fails; the others are stopped then.
 */
export async function fitEnsemble(
  data: TrainingRows,
  parts: readonly MemberTraining[],
  seed: number,
  onProgress: (share: number) => void = () => {},
): Promise<TrainedMember[]> {
  const tasks = parts.map(
    ({ rows, validation, settings, seed: own }, index): MemberTask => ({
      index,
      data,
      rows,
      validation,
      settings,
      seed: seed + own,
    }),
  )
  const waiting = [...tasks]
  const shares = new Float64Array(parts.length)
  const trained = new Array<TrainedMember>(parts.length)
  const workers: Worker[] = []
  try {
    await Promise.all(
      Array.from({ length: Math.min(parts.length, availableParallelism()) }, async () => {
        const worker = startWorker(import.meta.url, 'member-worker')
        workers.push(worker)
        for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) {
          trained[task.index] = await run(worker, task, share => {
            shares[(task as MemberTask).index] = share
            onProgress(shares.reduce((sum, value) => sum + value, 0) / shares.length)
          })
        }
      }),
    )
  } finally {
    await Promise.all(workers.map(worker => worker.terminate()))
  }
  return trained
}

function run(worker: Worker, task: MemberTask, onProgress: (share: number) => void): Promise<TrainedMember> {
  return new Promise((resolve, reject) => {
    const listen = (message: MemberMessage): void => {
      if (message.kind === 'progress') {
        onProgress(message.share)
        return
      }
      worker.off('message', listen)
      worker.off('error', reject)
      if (message.kind === 'done') {
        onProgress(1)
        resolve(message.trained)
      } else reject(new Error(`training member ${message.index + 1} failed: ${message.reason}`))
    }
    worker.on('message', listen)
    worker.once('error', reject)
    worker.postMessage(task)
  })
}
