import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openApiDocument, problemSchema } from '../../../serving/index.ts'
import { type Database, openDatabase } from '../../../serving/store/database.ts'
import { migrate } from '../../../serving/store/migrations.ts'
import { startTestServer, type TestServer } from '../test-server.ts'
import { documentShape, type MadeRequest, requestsOf } from './openapi-arbitrary.ts'

let server: TestServer
const agent = new Agent({ keepAlive: true, maxSockets: 16 })
let database: Database
const root = mkdtempSync(join(tmpdir(), 'harbinger-malformed-'))
beforeAll(async () => {
  database = await openDatabase({ folder: join(root, 'database') })
  await migrate(database)
  server = await startTestServer(undefined, { database })
})
afterAll(async () => {
  agent.destroy()
  await server.close()
  await database.close()
  rmSync(root, { recursive: true, force: true })
})

interface Answer {
  readonly status: number
  readonly type: string
  readonly text: string
}

/** Sends on connections that are kept, which is ten times as fast as fetch. */
function send(method: string, path: string, type: string | undefined, body: string | Buffer): Promise<Answer> {
  const { hostname, port } = new URL(server.url)
  const headers = { ...(type === undefined ? {} : { 'content-type': type }), 'content-length': Buffer.byteLength(body) }
  return new Promise((resolve, reject) => {
    const sent = request({ agent, hostname, port, method: method.toUpperCase(), path, headers }, response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          type: String(response.headers['content-type'] ?? ''),
          text: Buffer.concat(chunks).toString(),
        }),
      )
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Bytes on the heap once all that can be freed is. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
  server.log.splice(0)
  server.decisions.splice(0)
  return process.memoryUsage().heapUsed
}

const together = 50
const total = 10_000

/** Runs 10,000 requests, some at a time, and holds the heap to what it was after the first fifth. */
async function flood(made: fc.Arbitrary<() => Promise<void>>, heapMore: number): Promise<void> {
  let sent = 0
  let before = 0
  await fc.assert(
    fc.asyncProperty(fc.array(made, { minLength: together, maxLength: together }), async requests => {
      await Promise.all(requests.map(one => one()))
      sent += requests.length
      if (sent === total / 5) before = heapUsed()
    }),
    { numRuns: total / together },
  )
  expect(sent).toBeGreaterThanOrEqual(total)
  expect(heapUsed() - before).toBeLessThan(heapMore)
}

test('10,000 malformed requests made from the OpenAPI document: a documented status each, never a fault, memory flat', async () => {
  const seen = new Map<number, number>()
  const check = async ({ method, path, template, contentType, body, documented }: MadeRequest): Promise<void> => {
    const { status, type, text } = await send(method, path, contentType, body ?? '')
    const what = `${method} ${path} ${contentType ?? ''} ${body ?? ''} → ${status} ${text.slice(0, 300)}`
    seen.set(status, (seen.get(status) ?? 0) + 1)
    expect(status, what).toBeLessThan(500)
    if (type.includes('problem+json')) problemSchema.parse(JSON.parse(text))
    // An odd name may make the path another one, of which 404 and 405 are the answers, or none at all, 400.
    const odd = template.includes('{') && [400, 404, 405].includes(status)
    if (!odd) expect(documented, what).toContain(String(status))
  }
  const requests = requestsOf(documentShape.parse(openApiDocument()))
  await flood(
    requests.map(made => () => check(made)),
    30e6,
  )
  expect(seen.get(200)).toBeGreaterThan(500)
  expect((seen.get(422) ?? 0) + (seen.get(400) ?? 0)).toBeGreaterThan(1000)
}, 400_000)

test('10,000 bodies of random bytes: never a fault, memory flat', async () => {
  const targets = fc.constantFrom(
    ['/v1/scores', 'application/json'],
    ['/v1/scores/batch', 'application/json'],
    ['/v1/scores/batch', 'application/x-ndjson'],
    ['/v1/models/formula:predict', 'application/json'],
    ['/v2/models/formula/infer', 'application/octet-stream'],
    ['/v2/models/formula/infer', 'application/json'],
    ['/invocations', 'text/csv'],
    ['/invocations', 'application/json; charset=utf-16'],
  )
  const made = fc.tuple(targets, fc.uint8Array({ maxLength: 400 })).map(([[path, type], bytes]) => async () => {
    const { status } = await send('post', path as string, type, Buffer.from(bytes))
    expect(status).toBeLessThan(500)
  })
  await flood(made, 30e6)
}, 400_000)
