/** Loads a server with autocannon, in a process of its own, and says what came of it. */

import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { z } from 'zod'

/** Connections that are open at the same time to see how much a server can do. */
export const connections = 64

/** Connections at a given rate: autocannon lets all of them ask at the same moment, and a burst that large would wait. */
const connectionsAtRate = 8

/** What a load came to. */
export interface Measured {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

const resultSchema = z.object({
  requests: z.object({ average: z.number() }),
  latency: z.object({ p50: z.number(), p99: z.number() }),
  non2xx: z.number(),
  errors: z.number(),
})

/**
 * Posts a file again and again.
 *
 * @param rate - Requests per second; as many as are answered if left out.
 * @throws Error if any answer was no success.
 */
export async function load(url: string, bodyFile: string, seconds: number, rate?: number): Promise<Measured> {
  const program = createRequire(import.meta.url).resolve('autocannon')
  const words = [
    '-c',
    String(rate === undefined ? connections : connectionsAtRate),
    '-d',
    String(seconds),
    '-m',
    'POST',
    '-i',
    bodyFile,
  ]
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      program,
      '--json',
      ...words,
      ...(rate === undefined ? [] : ['-R', String(rate)]),
      '-H',
      'content-type: application/json',
      url,
    ],
    { maxBuffer: 1e8 },
  )
  const { requests, latency, non2xx, errors } = resultSchema.parse(JSON.parse(stdout))
  if (non2xx > 0 || errors > 0) throw new Error(`${url}: ${non2xx} answers that were no success, ${errors} errors`)
  return { perSecond: requests.average, p50Ms: latency.p50, p99Ms: latency.p99 }
}

/** The round of median throughput: rounds alternate, so a slow minute of the machine meets all alike. */
export function median(measured: readonly Measured[]): Measured {
  const sorted = [...measured].sort((a, b) => a.perSecond - b.perSecond)
  return sorted[Math.floor(sorted.length / 2)] as Measured
}
