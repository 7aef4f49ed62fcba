/** Rows per second and peak memory of each network on each engine that is present. */

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Table from 'cli-table3'
import { z } from 'zod'
import { packageFolder } from '../../../models/index.ts'

const run = promisify(execFile)

/** Rows trained on, by engine: plain JavaScript is hundreds of times slower. */
const engines = { wasm: 8192, native: 8192, javascript: 512 } as const

const speedSchema = z.object({
  engine: z.string(),
  network: z.string(),
  trainingRowsPerSecond: z.number(),
  scoredRowsPerSecond: z.number(),
  oneRowMs: z.number(),
  peakRssMiB: z.number(),
})

/** Runs the part. */
export async function benchSpeed(): Promise<void> {
  const table = new Table({
    head: ['Engine', 'Network', 'Rows/s, training', 'Rows/s, scoring', 'One row, ms', 'Peak memory, MiB'],
    style: { head: [] },
  })
  for (const [engine, rows] of Object.entries(engines)) {
    for (const network of ['perceptron', 'trees', 'sequence']) {
      try {
        const { stdout } = await run(
          process.execPath,
          [join(packageFolder(), 'dist/test/bench/accuracy/engine-speed.js'), network, String(rows)],
          { env: { ...process.env, HARBINGER_ENGINE: engine }, maxBuffer: 1e8 },
        )
        const speed = speedSchema.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''))
        table.push([
          engine,
          network,
          speed.trainingRowsPerSecond,
          speed.scoredRowsPerSecond,
          speed.oneRowMs.toFixed(2),
          speed.peakRssMiB,
        ])
      } catch (error) {
        const said = error instanceof Error ? error.message : String(error)
        console.log(
          `${engine} is skipped: ${said.split('\n').find(line => /expected @|^\S*Error:/.test(line)) ?? said.split('\n')[0]}`,
        )
        break
      }
    }
  }
  console.log(table.toString())
}
