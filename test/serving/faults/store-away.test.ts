import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openRegistry, packageFolder } from '../../../models/index.ts'
import { type RunningServer, runServer, scoreResponseSchema } from '../../../serving/index.ts'
import { openDatabase } from '../../../serving/store/database.ts'
import { verifyChain } from '../../../serving/store/verify-chain.ts'
import { writeTinyModel } from '../../models/tiny-model.ts'
import { createCluster, postgresPrograms } from '../store/postgres-cluster.ts'

const programs = postgresPrograms()
const example = readFileSync(join(packageFolder(), 'docs/examples/score-request.json'), 'utf8')

let root: string
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'harbinger-away-'))
  await writeTinyModel(root)
  openRegistry(root).promote('tiny', 1)
})
afterEach(() => {
  vi.useRealTimers()
  rmSync(root, { recursive: true, force: true })
})

function serve(settings: NodeJS.ProcessEnv): Promise<RunningServer> {
  return runServer({
    ...process.env,
    PORT: '0',
    LOG_LEVEL: 'silent',
    HARBINGER_MODELS: root,
    HARBINGER_STORE: join(root, 'store'),
    ...settings,
  })
}

const post = (server: RunningServer): Promise<Response> =>
  fetch(`${server.url}/v1/scores`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: example,
  })

async function ready(server: RunningServer): Promise<number> {
  const response = await fetch(`${server.url}/readyz`)
  await response.arrayBuffer()
  return response.status
}

test.skipIf(programs === null)(
  'the database is stopped and started under load: nothing answered is missing, and no request fails (skipped where PostgreSQL isn’t installed)',
  async () => {
    const cluster = await createCluster(programs as string)
    const server = await serve({ DATABASE_URL: cluster.url })
    const answered = new Set<string>()
    const failed: string[] = []
    let loading = true
    const client = async (): Promise<void> => {
      while (loading) {
        const response = await post(server)
        const body: unknown = await response.json()
        if (response.status === 200) answered.add(scoreResponseSchema.parse(body).decisionId)
        else failed.push(JSON.stringify(body))
      }
    }
    const clients = Array.from({ length: 4 }, client)
    await sleep(1500)
    for (let outage = 0; outage < 2; outage += 1) {
      await cluster.stop()
      const before = answered.size
      await sleep(1500)
      expect(answered.size).toBeGreaterThan(before) // spooled meanwhile
      expect(await ready(server)).toBe(200)
      await cluster.start()
      await sleep(1000)
    }
    loading = false
    await Promise.all(clients)
    await server.close()
    expect(failed).toEqual([])
    // What the closing server couldn't drain, the next one does.
    const next = await serve({ DATABASE_URL: cluster.url })
    const database = await openDatabase({ url: cluster.url, folder: '' })
    const ids = [...answered]
    let found = 0
    for (let attempt = 0; attempt < 300 && found < ids.length; attempt += 1) {
      const [row] = await database.query('select count(*)::int as n from decisions where id = any($1::uuid[])', [ids])
      found = Number(row?.n)
      if (found < ids.length) await sleep(100)
    }
    expect(found).toBe(ids.length)
    expect((await verifyChain(database)).findings).toEqual([])
    await database.close()
    await next.close()
    await cluster.remove()
  },
)

test.skipIf(programs === null)(
  'told to refuse, the server answers 503 while the database is stopped, and decides again after (skipped where PostgreSQL isn’t installed)',
  async () => {
    const cluster = await createCluster(programs as string)
    const server = await serve({ DATABASE_URL: cluster.url, HARBINGER_STORE_DOWN: 'refuse' })
    const until = async (status: number): Promise<void> => {
      for (let attempt = 0; attempt < 600; attempt += 1) {
        const response = await post(server)
        await response.arrayBuffer()
        if (response.status === status) return
        expect([200, 503]).toContain(response.status)
        await sleep(50)
      }
      throw new Error(`never answered ${status}`)
    }
    await until(200)
    await cluster.stop()
    await until(503)
    expect(await (await post(server)).json()).toMatchObject({ type: '/problems/store-unavailable' })
    expect(await ready(server)).toBe(503)
    await cluster.start()
    await until(200)
    expect(await ready(server)).toBe(200)
    await server.close()
    await cluster.remove()
  },
)

test('a clock that steps back while the server runs: requests are answered, and the chain verifies', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime('2026-06-03T04:00:00Z')
  const server = await serve({ HARBINGER_WORKERS: '1' }) // in this process, whose clock it is
  const decided: string[] = []
  for (const time of ['2026-06-03T04:00:00Z', '2026-06-03T02:30:00Z', '2026-06-02T23:00:00Z', '2026-06-03T06:00:00Z']) {
    vi.setSystemTime(time)
    for (let request = 0; request < 5; request += 1) {
      const response = await post(server)
      expect(response.status).toBe(200)
      decided.push(scoreResponseSchema.parse(await response.json()).decided?.at ?? '')
    }
  }
  expect(decided[5]?.slice(0, 13)).toBe('2026-06-03T02')
  await server.close()
  const database = await openDatabase({ folder: join(root, 'store', 'database') })
  expect(await verifyChain(database)).toMatchObject({ rows: 20, findings: [] })
  await database.close()
})
