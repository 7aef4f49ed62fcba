import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Line, readLines } from '../../serving/index.ts'
import { startTestServer, type TestServer } from './test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

const good = (asOf = '2024-03-31') => ({
  asOf,
  borrower: { borrowerId: 'b' },
  accounts: [
    { accountId: 'a', openedOn: '2024-01-05', instalments: [{ instalmentId: 'i', dueOn: '2024-03-10', amountDue: 1 }] },
  ],
})

async function send(body: string | Buffer | ReadableStream, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${server.url}/v1/scores/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', ...headers },
    body,
    duplex: 'half',
  } as RequestInit)
}

const lines = async (response: Response): Promise<Record<string, unknown>[]> =>
  (await response.text())
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Record<string, unknown>)

test('a line per borrower, in order; a bad line gets its own problem and harms no other', async () => {
  const body = [JSON.stringify(good()), '', '{"asOf":', JSON.stringify(good('yesterday')), JSON.stringify(good())]
  const response = await send(body.join('\n'))
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toContain('application/x-ndjson')
  expect(await lines(response)).toMatchObject([
    { row: 1, score: { accounts: [{ pd: [{ probability: expect.closeTo(0.21, 12) }, {}, {}] }] } },
    { row: 2, problem: { type: '/problems/invalid-json' } },
    { row: 3, problem: { type: '/problems/invalid-request', errors: [{ pointer: '/asOf' }] } },
    { row: 4, score: {} },
  ])
})

test('every scored line is logged as a decision', async () => {
  const before = server.decisions.length
  await lines(await send(`${JSON.stringify(good())}\n${JSON.stringify(good())}\n`))
  expect(server.decisions.length - before).toBe(2)
})

test('an oversized line is refused by itself', async () => {
  const huge = JSON.stringify({ ...good(), note: 'x'.repeat(3_000_000) })
  const answers = await lines(await send(`${JSON.stringify(good())}\n${huge}\n${JSON.stringify(good())}`))
  expect(answers).toMatchObject([
    { row: 1, score: {} },
    { row: 2, problem: { type: '/problems/body-too-large' } },
    { row: 3, score: {} },
  ])
})

test('gzipped lines are read, other encodings refused', async () => {
  const response = await send(gzipSync(`${JSON.stringify(good())}\n`), { 'content-encoding': 'gzip' })
  expect(await lines(response)).toMatchObject([{ row: 1, score: {} }])
  expect((await send('{}', { 'content-encoding': 'br' })).status).toBe(415)
})

test('a book of 20,000 borrowers flows through while memory stays flat', async () => {
  const line = `${JSON.stringify(good())}\n`
  const count = 20_000
  const sent = (async function* () {
    for (let row = 0; row < count; row += 100) {
      yield Buffer.from(line.repeat(100))
      await new Promise(resolve => setImmediate(resolve))
    }
  })()
  server.decisions.splice(0)
  const response = await send(Readable.toWeb(Readable.from(sent)) as unknown as ReadableStream)
  let rows = 0
  let most = 0
  let least = Number.POSITIVE_INFINITY
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    for (const byte of chunk) if (byte === 0x0a) rows += 1
    server.decisions.splice(0) // the test's log keeps all; the server's doesn't
    if (rows < count / 10) continue
    least = Math.min(least, process.memoryUsage().rss)
    most = Math.max(most, process.memoryUsage().rss)
  }
  expect(rows).toBe(count)
  expect(most - least).toBeLessThan(150e6) // the book and its answers are 15 times as large
})

test('answers come while lines still do', async () => {
  let more: (() => void) | undefined
  const asked = new Promise<void>(resolve => {
    more = resolve
  })
  const sent = (async function* () {
    yield Buffer.from(`${JSON.stringify(good())}\n`.repeat(64))
    await asked // only after the first answers have been read
    yield Buffer.from(`${JSON.stringify(good())}\n`)
  })()
  const response = await send(Readable.toWeb(Readable.from(sent)) as unknown as ReadableStream)
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  const first = await reader.read()
  expect(Buffer.from(first.value!).toString()).toContain('"row":1')
  more?.()
  let rest = Buffer.from(first.value!).toString()
  for (let part = await reader.read(); !part.done; part = await reader.read())
    rest += Buffer.from(part.value).toString()
  expect(rest.trim().split('\n')).toHaveLength(65)
})

test('lines are cut the same however the bytes arrive', async () => {
  const text = fc.array(fc.string({ unit: fc.constantFrom('a', 'é', '\r', ' ', '{') }), { maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.nat(6), { minLength: 1 }), async (given, sizes) => {
      const bytes = Buffer.from(`${given.map(line => `${line}.`).join('\n')}\n`)
      const chunks: Buffer[] = []
      for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
        const size = 1 + (sizes[turn % sizes.length] ?? 0)
        chunks.push(bytes.subarray(at, at + size))
        at += size
      }
      const read: Line[] = []
      for await (const line of readLines(Readable.from(chunks), 12)) read.push(line)
      const expected = given.length === 0 ? [''] : given.map(line => `${line}.`)
      expect(read).toEqual(
        expected.map(line => (Buffer.byteLength(line) > 12 ? { tooLong: Buffer.byteLength(line) } : { text: line })),
      )
    }),
    { numRuns: 500 },
  )
})
