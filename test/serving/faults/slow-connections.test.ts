import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRegistry } from '../../../models/index.ts'
import { type RunningServer, readConfig, startServer } from '../../../serving/index.ts'
import { writeTinyModel } from '../../models/tiny-model.ts'

let root: string
let server: RunningServer
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'harbinger-slow-'))
  await writeTinyModel(root)
  openRegistry(root).promote('tiny', 1)
  const store = join(root, 'store')
  const settings = { HARBINGER_MODELS: root, HARBINGER_STORE: store, HARBINGER_TIMEOUT_MS: '3000' }
  server = await startServer(readConfig({ PORT: '0', LOG_LEVEL: 'silent', HARBINGER_AUTH: 'none', ...settings }))
})
afterAll(async () => {
  await server.close()
  rmSync(root, { recursive: true, force: true })
})

/** Begins of requests that never end. */
const begins = [
  'POST /v1/scores HTTP/1.1\r\nHost: x\r\nContent-Ty',
  'POST /v1/scores HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"asOf":',
  'POST /v1/scores/batch HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nContent-Length: 1000\r\n\r\n{',
  'POST /v2/models/tiny/infer HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\nContent-Length: 1000\r\n\r\n{',
]

test('1,000 slow connections are closed in time, and others are answered meanwhile', async () => {
  const { port } = new URL(server.url)
  let closed = 0
  let answers = ''
  const sockets = Array.from({ length: 1000 }, (_, place): Socket => {
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(begins[place % begins.length] as string))
    socket.on('data', chunk => {
      answers += String(chunk)
    })
    socket.on('error', () => {}) // a reset is an end too
    socket.on('close', () => {
      closed += 1
    })
    return socket
  })
  let answered = 0
  while (closed < sockets.length) {
    const response = await fetch(`${server.url}/v2/models/tiny`)
    expect(response.status).toBe(200)
    await response.arrayBuffer()
    answered += 1
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  expect(answered).toBeGreaterThan(10)
  expect(answers).toContain('408')
  expect(answers).not.toContain('HTTP/1.1 5')
})
