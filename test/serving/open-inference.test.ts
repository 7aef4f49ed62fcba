import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadModel, type Model, openRegistry } from '../../models/index.ts'
import { tinyManifest, writeTinyModel } from '../models/tiny-model.ts'
import { pdByHand } from './pd-by-hand.ts'
import { startTestServer, type TestServer } from './test-server.ts'

let root: string
let model: Model
let server: TestServer
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'harbinger-oip-'))
  const { folder } = await writeTinyModel(root, tinyManifest)
  openRegistry(root).promote('tiny', 1)
  model = await loadModel(folder)
  server = await startTestServer(model)
})
afterAll(async () => {
  await server.close()
  rmSync(root, { recursive: true, force: true })
})

const infer = '/v2/models/tiny/infer'
const input = (data: unknown[], more: object = {}) => ({
  name: 'days_past_due',
  shape: [data.length, 1],
  datatype: 'FP64',
  data,
  ...more,
})

test('named columns in, PD per horizon out, the id echoed', async () => {
  const response = await server.post(infer, { id: '42', inputs: [input([10, 0])] })
  expect(response.status).toBe(200)
  const pd = [...pdByHand(10), ...pdByHand(0)]
  expect(await response.json()).toEqual({
    model_name: 'tiny',
    model_version: '1',
    id: '42',
    outputs: [{ name: 'pd', shape: [2, 2], datatype: 'FP64', data: pd.map(value => expect.closeTo(value, 6)) }],
  })
})

test('null is missing, nested rows and integers are read, and a versioned path is honoured', async () => {
  const answer = async (data: unknown[], datatype = 'FP64'): Promise<unknown> => {
    const response = await server.post('/v2/models/tiny/versions/1/infer', { inputs: [input(data, { datatype })] })
    expect(response.status).toBe(200)
    return ((await response.json()) as { outputs: { data: unknown }[] }).outputs[0]?.data
  }
  expect(await answer([[10]], 'INT32')).toEqual(pdByHand(10).map(value => expect.closeTo(value, 6)))
  expect(await answer([null])).not.toEqual(await answer([0]))
})

test('reasons are given where an output asks for them', async () => {
  const response = await server.post(infer, {
    inputs: [input([25])],
    outputs: [{ name: 'reasons' }, { name: 'pd' }],
  })
  const { outputs } = (await response.json()) as { outputs: { name: string; data: string[] }[] }
  expect(outputs.map(({ name }) => name)).toEqual(['reasons', 'pd'])
  expect(JSON.parse(outputs[0]!.data[0]!)).toMatchObject([{ feature: 'days_past_due', value: 25 }])
})

/** A body as tritonclient makes it: the JSON's length in a header, then the tensors. */
async function binary(json: object, ...tensors: Buffer[]): Promise<{ status: number; json: unknown; rest: Buffer }> {
  const head = Buffer.from(JSON.stringify(json))
  const response = await fetch(server.url + infer, {
    method: 'POST',
    headers: {
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(head.length),
    },
    body: Buffer.concat([head, ...tensors]),
  })
  const body = Buffer.from(await response.arrayBuffer())
  const length = Number(response.headers.get('inference-header-content-length') ?? body.length)
  return { status: response.status, json: JSON.parse(body.toString('utf8', 0, length)), rest: body.subarray(length) }
}

const binaryInput = (datatype: string, rows: number, size: number) => ({
  name: 'days_past_due',
  shape: [rows, 1],
  datatype,
  parameters: { binary_data_size: size },
})

// 10 as each datatype writes it, little-endian; IEEE 754 for the floats.
test.each([
  ['FP64', '0000000000002440'],
  ['FP32', '00002041'],
  ['FP16', '0049'],
  ['INT8', '0a'],
  ['UINT8', '0a'],
  ['INT16', '0a00'],
  ['UINT16', '0a00'],
  ['INT32', '0a000000'],
  ['UINT32', '0a000000'],
  ['INT64', '0a00000000000000'],
  ['UINT64', '0a00000000000000'],
])('a binary tensor of %s is read', async (datatype, hex) => {
  const bytes = Buffer.from(hex, 'hex')
  const { status, json } = await binary({ inputs: [binaryInput(datatype, 1, bytes.length)] }, bytes)
  expect(status).toBe(200)
  expect(json).toMatchObject({ outputs: [{ data: pdByHand(10).map(value => expect.closeTo(value, 6)) }] })
})

test('NaN in a binary tensor is missing, and outputs are binary where asked for', async () => {
  const bytes = Buffer.alloc(16)
  bytes.writeDoubleLE(10, 0)
  bytes.writeDoubleLE(Number.NaN, 8)
  const { json, rest } = await binary(
    { inputs: [binaryInput('FP64', 2, 16)], parameters: { binary_data_output: true } },
    bytes,
  )
  expect(json).toMatchObject({ outputs: [{ name: 'pd', shape: [2, 2], parameters: { binary_data_size: 32 } }] })
  const pd = [0, 8, 16, 24].map(at => rest.readDoubleLE(at))
  expect(pd.slice(0, 2)).toEqual(pdByHand(10).map(value => expect.closeTo(value, 6)))
  const asJson = await server.post(infer, { inputs: [input([null])] })
  expect(await asJson.json()).toMatchObject({ outputs: [{ data: pd.slice(2) }] })
})

test.each([
  ['no input', { inputs: [] }, '/inputs'],
  ['a feature that is missing', { inputs: [{ ...input([1]), name: 'utilisation_now' }] }, 'days_past_due'],
  ['an unknown feature', { inputs: [input([1]), { ...input([1]), name: 'shoe_size' }] }, '/inputs/1/data/0'],
  ['an input twice', { inputs: [input([1]), input([1])] }, '/inputs/1/name'],
  ['another number of values than the shape says', { inputs: [input([1], { shape: [2, 1] })] }, '/inputs/0/data'],
  ['a matrix', { inputs: [input([1, 2], { shape: [1, 2] })] }, '/inputs/0/shape'],
  ['a text as a number', { inputs: [input(['ten'])] }, '/inputs/0/data/0'],
  ['a number out of its range', { inputs: [input([-3])] }, 'days_past_due'],
  ['an unknown datatype', { inputs: [input([1], { datatype: 'FP8' })] }, '/inputs/0/datatype'],
  ['an unknown output', { inputs: [input([1])], outputs: [{ name: 'price' }] }, '/outputs/0/name'],
  ['no JSON', 'inputs', 'JSON'],
  ['a prototype', '{"inputs":[{"name":"__proto__","shape":[1],"datatype":"FP64","data":[1]}]}', 'days_past_due'],
])('%s is an error that names it, in the protocol’s own form', async (_, body, named) => {
  const response = await server.post(infer, body)
  expect(response.status).toBe(400)
  expect(await response.json()).toEqual({ error: expect.stringContaining(named) })
})

test.each([
  ['fewer bytes than said', binaryInput('FP64', 1, 8), Buffer.alloc(4)],
  ['more bytes than said', binaryInput('FP64', 1, 8), Buffer.alloc(12)],
  ['bytes that don’t fit the shape', binaryInput('FP64', 2, 8), Buffer.alloc(8)],
  ['BYTES longer than the body', binaryInput('BYTES', 1, 4), Buffer.from('ffffffff', 'hex')],
  ['infinity', binaryInput('FP16', 1, 2), Buffer.from('007c', 'hex')],
  ['data beside bytes', { ...binaryInput('FP64', 1, 8), data: [1] }, Buffer.alloc(8)],
])('%s in a binary request is an error', async (_, one, bytes) => {
  const { status, json } = await binary({ inputs: [one] }, bytes)
  expect(status).toBe(400)
  expect(json).toEqual({ error: expect.any(String) })
})

test.each(['9999999999', '-1', '1e3', '0x10', ''])('a JSON length of "%s" is an error', async length => {
  const response = await fetch(server.url + infer, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream', 'inference-header-content-length': length },
    body: Buffer.from('{"inputs":[]}'),
  })
  expect(response.status).toBe(400)
})

test.each([
  '/v2/models/other',
  '/v2/models/tiny/versions/2',
  '/v2/models/..%2F..%2Fetc%2Fpasswd',
  '/v2/models/tiny/versions/1e0',
  '/v2/models/__proto__',
])('%s is no loaded model', async path => {
  const response = await fetch(server.url + path)
  expect(response.status).toBe(404)
  expect(await response.json()).toEqual({ error: expect.any(String) })
})

test('metadata says what to send', async () => {
  expect(await (await fetch(`${server.url}/v2/models/tiny`)).json()).toEqual({
    name: 'tiny',
    versions: ['1'],
    platform: 'tensorflowjs_layers',
    inputs: [{ name: 'days_past_due', datatype: 'FP64', shape: [-1, 1] }],
    outputs: [
      { name: 'pd', datatype: 'FP64', shape: [-1, 2] },
      { name: 'reasons', datatype: 'BYTES', shape: [-1] },
    ],
  })
  for (const path of ['/v2', '/v2/']) {
    expect(await (await fetch(server.url + path)).json()).toMatchObject({
      name: 'harbinger',
      extensions: expect.arrayContaining(['binary_tensor_data']),
    })
  }
  expect(await (await fetch(`${server.url}/v2/health/live`)).json()).toEqual({ live: true })
  expect(await (await fetch(`${server.url}/v2/health/ready`)).json()).toEqual({ ready: true, live: true })
  expect(await (await fetch(`${server.url}/v2/models/tiny/ready`)).json()).toEqual({ name: 'tiny', ready: true })
})
