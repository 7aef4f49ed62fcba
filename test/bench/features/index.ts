/** How fast features are made, reading included, beside DuckDB's window functions and Polars. */

import { execFile } from 'node:child_process'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Table from 'cli-table3'
import { z } from 'zod'
import { openDatabase } from '../../../data/sources/index.ts'
import { catalogue, packageFolder } from '../../../models/index.ts'
import { peerPython } from '../peers.ts'
import type { Measured } from './measure.ts'
import { portfolioOf } from './portfolio.ts'
import { sqlFeatureNames, sqlQuery } from './sql-features.ts'

const run = promisify(execFile)

/** Borrowers of each size; the peers run on the middle one, which fits their memory. */
const sizes = { small: 10_000, middle: 100_000, large: 1_000_000 } as const

/** Passes over each size, so that all measure about the same number of account-months or more. */
const passes = { small: 40, middle: 4, large: 1 } as const

/** Account-months of a part: what is usual, less where a portfolio would otherwise be too few parts to share out. */
const rowsPerPart = { small: 300_000, middle: 500_000, large: 1_000_000 } as const

const measuredSchema: z.ZodType<Measured> = z.object({
  accountMonths: z.number(),
  perSecondPerCore: z.number(),
  openSeconds: z.number(),
  peakRssMiB: z.number(),
})

const peerSchema = z.object({ rows: z.number(), features: z.number(), seconds: z.number() })

/** A peer's figures, or why it wasn't run. */
type Peer = z.infer<typeof peerSchema> | { readonly missing: string }

/**
 * Runs the benchmark.
 *
 * @param words - `--quick` leaves out the million borrowers; flatness is then from 10,000 to 100,000.
 */
export async function benchFeatures(words: readonly string[]): Promise<object> {
  const quick = words.includes('--quick')
  const root = join(tmpdir(), 'harbinger-bench-features')
  const ours: Partial<Record<keyof typeof sizes, Measured>> = {}
  // There and back, so that a slow minute of the machine doesn't meet one size alone; of two runs the better counts.
  const there = quick ? (['small', 'middle'] as const) : (['small', 'middle', 'large'] as const)
  for (const size of [...there, ...there.slice(0, -1).reverse()]) {
    const measured = await measure(await portfolioOf(root, sizes[size]), passes[size], rowsPerPart[size])
    const before = ours[size]
    const peakRssMiB = Math.max(measured.peakRssMiB, before?.peakRssMiB ?? 0)
    const better = before === undefined || measured.perSecondPerCore > before.perSecondPerCore ? measured : before
    ours[size] = { ...better, peakRssMiB }
  }
  const file = join(await portfolioOf(root, sizes.middle), 'account-months.parquet')
  const peers: Record<string, Peer> = { 'DuckDB SQL': await raceDuckdb(file), Polars: await racePolars(file) }

  const cores = availableParallelism()
  const table = new Table({
    head: ['What', 'Account-months', 'Features', 'Per second and core', 'Values per second and core'],
    style: { head: [] },
  })
  const perFeature: number[] = []
  for (const [size, figures] of Object.entries(ours)) {
    table.push([
      `Harbinger, ${sizes[size as keyof typeof sizes].toLocaleString('en')} borrowers`,
      String(figures.accountMonths),
      String(catalogue.length),
      figures.perSecondPerCore.toFixed(0),
      (figures.perSecondPerCore * catalogue.length).toFixed(0),
    ])
  }
  for (const [name, peer] of Object.entries(peers)) {
    if ('missing' in peer) {
      console.log(`${name} was left out: ${peer.missing}`)
      continue
    }
    const perSecond = peer.rows / peer.seconds / cores
    perFeature.push(perSecond * peer.features)
    table.push([
      name,
      String(peer.rows),
      String(peer.features),
      perSecond.toFixed(0),
      (perSecond * peer.features).toFixed(0),
    ])
  }
  console.log(table.toString())
  const rates = Object.values(ours).map(({ perSecondPerCore }) => perSecondPerCore)
  const last = Object.values(ours).at(-1) as Measured
  console.log(`Opening and checking the largest took ${last.openSeconds.toFixed(0)} s.`)
  return {
    accountMonthsPerSecondPerCore: Math.round(last.perSecondPerCore),
    timesFasterPeer:
      perFeature.length === 0 ? null : (last.perSecondPerCore * catalogue.length) / Math.max(...perFeature),
    flatness: Math.max(...rates) / Math.min(...rates),
    peakRssMiB: Math.round(last.peakRssMiB),
  }
}

async function measure(folder: string, times: number, rows: number): Promise<Measured> {
  const program = join(packageFolder(), 'dist', 'test', 'bench', 'features', 'measure.js')
  const { stdout } = await run(process.execPath, [program, folder, String(times), String(rows)])
  return measuredSchema.parse(JSON.parse(stdout))
}

/** Sums of every feature: all are computed, and no time goes into handing them over. */
async function raceDuckdb(file: string): Promise<Peer> {
  const database = await openDatabase('8GB')
  try {
    let best = Number.POSITIVE_INFINITY
    let rows = 0
    for (let round = 0; round < 2; round += 1) {
      const started = performance.now()
      const sums = sqlFeatureNames.map(name => `sum(${name})`).join(', ')
      const result = await database.connection.runAndReadAll(`SELECT count(*), ${sums} FROM (${sqlQuery(file)})`)
      best = Math.min(best, (performance.now() - started) / 1000)
      rows = Number(result.getRows()[0]?.[0])
    }
    return { rows, features: sqlFeatureNames.length, seconds: best }
  } finally {
    database.close()
  }
}

async function racePolars(file: string): Promise<Peer> {
  const peer = await peerPython(['polars==1.44.2'])
  if ('missing' in peer) return peer
  const script = join(packageFolder(), 'test', 'bench', 'features', 'polars_peer.py')
  const { stdout } = await run(peer.python, [script, file])
  return peerSchema.parse(JSON.parse(stdout))
}
