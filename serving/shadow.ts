/** Asks the challenger what it would have said, after the champion has answered, and hands that to the log. */

import type { Metrics } from './metrics.ts'
import type { ModelHost } from './model-host.ts'
import type { ScoreResponse } from './requests.ts'
import { type IdentifiedRequest, scoreBorrowers } from './score.ts'
import type { Scorer } from './scorer.ts'

/** Where shadow scores go. The `requestId` joins each to the champion's answer. */
export interface ShadowSink {
  record(scores: readonly ScoreResponse[]): void | Promise<void>
}

/** The queue of requests that the challenger has yet to score. */
export interface Shadow {
  /** Puts answered requests into the queue; where it is full they are dropped and counted. */
  offer(requests: readonly IdentifiedRequest[]): void
  /** Resolves once the queue is empty and all is handed over. */
  idle(): Promise<void>
}

/** Requests that wait at most; more would only cost memory, since a challenger is compared by the many. */
const queueAtMost = 1000

/** Requests scored in one turn of the event loop, so that answers don't wait long. */
const perTurn = 8

/** Makes the queue. A fault of the challenger or the sink never reaches a client. */
export function createShadow(
  host: ModelHost,
  sink: ShadowSink,
  onFault: (error: unknown) => void,
  counts: Pick<Metrics, 'shadowed'>,
): Shadow {
  const queue: IdentifiedRequest[] = []
  let working: Promise<void> | null = null

  const work = async (): Promise<void> => {
    while (queue.length > 0) {
      await new Promise(resolve => setImmediate(resolve))
      const taken = queue.splice(0, perTurn)
      const challenger = host.challenger()
      if (challenger === null) continue
      try {
        const scores = scoreBorrowers(challenger, taken)
        await sink.record(scores)
        counts.shadowed('scored', taken.length)
      } catch (error) {
        counts.shadowed('failed', taken.length)
        onFault(error)
      }
    }
    working = null
  }

  return {
    offer: requests => {
      if (host.challenger() === null) return
      const room = Math.max(0, queueAtMost - queue.length)
      queue.push(...requests.slice(0, room))
      if (requests.length > room) counts.shadowed('dropped', requests.length - room)
      working ??= work()
    },
    idle: async () => {
      while (working !== null) await working
    },
  }
}

/** A scorer after whose answers the challenger is asked. Feature vectors are not: a challenger may need other features. */
export function withShadow(scorer: Scorer, shadow: Shadow): Scorer {
  return {
    ...scorer,
    score: async requests => {
      const scores = await scorer.score(requests)
      shadow.offer(requests)
      return scores
    },
  }
}
