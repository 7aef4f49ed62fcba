import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { loadEngine, openRegistry } from '../../../models/index.ts'
import { type RunningServer, readConfig, startServer } from '../../../serving/index.ts'
import { writeTinyModel } from '../../models/tiny-model.ts'

let root: string
let server: RunningServer
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'harbinger-swap-'))
  await writeTinyModel(root)
  await writeTinyModel(root)
  openRegistry(root).promote('tiny', 1)
  const store = join(root, 'store')
  server = await startServer(
    readConfig({
      PORT: '0',
      LOG_LEVEL: 'silent',
      HARBINGER_AUTH: 'none',
      HARBINGER_MODELS: root,
      HARBINGER_STORE: store,
    }),
  )
})
afterAll(async () => {
  await server.close()
  rmSync(root, { recursive: true, force: true })
})

const answerSchema = z.object({
  outputs: z.tuple([z.object({ data: z.array(z.number()) })]),
  model_version: z.string(),
})

const post = (path: string, body: unknown = {}): Promise<Response> =>
  fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

test('a model swapped every second under load, and rolled back, fails no request; nothing leaks', async () => {
  const { tf } = await loadEngine()
  const tensors = tf.memory().numTensors
  const versions = new Set<string>()
  const failed: string[] = []
  let answered = 0
  let loading = true
  const client = async (): Promise<void> => {
    const input = { name: 'days_past_due', shape: [1, 1], datatype: 'FP64', data: [10] }
    while (loading) {
      const response = await post('/v2/models/tiny/infer', { inputs: [input] }).catch((error: unknown) => String(error))
      if (typeof response === 'string' || response.status !== 200) {
        failed.push(typeof response === 'string' ? response : await response.text())
        continue
      }
      versions.add(answerSchema.parse(await response.json()).model_version)
      answered += 1
    }
  }
  const clients = Array.from({ length: 8 }, client)
  for (let swap = 0; swap < 10; swap += 1) {
    await sleep(1000)
    const changed =
      swap % 2 === 0
        ? await post('/v1/models/tiny/versions/2/promote')
        : await post('/v1/models/tiny/versions/2/rollback')
    expect(changed.status, await changed.clone().text()).toBe(200)
    expect(await changed.json()).toMatchObject({ champion: { name: 'tiny', version: swap % 2 === 0 ? 2 : 1 } })
  }
  loading = false
  await Promise.all(clients)
  expect(failed).toEqual([])
  expect(answered).toBeGreaterThan(100)
  expect([...versions].sort()).toEqual(['1', '2'])
  expect(tf.memory().numTensors).toBe(tensors)
})

test('changes that can’t be made are told, and change nothing', async () => {
  const status = async (path: string, body?: unknown): Promise<number> => (await post(path, body)).status
  expect(await status('/v1/models/tiny/versions/9/promote')).toBe(404)
  expect(await status('/v1/models/..%2Ftiny/versions/1/promote')).toBe(404)
  expect(await status('/v1/models/tiny/versions/2/rollback')).toBe(409) // it isn't champion
  expect(await status('/v1/models/tiny/versions/1/shadow')).toBe(409) // the champion
  expect(await status('/v1/models/tiny/versions/2/promote', { force: true })).toBe(422)
  expect(await status('/v1/models/tiny/versions/2/shadow')).toBe(200)
  const list: unknown = await (await fetch(`${server.url}/v1/models`)).json()
  expect(list).toMatchObject({
    models: [
      { version: 1, serving: true, shadowing: false, damaged: false },
      { version: 2, serving: false, shadowing: true },
    ],
  })
  const stop = await fetch(`${server.url}/v1/models/tiny/versions/2/shadow`, { method: 'DELETE' })
  expect(await stop.json()).toEqual({ champion: { name: 'tiny', version: 1 }, challenger: null })
})
