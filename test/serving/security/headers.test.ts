import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import helmet from 'helmet'
import { expect, test } from 'vitest'
import { securityHeaders } from '../../../serving/security/headers.ts'

/** Headers of two answers of an app. */
async function headersOf(app: express.Express): Promise<Record<string, string>[]> {
  app.disable('x-powered-by')
  app.get('/', (_, response) => {
    response.end()
  })
  const server = createServer(app)
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const answers = [await fetch(url), await fetch(url)]
  await new Promise(closed => server.close(closed))
  return answers.map(({ headers }) => Object.fromEntries([...headers].filter(([name]) => name !== 'date')))
}

test('every answer has helmet’s headers, but for the policy of pages and what is the proxy’s', async () => {
  const [first, second] = await headersOf(express().use(securityHeaders()))
  const [own] = await headersOf(express().use(helmet({ strictTransportSecurity: false })))
  expect(second).toEqual(first)
  expect({ ...first, 'content-security-policy': '' }).toEqual({ ...own, 'content-security-policy': '' })
  expect(first?.['content-security-policy']).toContain("script-src 'self';")
  expect(first?.['content-security-policy']).not.toContain('upgrade-insecure-requests')
})
