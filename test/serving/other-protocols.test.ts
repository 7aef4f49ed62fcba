import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadModel, openRegistry } from '../../models/index.ts'
import { tinyManifest, writeTinyModel } from '../models/tiny-model.ts'
import { pdByHand } from './pd-by-hand.ts'
import { startTestServer, type TestServer } from './test-server.ts'

let root: string
let server: TestServer
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'harbinger-protocols-'))
  const { folder } = await writeTinyModel(root, tinyManifest)
  openRegistry(root).promote('tiny', 1)
  server = await startTestServer(await loadModel(folder))
})
afterAll(async () => {
  await server.close()
  rmSync(root, { recursive: true, force: true })
})

const near = (daysPastDue: number) => pdByHand(daysPastDue).map(value => expect.closeTo(value, 6))
const ask = async (path: string, body: unknown, headers?: Record<string, string>) => {
  const response = await server.post(path, body, headers)
  return [response.status, await response.json()] as const
}

test('TensorFlow Serving: rows give predictions, columns give outputs', async () => {
  const predict = '/v1/models/tiny:predict'
  const rows = { signature_name: 'serving_default', instances: [{ days_past_due: 10 }, { days_past_due: [0] }] }
  expect(await ask(predict, rows)).toEqual([200, { predictions: [near(10), near(0)] }])
  expect(await ask(predict, { inputs: { days_past_due: [0, 10] } })).toEqual([200, { outputs: [near(0), near(10)] }])
  const versioned = '/v1/models/tiny/versions/1:predict'
  expect(await ask(versioned, { instances: [{ days_past_due: 10 }] })).toEqual([200, { predictions: [near(10)] }])
})

test('TensorFlow Serving: status and metadata', async () => {
  const get = async (path: string) => (await fetch(server.url + path)).json()
  for (const path of ['/v1/models/tiny', '/v1/models/tiny/versions/1']) {
    expect(await get(path)).toEqual({
      name: 'tiny',
      ready: true,
      model_version_status: [{ version: '1', state: 'AVAILABLE', status: { error_code: 'OK', error_message: '' } }],
    })
  }
  expect(await get('/v1/models/tiny/metadata')).toEqual({
    model_spec: { name: 'tiny', signature_name: '', version: '1' },
    metadata: {
      signature_def: {
        signature_def: {
          serving_default: {
            inputs: {
              days_past_due: {
                dtype: 'DT_DOUBLE',
                tensor_shape: { dim: [{ size: '-1', name: '' }], unknown_rank: false },
                name: 'days_past_due:0',
              },
            },
            outputs: {
              pd: {
                dtype: 'DT_DOUBLE',
                tensor_shape: {
                  dim: [
                    { size: '-1', name: '' },
                    { size: '2', name: '' },
                  ],
                  unknown_rank: false,
                },
                name: 'pd:0',
              },
            },
            method_name: 'tensorflow/serving/predict',
          },
        },
      },
    },
  })
})

test.each([
  ['neither rows nor columns', {}, 'either instances or inputs'],
  ['both', { instances: [{ days_past_due: 1 }], inputs: { days_past_due: [1] } }, 'either instances or inputs'],
  ['rows with other features', { instances: [{ days_past_due: 1 }, { days_past: 1 }] }, '/instances/1'],
  ['columns of other lengths', { inputs: { days_past_due: [1, 2], balance: [1] } }, '/inputs/balance'],
  ['a feature left out', { instances: [{}] }, 'days_past_due'],
  ['another signature', { signature_name: 'other', instances: [{ days_past_due: 1 }] }, '/signature_name'],
  ['a text', { instances: [{ days_past_due: 'ten' }] }, '/instances/0/days_past_due'],
  ['NaN', '{"instances":[{"days_past_due":NaN}]}', 'JSON'],
])('TensorFlow Serving: %s is an error in its form', async (_, body, named) => {
  expect(await ask('/v1/models/tiny:predict', body)).toEqual([400, { error: expect.stringContaining(named) }])
})

test('a model that is not loaded is not found, in each protocol’s form', async () => {
  const body = { instances: [{ days_past_due: 1 }] }
  for (const path of ['/v1/models/half:predict', '/v1/models/tiny/versions/9:predict', '/v1/models/a%2Fb:predict']) {
    expect(await ask(path, body)).toEqual([404, { error: expect.any(String) }])
  }
  expect(await ask('/endpoints/half/invocations', body)).toEqual([
    404,
    { error_code: 'RESOURCE_DOES_NOT_EXIST', message: expect.any(String) },
  ])
})

test.each([
  ['dataframe_split', { dataframe_split: { columns: ['days_past_due'], data: [[10], [null]], index: [0, 1] } }],
  ['dataframe_records', { dataframe_records: [{ days_past_due: 10 }, { days_past_due: null }] }],
  ['instances', { instances: [{ days_past_due: 10 }, { days_past_due: null }] }],
  ['inputs', { inputs: { days_past_due: [10, null] }, params: {} }],
])('invocations take %s', async (_, body) => {
  const [status, answer] = await ask('/invocations', body)
  expect(status).toBe(200)
  expect(answer).toEqual({ predictions: [near(10), [expect.any(Number), expect.any(Number)]] })
  expect(await ask('/endpoints/tiny/invocations', body)).toEqual([200, answer])
})

test('invocations take CSV; an empty cell is missing, and quotes are understood', async () => {
  const csv = (body: string) => ask('/invocations', body, { 'content-type': 'text/csv; charset=utf-8' })
  const [, missing] = await ask('/invocations', { inputs: { days_past_due: [null] } })
  const [none] = (missing as { predictions: unknown[] }).predictions
  expect(await csv('"days_past_due"\r\n10\r\n""\r\n')).toEqual([200, { predictions: [near(10), none] }])
  expect(await csv('days_past_due\nten\n')).toEqual([
    400,
    { error_code: 'INVALID_PARAMETER_VALUE', message: expect.stringContaining('/csv/data/0/0') },
  ])
  for (const body of ['', 'days_past_due', 'days_past_due,days_past_due\n1,2', 'days_past_due\n1,2']) {
    expect((await csv(body))[0], body).toBe(400)
  }
})

test.each([
  ['a bare list', [{ days_past_due: 1 }], 400],
  ['two forms', { instances: [{ days_past_due: 1 }], inputs: { days_past_due: [1] } }, 400],
  ['an unknown key', { rows: [] }, 400],
  ['a short row', { dataframe_split: { columns: ['days_past_due'], data: [[]] } }, 400],
])('invocations: %s is an error in MLflow’s form', async (_, body, status) => {
  expect(await ask('/invocations', body)).toEqual([
    status,
    { error_code: 'INVALID_PARAMETER_VALUE', message: expect.any(String) },
  ])
})

test.each([
  [{ columns: ['days_past_due', 'days_past_due'], data: [[1, 1]] }, '/dataframe_split/columns/1', 'each column once'],
  [{ columns: ['days_past_due', 'shoe_size'], data: [[1, 1]] }, '/dataframe_split/data/0/1', 'no feature of this name'],
  [{ columns: ['days_past_due'], data: [[1], ['x']] }, '/dataframe_split/data/1/0', 'a number, or null'],
  [{ columns: ['days_past_due'], data: [[1], [-1]] }, '/dataframe_split/data/1/0', 'a finite number from 0'],
])('invocations: %j says where it is wrong', async (split, pointer, says) => {
  const [status, body] = await ask('/invocations', { dataframe_split: split })
  expect(status).toBe(400)
  expect(body).toEqual({ error_code: 'INVALID_PARAMETER_VALUE', message: expect.stringContaining(pointer) })
  expect((body as { message: string }).message).toContain(says)
})

test('invocations: another type of body is refused, and ping says whether the server is ready', async () => {
  const [status] = await ask('/invocations', '<x/>', { 'content-type': 'application/xml' })
  expect(status).toBe(415)
  expect((await fetch(`${server.url}/ping`)).status).toBe(200)
  server.state.ready = false
  expect((await fetch(`${server.url}/ping`)).status).toBe(503)
  expect((await fetch(`${server.url}/v2/health/ready`)).status).toBe(503)
  server.state.ready = true
  expect((await fetch(`${server.url}/health`)).status).toBe(200)
})
