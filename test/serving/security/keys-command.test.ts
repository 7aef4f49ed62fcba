import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { openRegistry, packageFolder } from '../../../models/index.ts'
import { writeTinyModel } from '../../models/tiny-model.ts'

const root = mkdtempSync(join(tmpdir(), 'harbinger-keys-'))
const [models, store] = [join(root, 'models'), join(root, 'store')]
const example = readFileSync(join(packageFolder(), 'docs/examples/score-request.json'), 'utf8')
const children: ChildProcess[] = []

beforeAll(async () => {
  await writeTinyModel(models)
  openRegistry(models).promote('tiny', 1)
})
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(root, { recursive: true, force: true })
})

function start(args: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = spawn(process.execPath, [join(packageFolder(), 'dist/serving/cli.js'), ...args], {
    env: { ...process.env, HARBINGER_MODELS: models, HARBINGER_STORE: store, PORT: '0', ...environment },
  })
  children.push(child)
  return child
}

interface Ended {
  readonly code: unknown
  readonly out: string
  readonly err: string
}

async function ended(child: ChildProcess): Promise<Ended> {
  let [out, err] = ['', '']
  child.stdout?.on('data', text => (out += String(text)))
  child.stderr?.on('data', text => (err += String(text)))
  const [code] = await once(child, 'close')
  return { code, out, err }
}

const keys = (...args: string[]): Promise<Ended> => ended(start(['keys', ...args]))

const madeSchema = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  createdAt: z.string(),
  expiresAt: z.string().nullable(),
  key: z.string(),
})
const listSchema = z.array(madeSchema.omit({ key: true }).extend({ revokedAt: z.string().nullable() }).strict())

async function create(...args: string[]): Promise<z.infer<typeof madeSchema>> {
  const { code, out, err } = await keys('create', '--json', ...args)
  expect(code, err).toBe(0)
  return madeSchema.parse(JSON.parse(out))
}

async function list(): Promise<z.infer<typeof listSchema>> {
  const { code, out, err } = await keys('list', '--json')
  expect(code, err).toBe(0)
  return listSchema.parse(JSON.parse(out))
}

/** Starts a server of two processes; resolves once all of them serve. */
async function serve(
  environment: NodeJS.ProcessEnv = {},
): Promise<{ child: ChildProcess; url: string; log(): string }> {
  const child = start(['--workers', '2'], environment)
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', text => (said += String(text)))
  for (;;) {
    const url = /"url":"http:\/\/[^"]*:(\d+)","workers":2/.exec(said)?.[1]
    if (url !== undefined) return { child, url: `http://127.0.0.1:${url}`, log: () => said }
    if (child.exitCode !== null) throw new Error(said)
    await sleep(50)
  }
}

/** Statuses of requests over connections of their own, so that both processes answer some. */
function statuses(url: string, key?: string): Promise<number[]> {
  return Promise.all(
    Array.from({ length: 6 }, async () => {
      const headers = { connection: 'close', ...(key === undefined ? {} : { 'x-api-key': key }) }
      return (await fetch(`${url}/v1/models`, { headers })).status
    }),
  )
}

const six = (status: number): number[] => Array(6).fill(status)

/** Waits until all answers are so; returns the time it took, in milliseconds. */
async function until(url: string, key: string | undefined, status: number): Promise<number> {
  const began = performance.now()
  while (!(await statuses(url, key)).every(one => one === status)) {
    if (performance.now() - began > 60_000) throw new Error(`still not ${status}`)
    await sleep(50)
  }
  return performance.now() - began
}

test('a key is shown once, when it is made; the store keeps a hash', async () => {
  const { code, out, err } = await keys('create', '--name', 'clerk', '--scopes', 'score,outcomes', '--expires', '90d')
  expect([code, out]).toEqual([0, expect.stringMatching(/^hbg_[0-9a-f]{16}_[0-9a-f]{64}\n$/)])
  const [, id, secret] = out.trim().split('_') as [string, string, string]
  expect(err).toContain(id)
  expect(err).not.toContain(secret)
  const listed = await list()
  expect(listed).toMatchObject([{ id, name: 'clerk', scopes: ['score', 'outcomes'], revokedAt: null }])
  const expires = Date.parse(listed[0]?.expiresAt ?? '')
  expect(Math.abs(expires - Date.now() - 90 * 86_400_000)).toBeLessThan(600_000)
  const table = (await keys('list')).out
  for (const text of [id, 'clerk', 'score, outcomes', 'works']) expect(table).toContain(text)
  for (const text of [JSON.stringify(listed), table]) expect(text).not.toContain(secret.slice(0, 16))
  for (const file of readdirSync(store, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue
    expect(readFileSync(join(file.parentPath, file.name)).includes(secret), file.name).toBe(false)
  }
})

test('what is not as expected is refused with 2, by name, and changes nothing', async () => {
  const before = await list()
  const bad = [
    [['create', '--name', 'x', '--scopes', 'score,root'], '--scopes'],
    [['create', '--name', 'x', '--scopes', ''], '--scopes'],
    [['create', '--name', '', '--scopes', 'score'], '--name'],
    [['create', '--name', 'a\nb', '--scopes', 'score'], '--name'],
    [['create', '--name', 'x', '--scopes', 'score', '--expires', '2020-01-01'], '--expires'],
    [['create', '--name', 'x', '--scopes', 'score', '--expires', '2027-02-30'], '--expires'],
    [['create', '--name', 'x', '--scopes', 'score', '--expires', '0d'], '--expires'],
    [['create', '--name', 'x', '--scopes', 'score', '--expires', 'soon'], '--expires'],
    [['revoke', "' or true --"], 'the id of a key'],
  ] as const
  await Promise.all(
    bad.map(async ([args, says]) => {
      const { code, out, err } = await keys(...args)
      expect([code, out], String(args)).toEqual([2, ''])
      expect(err, String(args)).toContain(says)
    }),
  )
  expect(await list()).toEqual(before)
})

test('a date of expiry is the first moment of that day, in UTC', async () => {
  const year = new Date().getUTCFullYear() + 1
  const made = await create('--name', 'x', '--scopes', 'metrics', '--expires', `${year}-02-28`)
  expect(made.expiresAt).toBe(`${year}-02-28T00:00:00.000Z`)
})

test('keys are made and revoked beside a running server, whose every process follows', async () => {
  rmSync(store, { recursive: true, force: true })
  const { child, url, log } = await serve()
  expect(log()).toContain('no authentication on this machine until a key is made')
  expect(await statuses(url)).toEqual(six(200))

  const { id, key, expiresAt } = await create('--name', 'bank', '--scopes', 'score')
  expect(expiresAt).toBeNull()
  expect(await until(url, undefined, 401)).toBeLessThan(5000)
  expect(await statuses(url, key)).toEqual(six(200))

  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` }
  const scored = await fetch(`${url}/v1/scores`, { method: 'POST', headers, body: example })
  const { decisionId } = z.object({ decisionId: z.string() }).parse(await scored.json())
  const promote = { method: 'POST', headers, body: '{}' }
  expect((await fetch(`${url}/v1/models/tiny/versions/1/promote`, promote)).status).toBe(403)
  let logged: Response
  do {
    logged = await fetch(`${url}/v1/decisions/${decisionId}`, { headers })
  } while (logged.status === 404)
  expect(await logged.json()).toMatchObject({ decisionId, caller: id })

  const { code, out } = await keys('revoke', id)
  expect([code, out]).toEqual([0, expect.stringMatching(new RegExp(`^Key ${id} of bank is revoked since 2`))])
  expect(await until(url, key, 401)).toBeLessThan(5000) // it takes a second; the machine may be busy
  expect(await statuses(url)).toEqual(six(401)) // a server that had keys doesn't open again
  const [first, again] = [(await list())[0]?.revokedAt, await keys('revoke', id)]
  expect(again.out).toContain(first ?? 'never')
  expect(log()).not.toContain('hbg_')
  child.kill('SIGTERM')
  await once(child, 'close')
  expect(log()).not.toContain(key.split('_')[2])
})

test('a server that other machines reach asks for a key, even if there is none', async () => {
  rmSync(store, { recursive: true, force: true })
  const { child, url } = await serve({ HOST: '0.0.0.0' })
  expect(await statuses(url)).toEqual(six(401))
  expect((await fetch(`${url}/readyz`)).status).toBe(200)
  const { key } = await create('--name', 'x', '--scopes', 'score')
  expect(await until(url, key, 200)).toBeLessThan(5000)
  child.kill('SIGTERM')
  await once(child, 'close')
})

test('a server that would let anybody in from other machines doesn’t start', async () => {
  for (const host of ['0.0.0.0', '::']) {
    const { code, out, err } = await ended(start(['--host', host], { HARBINGER_AUTH: 'none' }))
    expect(code, out).toBe(2)
    expect(err).toContain('HARBINGER_AUTH')
    expect(out).not.toContain('"url"')
  }
})
