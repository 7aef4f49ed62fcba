import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { InputError } from '../../data/index.ts'
import { loadEngine, loadModel, openRegistry } from '../../models/index.ts'
import { account, lower } from '../data/ledger.ts'
import { tinyManifest, writeTinyModel } from './tiny-model.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'harbinger-models-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** An account whose January instalment is 21 days past due at the end of the month. */
const { history } = lower([account([{ dueOn: '2024-01-10', amountDue: 100 }], [])], '2024-01-31')

test('a saved model answers as its network worked by hand', async () => {
  const { folder } = await writeTinyModel(root)
  const model = await loadModel(folder)
  const { pd } = model.score(history, Int32Array.of(0))
  // 21 days: z = (21 − 5) / 10 = 1.6; rank-normal −1 + 2 · 21 / 30 = 0.4.
  const hidden = [Math.max(0, 1.6 * 1 + 0.4 * 0.5 + 0.1), Math.max(0, 1.6 * -1 + 0.4 * 0.25 + 0.2)]
  const logits = [hidden[0]! * 1 + hidden[1]! * -0.25 - 2, hidden[0]! * 0.5 + hidden[1]! * 1 - 3]
  const [first, second] = logits.map(logit => 1 / (1 + Math.exp(-logit))) as [number, number]
  expect(pd[0]?.[0]).toBeCloseTo(first, 6)
  expect(pd[1]?.[0]).toBeCloseTo(1 - (1 - first) * (1 - second), 6)
  model.dispose()
})

test('a model is a standard LayersModel, and loading leaves no tensor behind once disposed', async () => {
  const { tf } = await loadEngine()
  const { folder } = await writeTinyModel(root)
  const before = tf.memory().numTensors
  const model = await loadModel(folder)
  model.score(history, Int32Array.of(0), 3)
  model.dispose()
  expect(tf.memory().numTensors).toBe(before)
  const json = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'))
  expect(json).toMatchObject({ format: 'layers-model', weightsManifest: [{ paths: ['weights.bin'] }] })
})

const files = [
  'manifest.json',
  'model.json',
  'weights.bin',
  'encoding.json',
  'reference.json',
  'evaluation.json',
  'report.html',
  'model-card.md',
]

test('a version holds the files of the saved form, and nothing else is left in its place', async () => {
  const { folder } = await writeTinyModel(root)
  expect(readdirSync(folder).sort()).toEqual([...files].sort())
  expect(readdirSync(join(root, 'tiny'))).toEqual(['1'])
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toBe('<p>version 1</p>')
})

test.each(files)('a missing %s is refused by name', async file => {
  const { folder } = await writeTinyModel(root)
  rmSync(join(folder, file))
  await expect(loadModel(folder)).rejects.toThrow(InputError)
  await expect(loadModel(folder)).rejects.toThrow(join(folder, file))
})

test.each(files)('a cut %s is refused by name', async file => {
  const { folder } = await writeTinyModel(root)
  const bytes = readFileSync(join(folder, file))
  writeFileSync(join(folder, file), bytes.subarray(0, Math.floor(bytes.length / 2)))
  await expect(loadModel(folder)).rejects.toThrow(join(folder, file))
})

test('one altered bit in the weights is refused', async () => {
  const { folder } = await writeTinyModel(root)
  const bytes = readFileSync(join(folder, 'weights.bin'))
  bytes[3]! ^= 1
  writeFileSync(join(folder, 'weights.bin'), bytes)
  await expect(loadModel(folder)).rejects.toThrow(/weights\.bin.*SHA-256/)
})

test('a manifest of another feature hash is refused, and says so', async () => {
  const manifest = { ...tinyManifest, features: { ...tinyManifest.features, hash: '0123456789abcdef' } }
  const { folder } = await writeTinyModel(root, manifest)
  await expect(loadModel(folder)).rejects.toThrow(
    /features\.hash: found "0123456789abcdef", expected [0-9a-f]{16}, the hash of this version/,
  )
})

test('a feature that this program does not have is refused by name', async () => {
  const manifest = { ...tinyManifest, features: { ...tinyManifest.features, names: ['feature_of_tomorrow'] } }
  const { folder } = await writeTinyModel(root, manifest)
  await expect(loadModel(folder)).rejects.toThrow('feature_of_tomorrow')
})

test('a label hash that is not the label’s is refused', async () => {
  const { folder } = await writeTinyModel(root, { ...tinyManifest, labelHash: 'f'.repeat(16) })
  await expect(loadModel(folder)).rejects.toThrow('labelHash')
})

test('a file name in the manifest that leads out of the folder is refused', async () => {
  const { folder } = await writeTinyModel(root)
  const file = join(folder, 'manifest.json')
  const manifest = JSON.parse(readFileSync(file, 'utf8'))
  manifest.files['../../../etc/passwd'] = '0'.repeat(64)
  writeFileSync(file, JSON.stringify(manifest))
  await expect(loadModel(folder)).rejects.toThrow('expected a file name')
})

test('a path that can’t be written gets a clear error and leaves nothing', async () => {
  const blocked = join(root, 'a-file')
  writeFileSync(blocked, 'in the way')
  await expect(writeTinyModel(blocked)).rejects.toThrow(/expected a folder that can be written/)
  expect(readdirSync(root)).toEqual(['a-file'])
})

test('versions count up, aliases point at them, and promoting a damaged version changes nothing', async () => {
  const registry = openRegistry(root)
  expect(registry.list()).toEqual([])
  await writeTinyModel(root)
  const second = await writeTinyModel(root)
  registry.promote('tiny', 1)
  expect(registry.resolve('champion')).toMatchObject({ name: 'tiny', version: 1, aliases: ['champion'] })
  expect(registry.resolve('tiny').version).toBe(2)
  expect(registry.resolve('tiny/1').version).toBe(1)
  rmSync(join(second.folder, 'weights.bin'))
  expect(() => registry.promote('tiny', 2)).toThrow('weights.bin')
  expect(registry.resolve('champion').version).toBe(1)
})

test.each(['tiny/3', 'nobody', '../tiny', 'tiny/../tiny', '__proto__', ''])(
  'the reference "%s" finds no model',
  async reference => {
    await writeTinyModel(root)
    expect(() => openRegistry(root).resolve(reference)).toThrow('expected an alias such as champion')
  },
)
