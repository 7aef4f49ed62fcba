import { afterAll, beforeAll, expect, test } from 'vitest'
import { StoreDownError } from '../../../serving/index.ts'
import { letIn } from '../../../serving/security/callers.ts'
import type { KnownKey } from '../../../serving/security/key-store.ts'
import { rememberKeys } from '../../../serving/security/known-keys.ts'
import { rawGet, statusOf } from '../raw-request.ts'
import { startTestServer, type TestServer } from '../test-server.ts'
import { testKey } from './test-keys.ts'

const stored: KnownKey[] = []
const servers: TestServer[] = []
let here: TestServer
let anybody: TestServer
beforeAll(async () => {
  const known = rememberKeys(async () => stored, { freshMs: 0 })
  here = await startTestServer(undefined, { identify: letIn('machine-until-keys', known) })
  anybody = await startTestServer(undefined, { identify: letIn('anybody', known) })
  servers.push(here, anybody)
})
afterAll(() => Promise.all(servers.map(server => server.close())))

const ask = async (server: TestServer, ...headers: string[]): Promise<number> =>
  statusOf(await rawGet(server.url, '/v1/models', headers))

test('without keys this machine is served, with whatever credentials or none', async () => {
  expect(await ask(here)).toBe(200)
  expect(await ask(here, 'Authorization: AWS4-HMAC-SHA256 Credential=x', 'X-Api-Key: nonsense')).toBe(200)
})

test('without keys, a request under another name is refused', async () => {
  for (const host of ['example.org', 'harbinger.internal:8080', '10.0.0.1', '127.0.0.1.nip.io']) {
    const answer = await rawGet(here.url, '/v1/models', [], { host })
    expect(statusOf(answer), host).toBe(403)
  }
})

test('a page of another site is not answered, of whichever kind the server is', async () => {
  for (const server of servers) {
    for (const header of [
      'Sec-Fetch-Site: cross-site',
      'Sec-Fetch-Site: same-site',
      'Origin: https://evil.example',
      'Origin: null',
      'Origin: http://localhost.evil.example',
    ]) {
      expect(await ask(server, header), header).toBe(403)
    }
    for (const header of ['Sec-Fetch-Site: same-origin', 'Sec-Fetch-Site: none', 'Origin: http://localhost']) {
      expect(await ask(server, header), header).toBe(200)
    }
  }
})

test('from the first key on, only holders are let in, even once it is revoked', async () => {
  const key = testKey(['score'])
  stored.push(key.known)
  expect(await ask(here)).toBe(401)
  expect(await ask(here, `X-Api-Key: ${key.text}`)).toBe(200)
  stored.splice(0, 1, { ...key.known, revoked: true })
  expect(await ask(here, `X-Api-Key: ${key.text}`)).toBe(401)
  expect(await ask(here)).toBe(401)
  expect(await ask(anybody)).toBe(200) // which was told so
})

test('while nobody knows whether there are keys, nobody is let in', async () => {
  const known = rememberKeys(async () => Promise.reject(new StoreDownError('it is down')), { firstMs: 50 })
  const server = await startTestServer(undefined, { identify: letIn('machine-until-keys', known) })
  servers.push(server)
  expect(await ask(server)).toBe(503)
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
})
