import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { labelHash } from '../../data/index.ts'
import { catalogue, loadEngine, type Model, openRegistry } from '../../models/index.ts'
import { createModelHost, type HostEvent, type ModelHost, modelKey } from '../../serving/index.ts'
import { tinyManifest, writeTinyModel } from '../models/tiny-model.ts'

let saved: string
let root: string
const events: HostEvent[] = []

beforeAll(async () => {
  saved = mkdtempSync(join(tmpdir(), 'harbinger-host-'))
  for (let version = 1; version <= 3; version += 1) await writeTinyModel(saved)
})
afterAll(() => rmSync(saved, { recursive: true, force: true }))

beforeEach(() => {
  rmSync(join(saved, 'fresh'), { recursive: true, force: true })
  root = join(saved, 'fresh')
  cpSync(join(saved, 'tiny'), join(root, 'tiny'), { recursive: true })
  openRegistry(root).promote('tiny', 1)
  events.length = 0
})

const feature = catalogue.find(({ name }) => name === 'days_past_due')!
const score = (model: Model): number | undefined =>
  model.scoreFeatures({
    features: [feature],
    rows: 1,
    columns: [{ kind: 'number', values: Float64Array.of(10) }],
  }).pd[0]?.[0]

const open = (reference = 'champion'): Promise<ModelHost> =>
  createModelHost({
    registry: openRegistry(root),
    reference,
    warmUp: model => score(model),
    onEvent: event => events.push(event),
  })
const serving = (host: ModelHost): string => modelKey(host.champion().manifest)

test('a version is promoted and rolled back in one call each; the registry says so too', async () => {
  const host = await open()
  await host.promote('tiny', 2)
  await host.promote('tiny', 3)
  expect(serving(host)).toBe('tiny/3')
  await host.rollBack()
  expect(serving(host)).toBe('tiny/2')
  await host.rollBack()
  expect(serving(host)).toBe('tiny/1')
  expect(openRegistry(root).resolve('champion').version).toBe(1)
  await expect(host.rollBack()).rejects.toThrow('a version before this one')
  expect(serving(host)).toBe('tiny/1')
  expect(score(host.champion())).toBeGreaterThan(0)
  await host.close()
})

test.each([
  ['a damaged weights file', (folder: string) => appendFileSync(join(folder, 'weights.bin'), 'x'), 'SHA-256'],
  ['a cut manifest', (folder: string) => writeFileSync(join(folder, 'manifest.json'), '{"format": 1'), 'JSON, whole'],
  [
    'features of other code',
    changeManifest({ features: { hash: '0'.repeat(16), names: ['days_past_due'] } }),
    'hash of',
  ],
  ['another version’s manifest', changeManifest({ version: 7 }), 'version tiny/2'],
])('%s is refused, and the old version keeps serving', async (_, damage, reason) => {
  damage(join(root, 'tiny', '2'))
  const host = await open()
  await expect(host.promote('tiny', 2)).rejects.toThrow(reason)
  await expect(host.shadow('tiny', 2)).rejects.toThrow(reason)
  expect(serving(host)).toBe('tiny/1')
  expect(host.challenger()).toBeNull()
  expect(openRegistry(root).aliases()).toMatchObject({ champion: { version: 1 } })
  expect(events.filter(({ kind }) => kind === 'refused')).toHaveLength(2)
  expect(score(host.champion())).toBeGreaterThan(0)
  await host.close()
})

function changeManifest(change: object): (folder: string) => void {
  return folder => {
    const file = join(folder, 'manifest.json')
    writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), ...change }))
  }
}

test('a model of another label is refused unless that is asked for', async () => {
  const label = { ...tinyManifest.label, targetDaysPastDue: 90 }
  await writeTinyModel(root, { ...tinyManifest, name: 'other', label, labelHash: labelHash(label) })
  const host = await open()
  await expect(host.promote('other', 1)).rejects.toThrow('its probabilities mean something else')
  expect(serving(host)).toBe('tiny/1')
  await host.promote('other', 1, true)
  expect(serving(host)).toBe('other/1')
  await host.close()
})

test('what another program promotes is followed; what it promotes damaged is not', async () => {
  const host = await open()
  const other = openRegistry(root)
  other.promote('tiny', 2)
  other.promote('tiny', 3, 'challenger')
  await host.refresh()
  expect([serving(host), host.challenger()?.manifest.version]).toEqual(['tiny/2', 3])

  other.promote('tiny', 1)
  appendFileSync(join(root, 'tiny', '1', 'weights.bin'), 'x') // after the promotion, which would have seen it
  await host.refresh()
  expect(serving(host)).toBe('tiny/2')
  expect(events.at(-1)).toMatchObject({ kind: 'refused' })
  await host.close()
})

test('a server that was told to stay with one version stays', async () => {
  const host = await open('tiny/2')
  await expect(host.promote('tiny', 3)).rejects.toThrow('told to stay')
  await expect(host.rollBack()).rejects.toThrow('told to stay')
  openRegistry(root).promote('tiny', 3)
  await host.refresh()
  expect(serving(host)).toBe('tiny/2')
  await host.close()
})

test('a version is found by name, number and label while an alias points at it, and is freed after', async () => {
  const host = await open()
  await host.shadow('tiny', 3)
  const version = (choice: Parameters<ModelHost['lease']>[0]): number | undefined => {
    const lease = host.lease(choice)
    lease?.release()
    return lease?.model.manifest.version
  }
  expect(version({})).toBe(1)
  expect(version({ name: 'tiny' })).toBe(1) // the champion, not the latest
  expect(version({ name: 'tiny', version: 3 })).toBe(3)
  expect(version({ name: 'tiny', label: 'challenger' })).toBe(3)
  expect(version({ name: 'tiny', version: 2 })).toBeUndefined()
  expect(version({ name: 'other' })).toBeUndefined()
  expect(version({ name: 'tiny', label: 'toString' })).toBeUndefined()
  await host.stopShadowing()
  expect(version({ version: 3 })).toBeUndefined()
  await host.close()
})

test('a model that a request still holds is freed only after that', async () => {
  const host = await open()
  const { tf } = await loadEngine()
  const lease = host.lease()!
  const before = tf.memory().numTensors
  await host.promote('tiny', 2)
  expect(tf.memory().numTensors).toBeGreaterThan(before) // both are there
  expect(score(lease.model)).toBeGreaterThan(0)
  lease.release()
  lease.release()
  expect(tf.memory().numTensors).toBe(before)
  await host.close()
})

test('100 swaps leave not one tensor behind', async () => {
  const { tf } = await loadEngine()
  const empty = tf.memory().numTensors
  const host = await open()
  await host.shadow('tiny', 3)
  const before = tf.memory().numTensors
  for (let swap = 0; swap < 100; swap += 1) await host.promote('tiny', 2 - (swap % 2))
  expect(events.filter(({ kind }) => kind === 'swapped')).toHaveLength(101)
  expect(tf.memory().numTensors).toBe(before)
  await host.close()
  expect(tf.memory().numTensors).toBe(empty)
})

test('a model that can’t score the example is refused', async () => {
  const host = await createModelHost({
    registry: openRegistry(root),
    reference: 'champion',
    warmUp: ({ manifest }) => {
      if (manifest.version === 2) throw new Error('no answer')
    },
  })
  const { tf } = await loadEngine()
  const before = tf.memory().numTensors
  await expect(host.promote('tiny', 2)).rejects.toThrow('no answer')
  expect([serving(host), tf.memory().numTensors]).toEqual(['tiny/1', before])
  await host.close()
})

test('a start with nothing to serve says so', async () => {
  await expect(open('nothing')).rejects.toThrow('an alias such as champion')
})
