/** A worker thread that trains the members it is sent, one after the other. */

import { parentPort } from 'node:worker_threads'
import { loadEngine } from '../models/index.ts'
import { fitTrees, type TreesSettings } from './boosting/fit-trees.ts'
import { fitMember, type MemberSettings } from './fit-member.ts'
import type { TrainingRows } from './hazard-loss.ts'
import type { TrainedMember } from './trained-member.ts'

/** Asks a worker to train one member. */
export interface MemberTask {
  readonly index: number
  readonly data: TrainingRows
  readonly rows: Int32Array
  readonly validation: Int32Array
  readonly settings: MemberSettings | TreesSettings
  readonly seed: number
}

/** What a worker answers. */
export type MemberMessage =
  | { readonly kind: 'progress'; readonly index: number; readonly share: number }
  | { readonly kind: 'done'; readonly index: number; readonly trained: TrainedMember }
  | { readonly kind: 'failed'; readonly index: number; readonly reason: string }

parentPort?.on('message', async (task: MemberTask) => {
  const answer = (message: MemberMessage): void => parentPort?.postMessage(message)
  const { index, data, rows, validation, settings, seed } = task
  try {
    const onProgress = (share: number): void => answer({ kind: 'progress', index, share })
    const trained =
      'treesAtMost' in settings
        ? fitTrees(data, rows, validation, settings, seed, onProgress)
        : fitMember(await loadEngine(), data, rows, validation, settings, seed, onProgress)
    answer({ kind: 'done', index, trained })
  } catch (error) {
    answer({ kind: 'failed', index, reason: error instanceof Error ? error.message : String(error) })
  }
})
