/** Feature vectors that clients have evaluated themselves, of several calls, in one matrix product. */

import { FeatureBlock, type Model, type Scores } from '../models/index.ts'
import { gather } from './gather.ts'
import { noRoom, tooLate } from './too-busy.ts'

/** Bounds of batches and of waiting. */
export interface FeatureBatching {
  /** Most calls that wait. */
  readonly queueLimit: number
  /** Longest that a call waits for its computation, in milliseconds. */
  readonly deadlineMs: number
}

/** Calls for feature vectors, computed together. */
export interface FeatureBatches {
  /** Calls that wait. */
  readonly waiting: number
  /** As `Scorer.scoreFeatures`; the same to the bit whatever else is scored meanwhile. */
  score(model: Model, block: FeatureBlock, reasonsPerRow: number): Promise<Scores>
}

/** Rows computed at once; a call of more is computed by itself. */
const batchRows = 256

interface Call {
  readonly model: Model
  readonly block: FeatureBlock
  readonly reasonsPerRow: number
  readonly since: number
  readonly resolve: (scores: Scores) => void
  readonly reject: (error: unknown) => void
}

/** Creates the queue. Calls that mean different models, or ask for reasons differently, are computed one after the other. */
export function featureBatches({ queueLimit, deadlineMs }: FeatureBatching): FeatureBatches {
  let queue: Call[] = []
  let scheduled = false

  /** The next batch: the first that waits, and those after it that can be computed with it. */
  const take = (): Call[] => {
    const [first] = queue
    const [batch, left]: [Call[], Call[]] = [[], []]
    let rows = 0
    for (const call of queue) {
      const fits =
        first !== undefined && isAlike(call, first) && (batch.length === 0 || rows + call.block.rows <= batchRows)
      if (fits) {
        batch.push(call)
        rows += call.block.rows
      } else {
        left.push(call)
      }
    }
    queue = left
    return batch
  }

  const run = (): void => {
    scheduled = false
    const now = performance.now()
    const inTime = take().filter(({ since, reject }) => {
      if (now - since <= deadlineMs) return true
      reject(tooLate(deadlineMs))
      return false
    })
    if (queue.length > 0) schedule()
    if (inTime.length > 0) compute(inTime)
  }

  const schedule = (): void => {
    if (scheduled) return
    scheduled = true
    gather(() => queue.length, batchRows, run)
  }

  return {
    get waiting() {
      return queue.length
    },
    score: (model, block, reasonsPerRow) =>
      new Promise((resolve, reject) => {
        if (queue.length >= queueLimit) {
          reject(noRoom(queue.length))
          return
        }
        queue.push({ model, block, reasonsPerRow, since: performance.now(), resolve, reject })
        schedule()
      }),
  }
}

function isAlike(one: Call, other: Call): boolean {
  return (
    one.model === other.model &&
    one.reasonsPerRow === other.reasonsPerRow &&
    one.block.features === other.block.features
  )
}

/** Computes calls together; if that fails, each alone, so that one that can't be scored harms no other. */
function compute(calls: readonly Call[]): void {
  const [{ model, reasonsPerRow }] = calls as [Call, ...Call[]]
  let scores: Scores
  try {
    scores = model.scoreFeatures(FeatureBlock.join(calls.map(({ block }) => block)), reasonsPerRow)
  } catch (error) {
    if (calls.length === 1) calls[0]?.reject(error)
    else for (const call of calls) compute([call])
    return
  }
  let from = 0
  for (const { block, resolve } of calls) {
    const to = from + block.rows
    resolve({
      pd: scores.pd.map(column => column.subarray(from, to)),
      reasons: scores.reasons.slice(from, to),
      features: block,
    })
    from = to
  }
}
