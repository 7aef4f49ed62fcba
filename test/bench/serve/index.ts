/**
 * A full score beside a bare Express echo of the same body, and beside FastAPI with LightGBM: same machine, same run, as
 * many processes, taking turns.
 */

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import { z } from 'zod'
import { writeSimulation } from '../../../data/simulator/index.ts'
import { openRegistry } from '../../../models/index.ts'
import { defaultMembers, profileNames, trainModel } from '../../../training/index.ts'
import { exportFeatures } from '../accuracy/run-peers.ts'
import { scoreBody, simulation, vectorBody } from './bodies.ts'
import { startFastApi } from './fastapi.ts'
import { connections, load, type Measured, median } from './load.ts'
import { address, residentMiBs, startOurs } from './programs.ts'
import { streamRows } from './stream.ts'

const rounds = 3
const secondsPerRound = 4
/** Before the first round, for compilers that work while a program runs. */
const warmUpSecondsPerRun = 20
/** Shares of the throughput found at which latency is measured. */
const loads = [0.25, 0.5, 0.9] as const
const processes = availableParallelism()
const streamedRows = 2000
/** How long memory is sampled before and after half load. */
const weighingSeconds = 30

/** Longest that a server may take to end, in milliseconds. */
const endMs = 30_000

/**
 * Runs the benchmark on a model trained for it. `--soak-minutes 30` is how long half load is kept up, `--profile blend`
 * serves that instead of the default.
 */
export async function benchServe(words: readonly string[]): Promise<object> {
  const { values } = parseArgs({
    args: [...words],
    options: { 'soak-minutes': { type: 'string', default: '30' }, profile: { type: 'string' } },
  })
  const profile = z.enum(profileNames).default('fast').parse(values.profile)
  const root = mkdtempSync(join(tmpdir(), 'harbinger-bench-'))
  const children: ChildProcess[] = []
  try {
    const [portfolio, models, features] = [join(root, 'portfolio'), join(root, 'models'), join(root, 'features.csv')]
    await writeSimulation(portfolio, simulation)
    const { model } = await trainModel({
      dataset: portfolio,
      registry: models,
      name: 'bench',
      seed: 1,
      members: defaultMembers,
      profile,
      command: 'npm run bench -- serve',
    })
    openRegistry(models).promote(model.name, model.version)
    await exportFeatures(portfolio, features)

    const started = performance.now()
    const ours = startOurs('serving/cli.js', {
      HARBINGER_MODELS: models,
      HARBINGER_STORE: join(root, 'store'),
      PORT: '0',
      LOG_LEVEL: 'info',
      HARBINGER_WORKERS: String(processes),
    })
    children.push(ours)
    const ourUrl = await address(ours)
    const startSeconds = (performance.now() - started) / 1000
    const echo = startOurs('test/bench/serve/echo-server.js', {}, String(processes))
    children.push(echo)
    const echoUrl = await address(echo)
    const peer = await startFastApi(features, root, model.manifest.label.horizonMonths, processes)
    if (peer !== null) children.push(peer)
    const peerUrl = peer === null ? null : await address(peer)
    await answers(`${ourUrl}/readyz`)
    if (peerUrl !== null) await answers(`${peerUrl}/docs`)

    const file = (name: string, content: object): string => {
      const path = join(root, name)
      writeFileSync(path, JSON.stringify(content))
      return path
    }
    const body = scoreBody()
    const rows = readFileSync(features, 'utf8')
    const { names } = model.manifest.features
    const [plain, reasoned] = [
      file('plain.json', { ...body, reasons: 0 }),
      file('reasons.json', { ...body, reasons: 4 }),
    ]
    const runs: readonly (readonly [name: string, url: string, body: string])[] = [
      ['Express echo', `${echoUrl}/`, plain],
      ['Score', `${ourUrl}/v1/scores`, plain],
      ['Score with reasons', `${ourUrl}/v1/scores`, reasoned],
      [
        'Precomputed vectors',
        `${ourUrl}/invocations`,
        file('split.json', { dataframe_split: vectorBody(rows, names, 'all') }),
      ],
      ...(peerUrl === null
        ? []
        : ([
            ['FastAPI, score', `${peerUrl}/scores`, plain],
            ['FastAPI, score with reasons', `${peerUrl}/scores`, reasoned],
            [
              'FastAPI, precomputed vectors',
              `${peerUrl}/vectors`,
              file('vectors.json', vectorBody(rows, names, 'numbers')),
            ],
          ] as const)),
    ]
    for (const [name, url, bodyFile] of runs) {
      await tryOnce(name, url, bodyFile)
      await load(url, bodyFile, warmUpSecondsPerRun)
    }
    const measured = new Map<string, Measured[]>()
    for (let round = 0; round < rounds; round += 1) {
      for (const [name, url, bodyFile] of runs) {
        measured.set(name, [...(measured.get(name) ?? []), await load(url, bodyFile, secondsPerRound)])
      }
    }
    const found = new Map([...measured].map(([name, all]) => [name, median(all)]))
    const rate = (name: string): number => found.get(name)?.perSecond ?? Number.NaN
    const table = new Table({ head: ['', 'Requests/s', 'Share of echo', 'p50 ms', 'p99 ms'], style: { head: [] } })
    for (const [name, { perSecond, p50Ms, p99Ms }] of found) {
      table.push([name, perSecond.toFixed(0), (perSecond / rate('Express echo')).toFixed(2), p50Ms, p99Ms])
    }
    console.log(
      `Body of ${JSON.stringify(body).length} bytes, ${body.accounts.length} accounts; ${processes} processes each, ${connections} connections; ready in ${startSeconds.toFixed(2)} s`,
    )
    console.log(table.toString())

    const latencies: Record<string, Measured> = {}
    const latency = new Table({ head: ['Share of saturation', 'Requests/s', 'p50 ms', 'p99 ms'], style: { head: [] } })
    for (const share of loads) {
      const run = await load(
        `${ourUrl}/v1/scores`,
        plain,
        secondsPerRound,
        Math.max(1, Math.round(share * rate('Score'))),
      )
      latencies[String(share)] = run
      latency.push([share, run.perSecond.toFixed(0), run.p50Ms, run.p99Ms])
    }
    console.log(latency.toString())

    const rowsPerSecond = await streamRows(ourUrl, { ...body, reasons: 0 }, streamedRows)
    console.log(`NDJSON: ${rowsPerSecond.toFixed(0)} borrowers/s over one connection, ${streamedRows} in a row`)

    const minutes = Number(values['soak-minutes'])
    const half = Math.max(1, Math.round(rate('Score') / 2))
    const atHalf = (seconds: number): Promise<Measured> => load(`${ourUrl}/v1/scores`, plain, seconds, half)
    /** Median under load: between two collections of garbage a process may grow by a tenth and shrink again. */
    const weigh = async (): Promise<number> => {
      const [weights] = await Promise.all([residentMiBs(ours, weighingSeconds), atHalf(weighingSeconds)])
      return weights.sort((left, right) => left - right)[Math.floor(weights.length / 2)] as number
    }
    await atHalf(Math.min(60, minutes * 15))
    const before = await weigh()
    const soak = await atHalf(minutes * 60)
    const after = await weigh()
    console.log(
      `Memory of all processes: ${before.toFixed(0)} MiB, and ${after.toFixed(0)} MiB after ${minutes} minutes at ${soak.perSecond.toFixed(0)} requests/s (p99 ${soak.p99Ms} ms)`,
    )

    const peers = {
      timesFastApi: rate('Score') / rate('FastAPI, score'),
      timesFastApiWithReasons: rate('Score with reasons') / rate('FastAPI, score with reasons'),
      timesFastApiVectors: rate('Precomputed vectors') / rate('FastAPI, precomputed vectors'),
    }
    return {
      ratio: rate('Score') / rate('Express echo'),
      ratioWithReasons: rate('Score with reasons') / rate('Express echo'),
      ...(peerUrl === null ? { timesFastApi: null } : peers),
      p99Ms: latencies['0.5']?.p99Ms ?? null,
      rssGrowth: after / before - 1,
      soakMinutes: minutes,
      perSecond: Object.fromEntries([...found].map(([name, { perSecond }]) => [name, perSecond])),
      ndjsonRowsPerSecond: rowsPerSecond,
      latencies,
      processes,
      profile,
      startSeconds,
    }
  } finally {
    await Promise.all(children.map(ended))
    rmSync(root, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Stops a server and waits until it has ended: what it still moves into its database would come into a folder that goes. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const end = once(child, 'exit')
  child.kill()
  const forced = setTimeout(() => child.kill('SIGKILL'), endMs)
  await end
  clearTimeout(forced)
}

/** A load that fails doesn't say why. */
async function tryOnce(name: string, url: string, bodyFile: string): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body: readFileSync(bodyFile) })
  const text = await response.text()
  if (!response.ok) throw new Error(`${name}: ${response.status} ${text.slice(0, 500)}`)
}

/** Waits until a server answers. */
async function answers(url: string): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    const status = await fetch(url).then(
      response => response.status,
      () => null,
    )
    if (status === 200) return
    await sleep(100)
  }
  throw new Error(`${url} doesn't answer`)
}
