/**
 * Scores concurrent requests together: one block of histories, one pass of the evaluator, one matrix product.
 *
 * 1. A call's requests wait in a bounded queue, first come, first served.
 * 2. Once a turn of the event loop brings no more, as many as make a good batch are computed. Nobody waits for a batch to
 *    fill: it is full when there is much to do, and one request when there isn't.
 * 3. Between batches the loop gets its turn, so that other work never waits longer than for one batch.
 *
 * Computing is done here and not in a thread: a batch takes about a millisecond, and all cores are used by running a
 * process for each.
 */

import type { Model } from '../models/index.ts'
import { featureBatches } from './feature-batches.ts'
import { gather } from './gather.ts'
import type { ScoreRequest, ScoreResponse } from './requests.ts'
import { type IdentifiedRequest, scoreBorrowers } from './score.ts'
import type { Scorer } from './scorer.ts'
import { noRoom, tooLate } from './too-busy.ts'

/** Bounds of batches and of waiting. */
export interface BatchingOptions {
  /** Most requests that wait; a call larger than this is taken when nothing else waits. */
  readonly queueLimit: number
  /** Longest that a call waits for its first computation, in milliseconds. */
  readonly deadlineMs: number
  /** Most requests computed at once. */
  readonly batchRequests?: number
  /** Instalments, payments and months computed at once, about: a bound on how long a batch takes. */
  readonly batchEntries?: number
}

/** A scorer that may be told to finish. */
export interface BatchingScorer extends Scorer {
  /** Requests that wait. */
  readonly waiting: number
}

/** Gains flatten out here, and a batch still takes but a few milliseconds. */
const defaultBatch = { requests: 32, entries: 8192 } as const

interface Call {
  readonly since: number
  readonly responses: (ScoreResponse | undefined)[]
  remaining: number
  /** Set once a request of it has failed or come too late: the others needn't be computed any more. */
  over: boolean
  resolve(responses: ScoreResponse[]): void
  reject(error: unknown): void
}

interface Item {
  readonly call: Call
  readonly place: number
  readonly request: IdentifiedRequest
}

/**
 * Creates a scorer for a model.
 *
 * @param model - Asked at each batch: a batch is computed by one model, a call of many requests perhaps by two.
 */
export function batchingScorer(model: () => Model, options: BatchingOptions): BatchingScorer {
  const { queueLimit, deadlineMs } = options
  const { batchRequests = defaultBatch.requests, batchEntries = defaultBatch.entries } = options
  let queue: Item[] = []
  let head = 0
  let scheduled = false
  const vectors = featureBatches({ queueLimit, deadlineMs })

  /** The next batch; calls past their deadline are told so and left out. */
  const take = (): Item[] => {
    const batch: Item[] = []
    const now = performance.now()
    let entries = 0
    while (head < queue.length && batch.length < batchRequests && (batch.length === 0 || entries < batchEntries)) {
      const item = queue[head] as Item
      head += 1
      const { call } = item
      if (call.over) continue
      if (call.remaining === call.responses.length && now - call.since > deadlineMs) {
        fail(call, tooLate(deadlineMs))
        continue
      }
      entries += entriesOf(item.request.request)
      batch.push(item)
    }
    if (head === queue.length) {
      queue = []
      head = 0
    } else if (head > 1024) {
      queue = queue.slice(head)
      head = 0
    }
    return batch
  }

  const run = (): void => {
    scheduled = false
    const batch = take()
    if (head < queue.length) schedule()
    if (batch.length > 0) compute(model, batch)
  }

  const schedule = (): void => {
    if (scheduled) return
    scheduled = true
    gather(() => queue.length - head, batchRequests, run)
  }

  return {
    get waiting() {
      return queue.length - head + vectors.waiting
    },
    score: requests =>
      new Promise((resolve, reject) => {
        const waiting = queue.length - head
        if (requests.length === 0) {
          resolve([])
        } else if (waiting > 0 && waiting + requests.length > queueLimit) {
          reject(noRoom(waiting))
        } else {
          const since = performance.now()
          const remaining = requests.length
          const call: Call = { since, responses: new Array(remaining), remaining, over: false, resolve, reject }
          requests.forEach((request, place) => {
            queue.push({ call, place, request })
          })
          schedule()
        }
      }),
    scoreFeatures: (meant, block, reasonsPerRow = 0) => vectors.score(meant, block, reasonsPerRow),
  }
}

/** Computes a batch; if it fails, each request alone, so that one that can't be scored harms no other. */
function compute(model: () => Model, batch: readonly Item[]): void {
  const scored = (items: readonly Item[]): ScoreResponse[] =>
    scoreBorrowers(
      model(),
      items.map(({ request }) => request),
    )
  try {
    scored(batch).forEach((response, index) => {
      settle(batch[index] as Item, response)
    })
  } catch (error) {
    if (batch.length === 1) {
      fail((batch[0] as Item).call, error)
      return
    }
    for (const item of batch) {
      if (item.call.over) continue
      try {
        settle(item, scored([item])[0] as ScoreResponse)
      } catch (own) {
        fail(item.call, own)
      }
    }
  }
}

function settle({ call, place }: Item, response: ScoreResponse): void {
  if (call.over) return
  call.responses[place] = response
  call.remaining -= 1
  if (call.remaining > 0) return
  call.over = true
  call.resolve(call.responses as ScoreResponse[])
}

function fail(call: Call, error: unknown): void {
  call.over = true
  call.reject(error)
}

function entriesOf({ accounts }: ScoreRequest): number {
  let entries = accounts.length
  for (const { instalments, payments, months } of accounts) {
    entries += (instalments?.length ?? 0) + (payments?.length ?? 0) + (months?.length ?? 0)
  }
  return entries
}
