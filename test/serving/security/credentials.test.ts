import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { StoreDownError } from '../../../serving/index.ts'
import { letIn } from '../../../serving/security/callers.ts'
import { rememberKeys } from '../../../serving/security/known-keys.ts'
import { rawGet, rawRequest, statusOf } from '../raw-request.ts'
import { startTestServer, type TestServer } from '../test-server.ts'
import { startGuardedServer, type TestKey, testKey } from './test-keys.ts'

const good = testKey(['score'])
const [, id, secret] = good.text.split('_')
const keys: TestKey[] = [good]

let server: TestServer
beforeAll(async () => {
  server = await startGuardedServer(keys)
})
afterAll(() => server.close())

const get = (...headers: string[]): Promise<string> => rawGet(server.url, '/v1/models', headers)
const challenge = (answer: string): string | undefined => /^www-authenticate: (.*)\r$/im.exec(answer)?.[1]
const invalid = 'error="invalid_token"'

test('a key is taken as a bearer token or in a header of its own, whatever the case of the names', async () => {
  for (const header of [
    `Authorization: Bearer ${good.text}`,
    `authorization: bearer ${good.text}`,
    `AUTHORIZATION: BEARER   ${good.text}`,
    `X-Api-Key: ${good.text}`,
    `x-api-key:${good.text}`,
  ]) {
    expect(statusOf(await get(header)), header).toBe(200)
  }
})

test('an Authorization header of another kind is somebody else’s', async () => {
  const basic = 'Authorization: Basic dXNlcjpwYXNz'
  expect(challenge(await get(basic))).toBe('Bearer realm="harbinger"')
  expect(statusOf(await get(basic, `X-Api-Key: ${good.text}`))).toBe(200)
})

test.each([
  ['an unknown id', `hbg_${'0'.repeat(16)}_${secret}`],
  ['a wrong secret', `hbg_${id}_${'0'.repeat(64)}`],
  ['a secret that is right but for the end', `${good.text.slice(0, -1)}${good.text.endsWith('0') ? '1' : '0'}`],
  ['a prefix of a key', good.text.slice(0, -1)],
  ['more than a key', `${good.text}0`],
  ['an id alone', `hbg_${id}_`],
  ['a hash in place of a secret', `hbg_${id}_${Buffer.from(good.known.hash).toString('hex')}`],
  ['nothing of ours', 'hunter2'],
  ['a word that objects have', '__proto__'],
  ['a key in quotes', `"${good.text}"`],
  ['two keys', `${good.text},${good.text}`],
  ['8 KiB', 'a'.repeat(8193)],
  ['a statement', "' or '1'='1"],
])('%s lets nobody in', async (_, text) => {
  for (const header of [`Authorization: Bearer ${text}`, `X-Api-Key: ${text}`]) {
    const answer = await get(header)
    expect(statusOf(answer), header).toBe(401)
    expect(challenge(answer), header).toContain(invalid)
  }
})

test.each(['Authorization: Bearer', 'Authorization: Bearer ', 'X-Api-Key:', 'X-Api-Key: '])(
  'a header without a key (%s) lets nobody in',
  async header => expect(statusOf(await get(header))).toBe(401),
)

test('two keys, in whichever headers, are one too many', async () => {
  const [bearer, own] = [`Authorization: Bearer ${good.text}`, `X-Api-Key: ${good.text}`]
  for (const headers of [
    [bearer, own],
    [bearer, bearer],
    [own, own],
    [bearer, 'X-Api-Key: nonsense'],
    ['Authorization: Bearer nonsense', bearer],
  ]) {
    const answer = await get(...headers)
    expect(statusOf(answer), String(headers)).toBe(400)
    expect(challenge(answer), String(headers)).toContain('error="invalid_request"')
  }
})

test('headers beyond Node’s limit are refused', async () => {
  expect(statusOf(await get(`X-Api-Key: ${'a'.repeat(100_000)}`))).toBe(431)
})

test('line breaks in a header inject nothing', async () => {
  for (const text of ['a\nSet-Cookie: b=c', 'a\rSet-Cookie: b=c', 'a\0b']) {
    const answer = await get(`X-Api-Key: ${text}`)
    expect([400, 401], JSON.stringify(text)).toContain(statusOf(answer))
    expect(answer).not.toMatch(/^set-cookie/im)
  }
  const answer = await get('Authorization: Bearer a", scope="admin')
  expect(challenge(answer)).not.toContain('admin')
})

test('a key in the path, the query or the body counts for nothing', async () => {
  expect(statusOf(await rawGet(server.url, `/v1/models?api_key=${good.text}&access_token=${good.text}`))).toBe(401)
  const form = await fetch(`${server.url}/v1/scores`, {
    method: 'POST',
    body: new URLSearchParams({ access_token: good.text }),
  })
  expect(form.status).toBe(401)
})

test('other headers don’t change who asks or what', async () => {
  for (const header of [
    'X-Forwarded-For: 127.0.0.1',
    'Forwarded: for=127.0.0.1;host=localhost',
    'X-Original-URL: /healthz',
    'X-Rewrite-URL: /healthz',
    'X-HTTP-Method-Override: HEAD',
    'Referer: http://localhost/docs',
    'Sec-Fetch-Site: same-origin',
  ]) {
    expect(statusOf(await get(header)), header).toBe(401)
  }
})

test('a key that has expired or was revoked lets nobody in', async () => {
  const more = [
    testKey(['score'], { expiresAt: Date.now() - 1 }),
    testKey(['score'], { revoked: true }),
    testKey(['score'], { expiresAt: Date.now() + 60_000 }),
  ]
  const other = await startGuardedServer(more)
  const statuses = await Promise.all(
    more.map(async ({ text }) => statusOf(await rawGet(other.url, '/v1/models', [`X-Api-Key: ${text}`]))),
  )
  expect(statuses).toEqual([401, 401, 200])
  await other.close()
})

test('a key that expires while the server runs stops at that moment', async () => {
  const short = testKey(['score'], { expiresAt: Date.now() + 1500 })
  const other = await startGuardedServer([short])
  const ask = async (): Promise<number> =>
    (await fetch(`${other.url}/v1/models`, { headers: { 'x-api-key': short.text } })).status
  expect(await ask()).toBe(200)
  await sleep(Math.max(0, (short.known.expiresAt as number) - Date.now()) + 5)
  expect(await ask()).toBe(401)
  await other.close()
})

test('while the store is away, known keys go on and unknown ones are told to come back; nobody else gets in', async () => {
  let away = false
  const known = rememberKeys(
    async () => (away ? Promise.reject(new StoreDownError('it is down')) : keys.map(key => key.known)),
    { freshMs: 20 },
  )
  const other = await startTestServer(undefined, { identify: letIn('holders', known) })
  const ask = async (key: string): Promise<Response> =>
    fetch(`${other.url}/v1/models`, { headers: { 'x-api-key': key } })
  expect((await ask(good.text)).status).toBe(200)
  away = true
  await sleep(40)
  expect((await ask(good.text)).status).toBe(200)
  expect((await ask(`hbg_${id}_${'0'.repeat(64)}`)).status).toBe(401)
  const unknown = await ask(testKey(['score']).text)
  expect([unknown.status, unknown.headers.get('retry-after')]).toEqual([503, '5'])
  expect(await unknown.json()).toMatchObject({ type: '/problems/authentication-unavailable' })
  await other.close()
})

test('a refused body is not waited for, and its connection doesn’t stay for ever', async () => {
  const began = performance.now()
  let answer = ''
  const head = 'POST /v1/scores/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n'
  answer = await rawRequest(server.url, `${head}Content-Length: 1000000\r\n\r\n{`)
  expect(statusOf(answer)).toBe(401)
  expect(performance.now() - began).toBeLessThan(4900) // the helper gives up after 5 s
})
