import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { InputError } from '../../data/index.ts'
import { packageFolder } from '../../models/index.ts'
import { configSchema, openApiDocument, problems, readConfig, routes } from '../../serving/index.ts'
import { startTestServer, type TestServer } from './test-server.ts'

const page = (name: string): string => readFileSync(join(packageFolder(), 'docs/reference', name), 'utf8')

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

test('openapi.json is what the schemas say; regenerate it with HARBINGER_WRITE_DOCS=1', async () => {
  const document = `${JSON.stringify(openApiDocument(), null, 2)}\n`
  if (process.env.HARBINGER_WRITE_DOCS === '1') {
    const { writeFileSync } = await import('node:fs')
    writeFileSync(join(packageFolder(), 'docs/reference/openapi.json'), document)
  }
  expect(page('openapi.json')).toBe(document)
  expect(await (await fetch(`${server.url}/openapi.json`)).json()).toEqual(JSON.parse(document))
})

test('every route is in the OpenAPI document and answers, and no other is documented', async () => {
  const { paths } = openApiDocument()
  expect(Object.keys(paths ?? {}).sort()).toEqual(Object.keys(routes).sort())
  for (const [path, methods] of Object.entries(routes)) {
    for (const method of Object.keys(methods)) {
      const response = await fetch(server.url + path.replaceAll(/\{\w+\}/g, '1'), { method: method.toUpperCase() })
      expect(response.status, path).not.toBe(405) // which a path of the table without a handler gets
      expect(await response.text(), path).not.toContain('/problems/not-found')
    }
    expect(page('http-api.md') + page('protocols.md'), path).toContain(path)
  }
})

test('every metric of ours is documented, and none that does not exist', async () => {
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  const exposed = [...metrics.matchAll(/^# TYPE (harbinger_\w+)/gm)].map(match => match[1])
  const guide = readFileSync(join(packageFolder(), 'docs/guides/operate.md'), 'utf8')
  const documented = [...guide.matchAll(/^\| `(harbinger_\w+)`/gm)].map(match => match[1])
  expect(documented.sort()).toEqual(exposed.sort())
})

test('every problem is documented, and none that does not exist', () => {
  const documented = [...page('http-api.md').matchAll(/`\/problems\/([a-z-]+)`/g)].map(match => match[1])
  expect(documented.sort()).toEqual(Object.keys(problems).sort())
})

test('every setting is documented, and none that does not exist', () => {
  const documented = [...page('configuration.md').matchAll(/^\| `([A-Z_]+)`/gm)].map(match => match[1])
  expect(documented.sort()).toEqual([...Object.keys(configSchema.shape), 'HARBINGER_MODELS', 'HARBINGER_ENGINE'].sort())
})

test.each([
  ['PORT', '80a'],
  ['PORT', '70000'],
  ['LOG_LEVEL', 'loud'],
  ['HARBINGER_BODY_LIMIT', '-1'],
  ['HARBINGER_BATCH_LIMIT', '1.5'],
])('a setting that is not as expected is refused by name (%s=%s)', (name, value) => {
  expect(() => readConfig({ [name]: value })).toThrow(InputError)
  expect(() => readConfig({ [name]: value })).toThrow(`environment, field ${name}: found "${value}"`)
})

test('settings have the defaults that are documented', () => {
  expect(readConfig({})).toMatchObject({ port: 8080, host: '127.0.0.1', model: 'champion', bodyLimitBytes: 2_097_152 })
})

test('the page comes from local files under a policy that allows no others', async () => {
  const response = await fetch(`${server.url}/docs`)
  expect(response.headers.get('content-security-policy')).toContain("script-src 'self'")
  const html = await response.text()
  expect(html).not.toMatch(/https?:/)
  for (const [, asset] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
    expect((await fetch(server.url + asset)).status, asset).toBe(200)
  }
})
