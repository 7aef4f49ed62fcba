import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type CryptoKey,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { InputError } from '../../../data/index.ts'
import { letIn } from '../../../serving/security/callers.ts'
import { rememberKeys } from '../../../serving/security/known-keys.ts'
import { tokensOf } from '../../../serving/security/tokens.ts'
import { startTestServer, type TestServer } from '../test-server.ts'
import { testKey } from './test-keys.ts'

const issuer = 'https://issuer.example'
const audience = 'harbinger'
const root = mkdtempSync(join(tmpdir(), 'harbinger-tokens-'))
const key = testKey(['score'])
const faults: unknown[] = []

/** What the issuer's server says now, and how often it was asked. */
const issuing = { keys: [] as object[], status: 200, asked: 0 }
let jwks: Server
let url: string
let server: TestServer
let pair: Awaited<ReturnType<typeof generateKeyPair>>
let stranger: Awaited<ReturnType<typeof generateKeyPair>>

beforeAll(async () => {
  pair = await generateKeyPair('ES256', { extractable: true })
  stranger = await generateKeyPair('ES256')
  issuing.keys = [{ ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' }]
  jwks = createServer((_, response) => {
    issuing.asked += 1
    response.writeHead(issuing.status, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ keys: issuing.keys }))
  }).listen(0, '127.0.0.1')
  await new Promise(resolve => jwks.once('listening', resolve))
  url = `http://127.0.0.1:${(jwks.address() as AddressInfo).port}/jwks.json`
  server = await serve(url)
})
afterAll(async () => {
  await server.close()
  jwks.closeAllConnections()
  jwks.close()
  rmSync(root, { recursive: true, force: true })
})

function serve(keysUrl: string): Promise<TestServer> {
  const tokens = tokensOf({ keys: { url: keysUrl }, issuer, audience }, error => faults.push(error))
  return startTestServer(undefined, {
    identify: letIn(
      'holders',
      rememberKeys(async () => [key.known]),
      tokens,
    ),
  })
}

const seconds = (): number => Math.floor(Date.now() / 1000)
const claims = (more: JWTPayload = {}): JWTPayload => ({
  iss: issuer,
  aud: audience,
  sub: 'batch@bank.example',
  exp: seconds() + 300,
  scope: 'openid score',
  ...more,
})

function sign(
  payload: JWTPayload = claims(),
  header: Partial<JWTHeaderParameters> = {},
  by: CryptoKey = pair.privateKey,
): Promise<string> {
  return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid: 'one', ...header }).sign(by)
}

const get = (token: string, path = '/v1/models', from = server): Promise<Response> =>
  fetch(from.url + path, { headers: { authorization: `Bearer ${token}` } })

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

test('a token of the issuer for this service is taken, and decisions name its subject', async () => {
  const token = await sign()
  expect((await get(token)).status).toBe(200)
  const body = { asOf: '2024-03-31', borrower: { borrowerId: 'b' }, accounts: [{ accountId: 'a', instalments: [] }] }
  for (const [path, sent] of [
    ['/v1/scores', body],
    ['/v1/scores/batch', [body]],
  ] as const) {
    server.decisions.splice(0)
    expect((await server.post(path, sent, { authorization: `Bearer ${token}` })).status).toBe(200)
    expect(server.decisions.map(({ caller }) => caller)).toEqual(['jwt:batch@bank.example'])
  }
})

test('a key is taken beside tokens', async () => {
  expect((await get(key.text)).status).toBe(200)
})

test.each([
  [{ scope: 'score metrics' }, [200, 200, 403]],
  [{ scope: 'metrics' }, [403, 200, 403]],
  [{ scope: 'admin' }, [403, 403, 404]],
  [{ scope: 'scores Score score:read' }, [403, 403, 403]],
  [{ scope: '' }, [403, 403, 403]],
  [{ scope: undefined }, [403, 403, 403]],
  [{ scope: undefined, scp: 'score' }, [200, 403, 403]],
  [{ scope: undefined, scp: ['score', 'metrics', 'other'] }, [200, 200, 403]],
  [{ scope: 'metrics', scp: ['score'] }, [403, 200, 403]], // what the standard names goes first
])('%j allows as much', async (more, expected) => {
  const token = await sign(claims(more as JWTPayload))
  const promote = fetch(`${server.url}/v1/models/nobody/versions/1/promote`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  })
  const answers = await Promise.all([get(token), get(token, '/metrics'), promote])
  expect(answers.map(({ status }) => status)).toEqual(expected)
})

test.each<[string, () => Promise<string> | string]>([
  ['an expired token', () => sign(claims({ exp: seconds() - 60 }))],
  ['a token that is not valid yet', () => sign(claims({ nbf: seconds() + 600 }))],
  ['a token that never expires', () => sign(claims({ exp: undefined as never }))],
  ['another audience', () => sign(claims({ aud: 'other-service' }))],
  ['no audience', () => sign(claims({ aud: undefined as never }))],
  ['another issuer', () => sign(claims({ iss: 'https://evil.example' }))],
  ['an issuer that begins alike', () => sign(claims({ iss: `${issuer}.evil.example` }))],
  ['no issuer', () => sign(claims({ iss: undefined as never }))],
  ['no subject', () => sign(claims({ sub: undefined as never }))],
  ['an empty subject', () => sign(claims({ sub: '' }))],
  ['a subject that breaks a line', () => sign(claims({ sub: 'a\n{"caller":"b"}' }))],
  ['a subject with a null character', () => sign(claims({ sub: 'a\0' }))],
  ['a subject of 256 characters', () => sign(claims({ sub: 'a'.repeat(256) }))],
  ['a scope that is no text', () => sign(claims({ scope: { score: true } as never }))],
  ['a stranger’s signature', () => sign(claims(), {}, stranger.privateKey)],
  ['an unknown key id', () => sign(claims(), { kid: 'two' })],
  ['a key id that is a path', () => sign(claims(), { kid: '../../../../dev/null' })],
  [
    'a critical header that is not understood',
    () =>
      new SignJWT(claims())
        .setProtectedHeader({ alg: 'ES256', kid: 'one', crit: ['urn:other'], 'urn:other': 1 })
        .sign(pair.privateKey, { crit: { 'urn:other': true } }),
  ],
  [
    'a key of its own in the header',
    async () =>
      sign(claims(), { kid: undefined as never, jwk: await exportJWK(stranger.publicKey) }, stranger.privateKey),
  ],
  [
    'keys of its own at an address in the header',
    () => sign(claims(), { jku: 'http://127.0.0.1:1/jwks.json' }, stranger.privateKey),
  ],
  ['no algorithm', () => `${encode({ alg: 'none', kid: 'one' })}.${encode(claims())}.`],
  ['no algorithm, in capitals', () => `${encode({ alg: 'NONE', kid: 'one' })}.${encode(claims())}.c2ln`],
  [
    'a shared secret that is the public key',
    async () => {
      const signed = `${encode({ alg: 'HS256', kid: 'one' })}.${encode(claims())}`
      const secret = await exportSPKI(pair.publicKey)
      return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
    },
  ],
  ['a signature without its end', async () => (await sign()).slice(0, -4)],
  [
    'claims that were changed',
    async () => {
      const [header, , signature] = (await sign()).split('.')
      return `${header}.${encode(claims({ scope: 'admin' }))}.${signature}`
    },
  ],
  [
    'claims that are a list',
    async () => {
      const [header, , signature] = (await sign()).split('.')
      return `${header}.${encode([])}.${signature}`
    },
  ],
  ['three words', () => 'a.b.c'],
  ['an encrypted token', () => 'a.b.c.d.e'],
  ['a token of more than 8 KiB', () => sign(claims({ filler: 'a'.repeat(8192) }))],
])('%s lets nobody in', async (_, make) => {
  const response = await get(await make())
  expect(response.status).toBe(401)
  expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"')
})

test('a token lets nobody in as an API key, or where no tokens are taken', async () => {
  const token = await sign()
  expect((await fetch(`${server.url}/v1/models`, { headers: { 'x-api-key': token } })).status).toBe(401)
  const without = await startTestServer(undefined, {
    identify: letIn(
      'holders',
      rememberKeys(async () => []),
    ),
  })
  expect((await get(token, '/v1/models', without)).status).toBe(401)
  await without.close()
})

test('a token that expired within the tolerance is taken, and one beyond it isn’t', async () => {
  expect((await get(await sign(claims({ exp: seconds() - 1 })))).status).toBe(200)
  expect((await get(await sign(claims({ exp: seconds() - 7 })))).status).toBe(401)
})

test.each(['RS256', 'PS256', 'ES384', 'EdDSA'])('%s is taken', async alg => {
  const other = await generateKeyPair(alg)
  const file = join(root, `${alg}.json`)
  writeFileSync(file, JSON.stringify({ keys: [{ ...(await exportJWK(other.publicKey)), kid: 'one', alg }] }))
  const verify = tokensOf({ keys: { file }, issuer, audience }, () => {})
  const caller = await verify(await sign(claims(), { alg }, other.privateKey))
  expect(caller).toEqual({ id: 'jwt:batch@bank.example', scopes: new Set(['score']) })
})

test('the issuer’s keys are asked for once, and not again for every unknown key id', async () => {
  issuing.asked = 0
  const other = await serve(url)
  for (let round = 0; round < 5; round += 1) expect((await get(await sign(), '/v1/models', other)).status).toBe(200)
  expect(issuing.asked).toBe(1)
  const unknown = await Promise.all(
    Array.from({ length: 20 }, async (_, number) =>
      get(await sign(claims(), { kid: `unknown-${number}` }), '/v1/models', other),
    ),
  )
  expect(unknown.map(({ status }) => status)).toEqual(Array(20).fill(401))
  expect(issuing.asked).toBe(1)
  await other.close()
})

test('while the issuer’s keys can’t be had nobody is let in by a token; known keys go on, and so does the server', async () => {
  issuing.status = 500
  issuing.asked = 0
  const other = await serve(url)
  for (let round = 0; round < 5; round += 1) {
    const response = await get(await sign(), '/v1/models', other)
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await response.json()).toMatchObject({ type: '/problems/authentication-unavailable' })
  }
  expect(issuing.asked).toBe(1) // it isn't asked for each request
  expect(faults.length).toBeGreaterThan(0)
  expect((await get(key.text, '/v1/models', other)).status).toBe(200)
  expect((await get(await sign())).status).toBe(200) // a server that has the keys already
  issuing.status = 200
  await new Promise(resolve => setTimeout(resolve, 2100))
  expect((await get(await sign(), '/v1/models', other)).status).toBe(200)
  await other.close()
})

test.each([
  ['no JSON', '{'],
  ['no keys', '{"keys":[]}'],
  ['a shared secret', '{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}'],
  ['a private key', '{"keys":[{"kty":"EC","crv":"P-256","x":"x","y":"y","d":"d"}]}'],
])('a file of keys with %s is refused by name', (_, text) => {
  const file = join(root, 'bad.json')
  writeFileSync(file, text)
  const make = () => tokensOf({ keys: { file }, issuer, audience }, () => {})
  expect(make).toThrow(InputError)
  expect(make).toThrow('HARBINGER_JWKS_FILE')
})

test('no token gets into the log', async () => {
  const token = await sign()
  await get(token)
  await get(`${token}x`)
  const [, payload, signature] = token.split('.') as [string, string, string]
  expect(server.log.length).toBeGreaterThan(10)
  for (const line of server.log) {
    expect(line).not.toContain(payload.slice(0, 20))
    expect(line).not.toContain(signature)
  }
})
