import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { problemSchema, routes, type Scope, scopeNames } from '../../../serving/index.ts'
import type { Requirements } from '../../../serving/route-table.ts'
import type { TestServer } from '../test-server.ts'
import { startGuardedServer, testKey } from './test-keys.ts'

const byScope = Object.fromEntries(scopeNames.map(scope => [scope, testKey([scope])]))
const none = testKey([])
const all = testKey(scopeNames)

let server: TestServer
beforeAll(async () => {
  server = await startGuardedServer([...Object.values(byScope), none, all])
})
afterAll(() => server.close())

/** What docs/reference/security.md says that a path needs. */
function documentedNeed(path: string): Scope | 'public' {
  if (['/healthz', '/readyz', '/ping', '/health', '/version', '/openapi.json'].includes(path)) return 'public'
  if (path === '/v2' || path.startsWith('/v2/health/')) return 'public'
  if (path === '/metrics') return 'metrics'
  if (path === '/v1/outcomes') return 'outcomes'
  return /\/(promote|rollback|shadow)$/.test(path) ? 'admin' : 'score'
}

const calls = Object.entries(routes).flatMap(([path, methods]) =>
  Object.keys(methods).map(method => ({ path, method, need: documentedNeed(path) })),
)
const guarded = calls.filter(({ need }) => need !== 'public')

function send(path: string, method: string, headers: Record<string, string> = {}): Promise<Response> {
  const body = method === 'post' ? { body: '{"broken' } : {}
  return fetch(server.url + path.replaceAll(/\{\w+\}/g, '1'), {
    method: method.toUpperCase(),
    headers: { 'content-type': 'application/json', ...headers },
    ...body,
  })
}

test('a route can’t be added without saying what each of its methods needs', () => {
  const good = { get: 'score', post: 'public' } satisfies Requirements
  // @ts-expect-error: a list of methods says nothing of scopes
  const list = ['get'] satisfies Requirements
  // @ts-expect-error: there is no such scope
  const unknown = { get: 'everything' } satisfies Requirements
  // @ts-expect-error: nothing is said
  const silent = { get: undefined } satisfies Requirements
  expect([good, list, unknown, silent]).toHaveLength(4) // the compiler has checked the rest
})

test('every scope guards something, but for those of routes still to come', () => {
  const needed = new Set(calls.map(({ need }) => need))
  for (const scope of ['public', 'score', 'admin', 'metrics']) expect(needed, scope).toContain(scope)
  expect(guarded.length).toBeGreaterThan(25)
})

describe.each(guarded)('$method $path', ({ path, method, need }) => {
  test('is refused without a key, before its body is read', async () => {
    const response = await send(path, method)
    expect(response.status).toBe(401) // and not 400, which the body would get
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="harbinger"')
  })

  test(`takes a key with ${need}, and no other scope alone`, async () => {
    for (const scope of scopeNames) {
      const { status, headers } = await send(path, method, { authorization: `Bearer ${byScope[scope]?.text}` })
      if (scope === need) expect([401, 403], scope).not.toContain(status)
      else {
        expect(status, scope).toBe(403)
        expect(headers.get('www-authenticate')).toContain(`error="insufficient_scope"`)
        expect(headers.get('www-authenticate')).toContain(`scope="${need}"`)
      }
    }
    expect((await send(path, method, { 'x-api-key': none.text })).status).toBe(403)
    expect([401, 403]).not.toContain((await send(path, method, { 'x-api-key': all.text })).status)
  })
})

test.each(calls.filter(({ need }) => need === 'public'))('$method $path is open to all', async ({ path, method }) => {
  for (const headers of [{}, { authorization: 'Bearer nonsense' }, { 'x-api-key': none.text }]) {
    expect((await send(path, method, headers)).status).toBe(200)
  }
})

test('the pages of the documentation are open, for reading', async () => {
  for (const path of ['/', '/docs', '/docs/start.js', '/docs/assets/swagger-ui.css']) {
    expect((await fetch(server.url + path)).status, path).toBe(200)
    expect((await fetch(server.url + path, { method: 'POST', body: '{' })).status, path).toBe(404)
  }
})

test('no other path is answered, whoever asks, before its body is read', async () => {
  for (const path of [
    '/v1',
    '/v1/outcome',
    '/admin',
    '/V1/SCORES',
    '/Metrics',
    '/openapi',
    '/docs.json',
    '/%6detrics',
  ]) {
    const response = await send(path, 'post', { authorization: `Bearer ${all.text}` })
    expect(response.status, path).toBe(404)
    expect(problemSchema.parse(await response.json()).type).toBe('/problems/not-found')
  }
  const wrong = await send('/metrics', 'post')
  expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET'])
})

test('a HEAD request needs what GET does', async () => {
  expect((await send('/metrics', 'head')).status).toBe(401)
  expect((await send('/metrics', 'head', { 'x-api-key': all.text })).status).toBe(200)
  expect((await send('/metrics', 'options')).status).toBe(405)
})

test('a refusal is a problem document on native routes', async () => {
  const unknown = await send('/v1/scores', 'post')
  expect(unknown.headers.get('content-type')).toContain('application/problem+json')
  expect(await unknown.json()).toMatchObject({ type: '/problems/unauthorized', status: 401 })
  const lacking = await send('/v1/scores', 'post', { 'x-api-key': none.text })
  expect(await lacking.json()).toMatchObject({
    type: '/problems/forbidden',
    status: 403,
    detail: expect.stringContaining('score') as string,
  })
})

test('a refusal speaks the words of its protocol', async () => {
  const key = { 'x-api-key': none.text }
  for (const path of ['/v2/models/1/infer', '/v1/models/1:predict']) {
    const [unknown, lacking] = [await send(path, 'post'), await send(path, 'post', key)]
    expect([unknown.status, lacking.status], path).toEqual([401, 403])
    expect(await unknown.json(), path).toEqual({ error: expect.stringContaining('Authorization: Bearer') as string })
    expect(await lacking.json(), path).toEqual({ error: expect.stringContaining('score') as string })
    expect(lacking.headers.get('www-authenticate'), path).toContain('insufficient_scope')
  }
  const [unknown, lacking] = [await send('/invocations', 'post'), await send('/invocations', 'post', key)]
  expect([unknown.status, lacking.status]).toEqual([401, 403])
  expect(await unknown.json()).toMatchObject({ error_code: 'UNAUTHENTICATED', message: expect.any(String) as string })
  expect(await lacking.json()).toMatchObject({ error_code: 'PERMISSION_DENIED' })
})
