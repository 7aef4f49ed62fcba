import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRegistry, packageFolder } from '../../../models/index.ts'
import { readConfig } from '../../../serving/index.ts'
import { letAnybodyIn, letIn } from '../../../serving/security/callers.ts'
import { rememberKeys } from '../../../serving/security/known-keys.ts'
import { type Allowance, countRates, type RateSettings, rateLimit } from '../../../serving/security/rate-limit.ts'
import { createLocalHub } from '../../../serving/workers/hub.ts'
import { writeTinyModel } from '../../models/tiny-model.ts'
import { startTestServer, type TestServer } from '../test-server.ts'
import { testKey } from './test-keys.ts'

const root = mkdtempSync(join(tmpdir(), 'harbinger-rates-'))
const [one, other] = [testKey(['score', 'metrics']), testKey(['score'])]
const servers: TestServer[] = []
let child: ChildProcess | undefined
beforeAll(async () => {
  await writeTinyModel(root)
  openRegistry(root).promote('tiny', 1)
})
afterAll(async () => {
  child?.kill('SIGKILL')
  await Promise.all(servers.map(server => server.close()))
  rmSync(root, { recursive: true, force: true })
})

/** A limit that counts in this process, as the owner of several does. */
function limitOf(settings: RateSettings): (caller: string) => Promise<Allowance> {
  const { owner, worker } = createLocalHub()
  countRates(owner, settings)
  const limit = rateLimit(worker, settings)
  return caller => limit!.count(caller)
}

async function countOften(count: (caller: string) => Promise<Allowance>, times: number, caller: string) {
  const allowed: boolean[] = []
  for (let request = 0; request < times; request += 1) allowed.push((await count(caller)).allowed)
  return allowed
}

test('a caller may send as many in a second as the limit, and a burst beyond', async () => {
  const count = limitOf({ perSecond: 4, burst: 3 })
  expect(await count('one')).toEqual({ allowed: true, remaining: 3, resetMs: expect.any(Number) as number })
  expect(await countOften(count, 9, 'one')).toEqual([...Array(6).fill(true), ...Array(3).fill(false)]) // 4 + 3 − the first
  const refused = await count('one')
  expect(refused).toMatchObject({ allowed: false, remaining: 0 })
  expect(refused.resetMs).toBeGreaterThan(0)
  expect(refused.resetMs).toBeLessThanOrEqual(1000)
  await sleep(1100)
  expect(await countOften(count, 6, 'one')).toEqual([...Array(4).fill(true), false, false]) // the burst lasts ten seconds
})

test('each caller has a limit of its own', async () => {
  const count = limitOf({ perSecond: 3, burst: 0 })
  for (const caller of ['one', 'two', '__proto__', '']) {
    expect(await countOften(count, 5, caller), caller).toEqual([true, true, true, false, false])
  }
})

test('by default there is no limit, and a burst is as large as the limit', () => {
  expect(rateLimit(createLocalHub().worker, readConfig({}).rates)).toBeNull()
  expect(readConfig({ HARBINGER_RATE_LIMIT: '7' }).rates).toEqual({ perSecond: 7, burst: 7 })
  expect(readConfig({ HARBINGER_RATE_LIMIT: '7', HARBINGER_RATE_BURST: '0' }).rates).toEqual({ perSecond: 7, burst: 0 })
})

/** Serves with a limit that lets as many requests through in all, and says whom it counted. */
async function serve(many: number, open = false): Promise<{ server: TestServer; counted: string[] }> {
  const counted: string[] = []
  const known = rememberKeys(async () => [one.known, other.known])
  const server = await startTestServer(undefined, {
    identify: open ? letAnybodyIn : letIn('holders', known),
    rateLimit: {
      policy: '"second";q=9;w=1',
      count: async caller => {
        counted.push(caller)
        return { allowed: counted.length <= many, remaining: Math.max(0, many - counted.length), resetMs: 2500 }
      },
    },
  })
  servers.push(server)
  return { server, counted }
}

const ask = (server: TestServer, key?: string, path = '/v1/models', method = 'GET'): Promise<Response> =>
  fetch(server.url + path, { method, headers: key === undefined ? {} : { 'x-api-key': key } })

test('answers say how many are left, and 429 when to come back', async () => {
  const { server } = await serve(1)
  const allowed = await ask(server, one.text)
  expect(allowed.status).toBe(200)
  expect(allowed.headers.get('ratelimit-policy')).toBe('"second";q=9;w=1')
  expect(allowed.headers.get('ratelimit')).toBe('"second";r=0;t=3') // 2.5 s, rounded up
  expect(allowed.headers.get('retry-after')).toBeNull()
  const refused = await ask(server, one.text)
  expect(refused.status).toBe(429)
  expect(refused.headers.get('retry-after')).toBe('3')
  expect(await refused.json()).toMatchObject({ type: '/problems/too-many-requests', status: 429 })
})

test('callers are counted by key, those without the scope too; open paths and unknown callers aren’t', async () => {
  const { server, counted } = await serve(9)
  expect((await ask(server, one.text)).status).toBe(200)
  expect((await ask(server, other.text, '/metrics')).status).toBe(403)
  expect((await ask(server, undefined, '/healthz')).headers.get('ratelimit')).toBeNull()
  expect((await ask(server)).status).toBe(401)
  expect(counted).toEqual([`caller ${one.text.split('_')[1]}`, `caller ${other.text.split('_')[1]}`])
})

test('while anybody is let in, an address is counted, whatever key it shows', async () => {
  const { server, counted } = await serve(9, true)
  for (const key of [one.text, undefined, 'nonsense']) expect((await ask(server, key)).status).toBe(200)
  expect(counted).toEqual(Array(3).fill('address 127.0.0.1'))
})

test('protocols say it in their own words', async () => {
  const { server } = await serve(0)
  const [infer, predict, invoke] = await Promise.all(
    ['/v2/models/formula/infer', '/v1/models/formula:predict', '/invocations'].map(path =>
      ask(server, one.text, path, 'POST'),
    ),
  )
  expect([infer?.status, predict?.status, invoke?.status]).toEqual([429, 429, 429])
  const title = 'The caller sends too many requests'
  expect(await infer?.json()).toEqual({ error: title })
  expect(await predict?.json()).toEqual({ error: title })
  expect(await invoke?.json()).toEqual({ error_code: 'REQUEST_LIMIT_EXCEEDED', message: title })
})

test('two processes together keep to one limit', async () => {
  const started = spawn(process.execPath, [join(packageFolder(), 'dist/serving/cli.js'), '--workers', '2'], {
    env: {
      ...process.env,
      PORT: '0',
      HARBINGER_AUTH: 'none',
      HARBINGER_MODELS: root,
      HARBINGER_STORE: join(root, 'store'),
      HARBINGER_RATE_LIMIT: '5',
      HARBINGER_RATE_BURST: '10',
    },
  })
  child = started
  let log = ''
  for (const stream of [started.stdout, started.stderr]) stream?.on('data', text => (log += String(text)))
  let url: string | undefined
  while (url === undefined) {
    url = /"url":"(http:[^"]+)","workers":2/.exec(log)?.[1]
    if (started.exitCode !== null) throw new Error(log)
    await sleep(50)
  }
  const began = performance.now()
  const answers = await Promise.all(
    Array.from(
      { length: 60 },
      async () => (await fetch(`${url}/v1/models`, { headers: { connection: 'close' } })).status,
    ),
  )
  const windows = Math.floor((performance.now() - began) / 1000) + 2 // a second's count may begin before and end after
  const passed = answers.filter(status => status === 200).length
  expect(passed).toBeGreaterThanOrEqual(15) // 5 + 10
  expect(passed).toBeLessThanOrEqual(5 * windows + 10)
  expect(answers.filter(status => status === 429)).toHaveLength(60 - passed)
  const pids = (): Set<string | undefined> =>
    new Set([...log.matchAll(/"pid":(\d+)[^\n]*request completed/g)].map(([, pid]) => pid))
  while (pids().size < 2) await sleep(20) // both have answered some
})
