/** A full score beside a bare Express echo of the same body: same machine, same run, as many processes, taking turns. */

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Table from 'cli-table3'
import { z } from 'zod'
import { formatDay, monthEnd, toMonth } from '../../data/index.ts'
import { simulateBorrowers, simulateEconomy, writeSimulation } from '../../data/simulator/index.ts'
import { openRegistry, packageFolder } from '../../models/index.ts'
import { trainModel } from '../../training/index.ts'

const simulation = { borrowers: 400, months: 36, seed: 2 }
const rounds = 3
/** Shares of the throughput found at which latency is measured. */
const loads = [0.25, 0.5, 0.9] as const
const secondsPerRound = 4
const connections = 16
const processes = availableParallelism()

interface Measured {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/** Runs the benchmark on a model trained for it. */
export async function benchServe(): Promise<object> {
  const root = mkdtempSync(join(tmpdir(), 'harbinger-bench-'))
  const children: ChildProcess[] = []
  try {
    const [portfolio, models] = [join(root, 'portfolio'), join(root, 'models')]
    await writeSimulation(portfolio, simulation)
    const { model } = await trainModel({
      dataset: portfolio,
      registry: models,
      name: 'bench',
      seed: 1,
      members: 5,
      command: 'npm run bench -- serve',
    })
    openRegistry(models).promote(model.name, model.version)

    const started = performance.now()
    const score = start('serving/cli.js', {
      HARBINGER_MODELS: models,
      HARBINGER_STORE: join(root, 'store'),
      PORT: '0',
      LOG_LEVEL: 'info',
      HARBINGER_WORKERS: String(processes),
    })
    const echo = start('test/bench/echo-server.js', {}, String(processes))
    children.push(score, echo)
    const [scoreUrl, echoUrl] = [await address(score), await address(echo)]
    const startSeconds = (performance.now() - started) / 1000
    for (const child of children) child.stdout?.resume() // a full pipe would stop a server that logs

    const body = requestBody()
    const [withReasons, without] = [join(root, 'with-reasons.json'), join(root, 'without-reasons.json')]
    writeFileSync(withReasons, JSON.stringify({ ...body, reasons: 4 }))
    writeFileSync(without, JSON.stringify({ ...body, reasons: 0 }))
    const runs: Record<'echo' | 'score' | 'reasons', Measured[]> = { echo: [], score: [], reasons: [] }
    for (let round = 0; round < rounds; round += 1) {
      runs.echo.push(await measure(`${echoUrl}/`, without))
      runs.score.push(await measure(`${scoreUrl}/v1/scores`, without))
      runs.reasons.push(await measure(`${scoreUrl}/v1/scores`, withReasons))
    }
    const [bare, plain, reasoned] = [median(runs.echo), median(runs.score), median(runs.reasons)]
    const table = new Table({ head: ['', 'Requests/s', 'Share of echo', 'p50 ms', 'p99 ms'], style: { head: [] } })
    for (const [name, run] of [
      ['Express echo', bare],
      ['Score', plain],
      ['Score with reasons', reasoned],
    ] as const) {
      table.push([name, run.perSecond.toFixed(0), (run.perSecond / bare.perSecond).toFixed(2), run.p50Ms, run.p99Ms])
    }
    console.log(
      `Body of ${JSON.stringify(body).length} bytes, ${body.accounts.length} accounts; ${processes} processes each, ${connections} connections; ready in ${startSeconds.toFixed(2)} s`,
    )
    console.log(table.toString())
    const latency = new Table({ head: ['Share of saturation', 'Requests/s', 'p50 ms', 'p99 ms'], style: { head: [] } })
    const latencies: Record<string, Measured> = {}
    for (const load of loads) {
      const run = await measure(`${scoreUrl}/v1/scores`, without, Math.max(1, Math.round(load * plain.perSecond)))
      latencies[String(load)] = run
      latency.push([load, run.perSecond.toFixed(0), run.p50Ms, run.p99Ms])
    }
    console.log(latency.toString())
    return {
      echoPerSecond: bare.perSecond,
      scorePerSecond: plain.perSecond,
      ratio: plain.perSecond / bare.perSecond,
      scoreWithReasonsPerSecond: reasoned.perSecond,
      ratioWithReasons: reasoned.perSecond / bare.perSecond,
      p99Ms: latencies['0.5']?.p99Ms ?? null,
      latencies,
      processes,
      startSeconds,
    }
  } finally {
    for (const child of children) child.kill()
    rmSync(root, { recursive: true, force: true })
  }
}

/** A borrower with three accounts of about 24 months. */
function requestBody() {
  const asOf = formatDay(monthEnd(toMonth('2022-01') + simulation.months - 1))
  for (const { borrower, accounts } of simulateBorrowers(simulation)) {
    const long = accounts.filter(({ instalments }) => instalments.length >= 22)
    if (long.length < 3) continue
    const economy = simulateEconomy(simulation).filter(month => (month.publishedOn ?? '') <= asOf)
    return { asOf, borrower, accounts: long.slice(0, 3), economy }
  }
  throw new Error('no borrower of the simulation has three long accounts')
}

function start(program: string, environment: NodeJS.ProcessEnv, ...args: string[]): ChildProcess {
  return spawn(process.execPath, [join(packageFolder(), 'dist', program), ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

/** Waits until a child says where it listens. */
function address(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    const listen = (text: unknown): void => {
      said += String(text)
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0]
      if (url === undefined) return
      child.stdout?.off('data', listen)
      resolve(url)
    }
    child.stdout?.on('data', listen)
    child.once('exit', code => reject(new Error(`a server ended with ${code}: ${said}`)))
  })
}

const resultSchema = z.object({
  requests: z.object({ average: z.number() }),
  latency: z.object({ p50: z.number(), p99: z.number() }),
  non2xx: z.number(),
  errors: z.number(),
})

/** The round of median throughput: rounds alternate, so a slow minute of the machine meets all alike. */
function median(measured: readonly Measured[]): Measured {
  const sorted = [...measured].sort((a, b) => a.perSecond - b.perSecond)
  return sorted[Math.floor(sorted.length / 2)] as Measured
}

/**
 * Loads a URL with autocannon, in a process of its own.
 *
 * @param rate - Requests per second; as many as are answered if left out.
 */
async function measure(url: string, bodyFile: string, rate?: number): Promise<Measured> {
  const program = createRequire(import.meta.url).resolve('autocannon')
  const load = ['-c', String(connections), '-d', String(secondsPerRound), '-m', 'POST', '-i', bodyFile]
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      program,
      '--json',
      ...load,
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
