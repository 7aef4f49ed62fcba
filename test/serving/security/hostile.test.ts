import { afterAll, beforeAll, expect, test } from 'vitest'
import { routes, scopeNames } from '../../../serving/index.ts'
import { rawGet, rawRequest, statusOf } from '../raw-request.ts'
import { startTestServer, type TestServer } from '../test-server.ts'
import { startGuardedServer, testKey } from './test-keys.ts'

const key = testKey(scopeNames)
const withKey = [`X-Api-Key: ${key.text}`]

let server: TestServer
let open: TestServer
beforeAll(async () => {
  server = await startGuardedServer([key])
  open = await startTestServer()
})
afterAll(() => Promise.all([server.close(), open.close()]))

/** Ways to write a path so that a filter and a router might read different things. */
test.each([
  '//metrics',
  '/metrics/',
  '/metrics//',
  '/METRICS',
  '/%6detrics',
  '/metrics%00',
  '/metrics%20',
  '/metrics;x=y',
  '/metrics/.',
  '/./metrics',
  '/docs/../metrics',
  '/docs/..%2fmetrics',
  '/docs/%2e%2e/metrics',
  '/docs/assets/../../metrics',
  '/healthz/../metrics',
  '/healthz%2f..%2fmetrics',
  '/healthz?/../metrics',
  '/healthz#/../metrics',
  'http://localhost/metrics',
  'http://evil.example/metrics',
  '*',
])('no spelling of a path gets the metrics without a key: %s', async path => {
  for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS']) {
    const answer = await rawGet(server.url, path, [], { method })
    expect(answer, `${method} ${path}`).not.toContain('harbinger_ready')
    if (!path.startsWith('/healthz')) expect([400, 401, 404, 405], `${method} ${path}`).toContain(statusOf(answer))
  }
})

const names = [
  '..',
  '.',
  '../../../../etc/passwd',
  '..%2f..%2f..%2f..%2fetc%2fpasswd',
  '%2e%2e',
  '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  '%252e%252e%252fetc%252fpasswd',
  '..%5c..%5cetc%5cpasswd',
  '%c0%ae%c0%ae%c0%afetc%c0%afpasswd',
  '..%00',
  'formula%00',
  '%2fetc%2fpasswd',
  '__proto__',
  'constructor',
  'a'.repeat(4000),
]
const templates = [
  '/v1/models/NAME',
  '/v1/models/NAME/metadata',
  '/v1/models/NAME/versions',
  '/v1/models/formula/versions/NAME',
  '/v1/models/formula/labels/NAME',
  '/v2/models/NAME',
  '/v2/models/formula/versions/NAME',
  '/v1/decisions/NAME',
]

test.each(names)('a name that is a path leads nowhere, for readers: %s', async name => {
  for (const template of templates) {
    // The path that is left of dots may be one of ours; what it must not be is a file's.
    const answer = await rawGet(server.url, template.replace('NAME', name), withKey)
    expect([400, 404, 405, 503], template).toContain(statusOf(answer))
    expect(answer, template).not.toMatch(/root:|"dependencies"/)
  }
})

test.each(names)('a name that is a path leads nowhere, for admins: %s', async name => {
  for (const path of [
    `/v1/models/${name}/versions/1/promote`,
    `/v1/models/formula/versions/${name}/promote`,
    `/v1/models/${name}/versions/1/shadow`,
  ]) {
    const answer = await rawGet(server.url, path, [...withKey, 'Content-Length: 0'], { method: 'POST' })
    expect([400, 404], path).toContain(statusOf(answer))
  }
})

test.each([
  '/docs/assets/../../../package.json',
  '/docs/assets/..%2f..%2f..%2fpackage.json',
  '/docs/assets/%2e%2e/%2e%2e/package.json',
  '/docs/assets/..%5c..%5cpackage.json',
  '/docs/assets//etc/passwd',
  '/docs/assets/package.json%00.css',
  '/docs/assets/.npmrc',
  '/docs/../package.json',
])('the pages’ files are those of the pages: %s', async path => {
  const answer = await rawGet(server.url, path)
  expect([400, 403, 404]).toContain(statusOf(answer))
})

test('a body that names prototypes changes none', async () => {
  const poison =
    '"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"prototype":{"polluted":true}'
  const bodies = [
    `{${poison}}`,
    `[{${poison}}]`,
    `{"asOf":"2024-03-31","borrower":{"borrowerId":"b",${poison}},"accounts":[{"accountId":"a","instalments":[],${poison}}],${poison}}`,
    `{"instances":[{${poison}}],${poison}}`,
    `{"inputs":[{"name":"__proto__","shape":[1,1],"datatype":"FP64","data":[1],"parameters":{${poison}}}],${poison}}`,
    `{"dataframe_split":{"columns":["__proto__","constructor"],"data":[[1,2]]}}`,
  ]
  let sent = 0
  for (const [path, methods] of Object.entries(routes)) {
    if (!('post' in methods)) continue
    for (const body of bodies) {
      const { status } = await open.post(path.replaceAll(/\{\w+\}/g, 'formula'), body)
      expect(status, `${path} ${body}`).not.toBe(500)
      sent += 1
    }
  }
  expect(sent).toBeGreaterThan(50)
  expect('polluted' in {}).toBe(false)
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
})

test('a second request can’t ride in the body of a refused one', async () => {
  const inner = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'
  const head = 'POST /v1/scores HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n'
  const answer = await rawRequest(server.url, `${head}Content-Length: ${inner.length}\r\n\r\n${inner}`)
  expect(answer.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 401'])
  const both = await rawRequest(
    server.url,
    `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`,
  )
  expect(both.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 400'])
})
