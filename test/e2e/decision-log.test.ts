import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { defaultPolicyPath, loadModel, openRegistry, packageFolder } from '../../models/index.ts'
import { parseScoreRequest, scoreBorrowers, scoreResponseSchema } from '../../serving/index.ts'
import { writeTinyModel } from '../models/tiny-model.ts'

const root = mkdtempSync(join(tmpdir(), 'harbinger-log-'))
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

function start(args: readonly string[] = [], environment: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = spawn(process.execPath, [join(packageFolder(), 'dist/serving/cli.js'), ...args], {
    env: { ...process.env, HARBINGER_MODELS: models, HARBINGER_STORE: store, PORT: '0', ...environment },
  })
  children.push(child)
  return child
}

function serving(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.stdout?.on('data', text => {
      said += String(text)
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0]
      if (url !== undefined) resolve(url)
    })
    child.stderr?.on('data', text => (said += String(text)))
    child.once('exit', code => reject(new Error(`the server ended with ${code}: ${said}`)))
  })
}

const reportSchema = z.object({ rows: z.int(), findings: z.array(z.unknown()) })

async function command(...args: string[]): Promise<{ code: unknown; out: string }> {
  const child = start(args)
  let out = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', text => (out += String(text)))
  const [code] = await once(child, 'close')
  return { code, out }
}

async function verify(): Promise<{ code: unknown; report: z.infer<typeof reportSchema> }> {
  const { code, out } = await command('verify', '--json')
  return { code, report: reportSchema.parse(JSON.parse(out)) }
}

const post = (url: string, body: string): Promise<Response> =>
  fetch(`${url}/v1/scores`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })

/** Reads a decision; it takes a moment from the journal into the database. */
async function readDecision(url: string, id: string): Promise<{ request: unknown; answer: unknown }> {
  for (let attempt = 0; attempt < 1800; attempt += 1) {
    const response = await fetch(`${url}/v1/decisions/${id}`)
    if (response.status === 200) return (await response.json()) as { request: unknown; answer: unknown }
    expect([404, 503]).toContain(response.status)
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  throw new Error(`decision ${id} is not in the log`)
}

test('kill -9 under load loses no decision that was answered, and each can be scored again', async () => {
  const child = start([], { HARBINGER_JOURNAL_WAIT: 'system' }) // the lesser promise
  const url = await serving(child)
  const answers = new Map<string, string>()
  const load = async (): Promise<void> => {
    for (;;) {
      try {
        const text = await (await post(url, example)).text()
        answers.set(scoreResponseSchema.parse(JSON.parse(text)).decisionId, text)
      } catch {
        return // the server is gone
      }
    }
  }
  const clients = Promise.all(Array.from({ length: 16 }, load))
  while (answers.size < 200) await new Promise(resolve => setTimeout(resolve, 20))
  child.kill('SIGKILL')
  await clients

  const again = start()
  const restarted = await serving(again)
  const model = await loadModel(openRegistry(models).resolve('champion').folder)
  for (const [decisionId, text] of answers) {
    const logged = await readDecision(restarted, decisionId)
    expect(JSON.stringify(logged.answer)).toBe(text)
    const { requestId } = scoreResponseSchema.parse(logged.answer)
    const request = parseScoreRequest(logged.request)
    expect(JSON.parse(text)).toMatchObject(scoreBorrowers(model, [{ requestId, decisionId, request }])[0]!)
  }
  model.dispose()
  const { code, report } = await verify() // while the server runs
  expect(report.findings).toEqual([])
  expect(code).toBe(0)
  expect(report.rows).toBeGreaterThanOrEqual(answers.size)
  again.kill('SIGTERM')
  expect(await once(again, 'close')).toEqual([0, null])
  expect((await verify()).report).toMatchObject({ rows: report.rows, findings: [] }) // and while none does
}, 400_000)

test('a decision is made again to the byte from log, model, policy and rule packs, whatever has happened since', async () => {
  const first = start()
  const url = await serving(first)
  const body = JSON.parse(example) as { borrower: { borrowerId: string }; accounts: { accountId: string }[] }
  const { borrowerId } = body.borrower
  const [{ accountId }] = body.accounts as [{ accountId: string }]
  const contact = { borrowerId, accountId, channel: 'call', purpose: 'care', conversation: true }
  const contacted = await fetch(`${url}/v1/contacts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(contact),
  })
  expect(contacted.status).toBe(201)
  // Several at once, so that they are scored in one batch.
  const texts = await Promise.all(Array.from({ length: 8 }, async () => (await post(url, example)).text()))
  const decisions = texts.map(text => scoreResponseSchema.parse(JSON.parse(text)))
  const [{ decisionId, policy, decided }] = decisions as [(typeof decisions)[number]]
  expect(decided?.remembered.contacts).toMatchObject([{ accountId, channel: 'call' }])
  for (const one of decisions) await readDecision(url, one.decisionId)
  expect(await command('reproduce', decisionId)).toMatchObject({ code: 0 }) // beside the running server
  first.kill('SIGTERM')
  await once(first, 'close')

  const other = join(root, 'other.yaml')
  writeFileSync(other, readFileSync(defaultPolicyPath(), 'utf8').replace('longestWaitDays: 14', 'longestWaitDays: 13'))
  const second = start([], { HARBINGER_POLICY: other })
  const now = scoreResponseSchema.parse(await (await post(await serving(second), example)).json())
  expect(now.policy?.hash).not.toBe(policy?.hash)
  second.kill('SIGTERM')
  await once(second, 'close')
  for (const one of decisions) {
    const { code, out } = await command('reproduce', one.decisionId, '--json')
    expect(JSON.parse(out)).toMatchObject({ same: true, policy: policy?.hash, model: 'tiny/1' })
    expect(code).toBe(0)
  }
  const kept = join(store, 'policies', `${policy?.hash}.json`)
  writeFileSync(kept, readFileSync(kept, 'utf8').replace('"cost":15', '"cost":16'))
  const altered = await command('reproduce', decisionId)
  expect(altered).toMatchObject({ code: 2 })
  expect(altered.out).toContain(`${policy?.hash}`)
  expect(await command('reproduce', '00000000-0000-4000-8000-000000000000')).toMatchObject({ code: 2 })
}, 400_000)

test('a second server on the same store is refused', async () => {
  const first = start()
  await serving(first)
  const second = start()
  let err = ''
  second.stderr?.on('data', text => (err += String(text)))
  const [code] = await once(second, 'close')
  expect(code).toBe(2)
  expect(err).toContain('another server at work on this store')
  first.kill('SIGTERM')
  await once(first, 'close')
}, 400_000)
