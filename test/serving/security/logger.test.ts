import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { createLogger } from '../../../serving/logger.ts'

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
