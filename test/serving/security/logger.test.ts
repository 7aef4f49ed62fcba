import { join } from 'node:path'
import { Writable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { packageFolder } from '../../../models/index.ts'
import { createLogger } from '../../../serving/logger.ts'
import { run } from '../run.ts'

test('a request or an error logged whole loses its credentials', () => {
  const lines: string[] = []
  const to = new Writable({
    write: (chunk, _, done) => {
      lines.push(String(chunk))
      done()
    },
  })
  const headers = { authorization: 'Bearer hunter2', 'x-api-key': 'hunter2', cookie: 'hunter2', accept: 'text/plain' }
  const logger = createLogger('info', to)
  logger.info({ headers })
  logger.info({ req: { headers } })
  logger.info({ request: { headers } })
  logger.error({ err: Object.assign(new Error('it failed'), { config: { headers }, request: { headers } }) })
  expect(lines).toHaveLength(4)
  for (const line of lines) {
    expect(line).not.toContain('hunter2')
    expect(line).toContain('[secret]')
    expect(line).toContain('text/plain')
  }
})

test.each([
  ['process.exit(3)', 3],
  ['setTimeout(() => { throw new Error("it failed") }, 5)', 1],
  ['', 0],
])('what was logged before the end is there after it: %j', async (end, status) => {
  const logger = pathToFileURL(join(packageFolder(), 'dist', 'serving', 'logger.js')).href
  const program = `import { createLogger } from ${JSON.stringify(logger)}
    const logger = createLogger('info')
    for (const n of [1, 2, 3]) logger.info({ n })
    setImmediate(() => { logger.info({ n: 4 }); ${end} })`
  const done = await run(process.execPath, ['--input-type=module', '--eval', program])
  expect(done.status).toBe(status)
  const lines = done.stdout.trimEnd().split('\n')
  expect(lines.map(line => (JSON.parse(line) as { n: number }).n)).toEqual([1, 2, 3, 4])
})
