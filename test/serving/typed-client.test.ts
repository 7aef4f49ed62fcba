import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { packageFolder } from '../../models/index.ts'
import { run } from './run.ts'
import { startTestServer, type TestServer } from './test-server.ts'

const example = join(packageFolder(), 'docs/examples/typed-client.ts')

/** `.ci/run` puts it there: it needs a TypeScript of its own, since that of version 7 has no interface for programs. */
const generator = join(packageFolder(), '.peers/openapi-typescript/node_modules/.bin')

let server: TestServer
let folder: string
beforeAll(async () => {
  server = await startTestServer()
  folder = mkdtempSync(join(tmpdir(), 'harbinger-client-'))
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

test('the example of a typed client scores the example of a request', async () => {
  const { status, stdout } = await run(process.execPath, ['--import', 'tsx', example, server.url])
  expect(stdout).toMatch(/scored by formula 1\n$/)
  expect(stdout.match(/ scored /g)?.length).toBeGreaterThanOrEqual(3)
  expect(status).toBe(0)
})

test.skipIf(!existsSync(generator))(
  'types generated from openapi.json fit the example, and refuse a wrong one (skipped without openapi-typescript)',
  () => {
    const document = join(packageFolder(), 'docs/reference/openapi.json')
    const types = join(folder, 'harbinger-api.d.ts')
    expect(spawnSync(join(generator, 'openapi-typescript'), [document, '-o', types]).status).toBe(0)
    cpSync(example, join(folder, 'typed-client.ts'))
    symlinkSync(join(packageFolder(), 'node_modules'), join(folder, 'node_modules'))
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    const wrong = `import type { paths } from './harbinger-api.d.ts'
export const body: paths['/v1/scores']['post']['requestBody']['content']['application/json'] = { asOf: 20240331 }
`
    writeFileSync(join(folder, 'wrong.ts'), wrong)
    const compile = (file: string) =>
      spawnSync(
        join(generator, 'tsc'),
        [
          '--noEmit',
          '--strict',
          '--target',
          'es2022',
          '--module',
          'nodenext',
          '--types',
          'node',
          '--skipLibCheck',
          '--allowImportingTsExtensions',
          file,
        ],
        { cwd: folder, encoding: 'utf8' },
      )
    expect(compile('typed-client.ts').stdout).toBe('')
    expect(compile('wrong.ts').stdout).toMatch(/TS2739|TS2741|TS2322/)
  },
)

test('curl: the README’s command scores, and a bad body is a problem', async () => {
  const request = join(packageFolder(), 'docs/examples/score-request.json')
  const curl = (body: string, path: string) =>
    run('curl', ['-s', `${server.url}${path}`, '-H', 'content-type: application/json', '-d', body])
  expect(JSON.parse((await curl(`@${request}`, '/v1/scores')).stdout)).toMatchObject({ model: { name: 'formula' } })
  expect(JSON.parse((await curl('{}', '/v1/scores')).stdout)).toMatchObject({ type: '/problems/invalid-request' })
  const batch = await run('curl', [
    '-sN',
    `${server.url}/v1/scores/batch`,
    '-H',
    'content-type: application/x-ndjson',
    '--data-binary',
    '{}\n{}\n',
  ])
  expect(batch.stdout.trim().split('\n')).toHaveLength(2)
})
