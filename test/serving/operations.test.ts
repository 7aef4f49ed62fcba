import { execFileSync, spawnSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { traceContext } from '../../serving/index.ts'
import { rawRequest } from './raw-request.ts'
import { startTestServer, type TestServer } from './test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

const good = {
  asOf: '2024-03-31',
  borrower: { borrowerId: 'secret-borrower' },
  accounts: [{ accountId: 'secret-account', instalments: [] }],
}

const hasPromtool = spawnSync('promtool', ['--version']).status === 0

test.skipIf(!hasPromtool)('metrics pass promtool (skipped where Prometheus isn’t installed)', async () => {
  await server.post('/v1/scores', good)
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  execFileSync('promtool', ['check', 'metrics'], { input: metrics }) // throws unless it exits with 0
})

test('metrics count by route template, and hold no path, no query and nothing of a borrower', async () => {
  await server.post('/v1/scores?who=secret-query', good)
  await fetch(`${server.url}/secret-path`)
  await fetch(`${server.url}/v2/models/secret-model`)
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  expect(metrics).not.toContain('secret')
  expect(metrics).toMatch(/duration_seconds_count\{route="\/v1\/scores",method="post",status="200"\} [1-9]/)
  expect(metrics).toContain('route="other",method="other",status="404"')
  expect(metrics).toContain('route="/v2/models/{name}",method="get",status="404"')
  expect(metrics).toContain('harbinger_model_info{model="formula/1",role="champion"} 1')
  expect(metrics).toContain('harbinger_ready 1')
})

const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' // the example of the W3C recommendation

test('a trace is continued where its header is well-formed, and begun where not', () => {
  expect(traceContext(parent)).toEqual({
    traceId: '0af7651916cd43dd8448eb211c80319c',
    parentId: 'b7ad6b7169203331',
    spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
  })
  expect(traceContext(parent.replace('00-', 'cc-').concat('-what-the-future-will-be-like'))).toMatchObject({
    parentId: 'b7ad6b7169203331',
  })
  for (const bad of [
    undefined,
    '',
    parent.replace('00-', 'ff-'),
    parent.replace('0af7651916cd43dd8448eb211c80319c', '0'.repeat(32)),
    parent.replace('b7ad6b7169203331', '0'.repeat(16)),
    parent.toUpperCase(),
    `${parent}-more`,
    `${parent}\r\nx: y`,
  ]) {
    expect(traceContext(bad), String(bad)).toMatchObject({
      parentId: null,
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
    })
  }
})

test('a log line carries the request’s id and its place in the trace', async () => {
  server.log.splice(0)
  await server.post('/v1/scores', good, { traceparent: parent, 'x-request-id': 'abc-1' })
  expect(server.log.at(-1)?.match(/"spanId"/g)).toHaveLength(1)
  const line = JSON.parse(server.log.at(-1)!) as Record<string, unknown>
  expect(line).toMatchObject({
    req: { id: 'abc-1', path: '/v1/scores' },
    traceId: '0af7651916cd43dd8448eb211c80319c',
    parentId: 'b7ad6b7169203331',
  })
})

test.each([
  [
    'a request id with a line break',
    'GET /healthz HTTP/1.1\r\nHost: x\r\nX-Request-Id: a\nSet-Cookie: b=c\r\nConnection: close\r\n\r\n',
  ],
  [
    'an encoded line break in a path',
    'GET /v2/models/a%0d%0aSet-Cookie:%20b=c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  ],
  ['a percent sign that encodes nothing', 'GET /v2/models/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
  [
    'two lengths',
    'POST /v1/scores HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}',
  ],
  [
    'a length beside chunks',
    'POST /v1/scores HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n',
  ],
])('%s injects no header and is no fault of the server', async (_, text) => {
  const answer = await rawRequest(server.url, text)
  expect(answer).toMatch(/^HTTP\/1\.1 [234]\d\d /)
  expect(answer).not.toMatch(/^set-cookie/im)
})
