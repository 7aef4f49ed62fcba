/** Bounds how many requests a second one caller may send, over all processes of a server. */

import { BurstyRateLimiter, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { z } from 'zod'
import type { OwnerSide, WorkerSide } from '../workers/hub.ts'

/** How many requests. */
export interface RateSettings {
  /** By one caller in a second; 0: as many as come. */
  readonly perSecond: number
  /** More of them, within ten seconds. */
  readonly burst: number
}

/** What is left to a caller. */
export interface Allowance {
  readonly allowed: boolean
  /** Requests left in this second, the burst not counted. */
  readonly remaining: number
  /** Milliseconds until more are allowed. */
  readonly resetMs: number
}

/** Bounds rates, as a process sees it. */
export interface RateLimit {
  /** The limit as a `RateLimit-Policy` header says it. @see draft-ietf-httpapi-ratelimit-headers-10 */
  readonly policy: string
  /** Counts a request. */
  count(caller: string): Promise<Allowance>
}

/** Time in which a burst is counted, in seconds. */
const burstSeconds = 10

const topic = 'rate-limit'

const allowanceSchema = z.object({ allowed: z.boolean(), remaining: z.number(), resetMs: z.number() })

/** Counts in the owner, whom all workers ask: a caller whose requests reach several of them is bounded as a whole. */
export function countRates(owner: OwnerSide, { perSecond, burst }: RateSettings): void {
  const limiter = new BurstyRateLimiter(
    new RateLimiterMemory({ points: perSecond, duration: 1 }),
    new RateLimiterMemory({ keyPrefix: 'burst', points: burst, duration: burstSeconds }),
  )
  owner.answer(topic, async (caller): Promise<Allowance> => {
    try {
      return allowance(true, await limiter.consume(z.string().parse(caller)))
    } catch (error) {
      if (error instanceof RateLimiterRes) return allowance(false, error)
      throw error
    }
  })
}

function allowance(allowed: boolean, { remainingPoints, msBeforeNext }: RateLimiterRes): Allowance {
  return { allowed, remaining: remainingPoints, resetMs: Math.max(0, msBeforeNext) }
}

/** The limit of a worker; null: there is none. */
export function rateLimit(hub: WorkerSide, { perSecond, burst }: RateSettings): RateLimit | null {
  if (perSecond === 0) return null
  return {
    policy: `"second";q=${perSecond};w=1, "burst";q=${burst};w=${burstSeconds}`,
    count: async caller => allowanceSchema.parse(await hub.ask(topic, caller)),
  }
}
