import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { StoreDownError } from '../../../serving/index.ts'
import { rememberKeys } from '../../../serving/security/known-keys.ts'
import { testKey } from './test-keys.ts'

const one = testKey(['score']).known
const down = new StoreDownError('it is down')

test('keys are read when somebody asks, and again once they are old', async () => {
  let reads = 0
  const known = rememberKeys(
    async () => {
      reads += 1
      return [one]
    },
    { freshMs: 100 },
  )
  await sleep(20)
  expect(reads).toBe(1) // at once, so that they are known if the store goes away
  await Promise.all(Array.from({ length: 50 }, () => known.current()))
  expect(reads).toBe(1)
  await sleep(120)
  expect((await known.current())?.keys.get(one.id)).toBe(one)
  expect(reads).toBe(2)
})

test('keys are read in good time, so that no request waits', async () => {
  let slow = false
  const known = rememberKeys(
    async () => {
      if (slow) await sleep(150)
      return [one]
    },
    { freshMs: 600 },
  )
  await known.current()
  slow = true
  let longest = 0
  for (const until = performance.now() + 1500; performance.now() < until; await sleep(5)) {
    const began = performance.now()
    expect(await known.current()).toMatchObject({ fresh: true })
    longest = Math.max(longest, performance.now() - began)
  }
  expect(longest).toBeLessThan(100)
})

test('a key that was revoked is gone once the time is up', async () => {
  let keys = [one]
  const known = rememberKeys(async () => keys, { freshMs: 100 })
  expect((await known.current())?.keys.size).toBe(1)
  keys = []
  await sleep(120)
  expect((await known.current())?.keys.size).toBe(0)
})

test('while the store is away what is known stays, and is said to be old', async () => {
  let away = false
  const known = rememberKeys(async () => (away ? Promise.reject(down) : [one]), { freshMs: 20 })
  expect(await known.current()).toMatchObject({ fresh: true })
  away = true
  await sleep(40)
  const now = await known.current()
  expect(now).toMatchObject({ fresh: false })
  expect(now?.keys.get(one.id)).toBe(one)
  away = false
  await sleep(100)
  expect(await known.current()).toMatchObject({ fresh: true })
})

test('a store that hangs holds a request up once, and not for long', async () => {
  let hangs = false
  const known = rememberKeys(async () => (hangs ? new Promise<never>(() => {}) : [one]), {
    freshMs: 20,
    patienceMs: 100,
  })
  await known.current()
  hangs = true
  await sleep(40)
  const began = performance.now()
  expect(await known.current()).toMatchObject({ fresh: false })
  const first = performance.now() - began
  expect(first).toBeGreaterThan(80)
  expect(first).toBeLessThan(2000)
  const again = performance.now()
  for (let request = 0; request < 100; request += 1) await known.current()
  expect(performance.now() - again).toBeLessThan(80)
})

test('requests wait for a database that is still opening, and know nothing if it doesn’t open', async () => {
  let opens = false
  const options = { freshMs: 20, firstMs: 300 }
  const read = async () => (opens ? [one] : Promise.reject(down))
  const never = rememberKeys(read, options)
  expect(await never.current()).toBeNull()
  const later = rememberKeys(read, options)
  const waiting = later.current()
  await sleep(100)
  opens = true
  expect(await waiting).toMatchObject({ fresh: true })
  expect((await never.current())?.keys.size).toBe(1) // it may come later
})

test('the first request may come late, and waits for the keys all the same', async () => {
  const known = rememberKeys(
    async () => {
      await sleep(50)
      return [one]
    },
    { firstMs: 10 },
  )
  await sleep(30)
  expect(await known.current()).toMatchObject({ fresh: true })
})

test('a fault of the database is told', async () => {
  const faults: unknown[] = []
  const fault = new Error('no such table')
  const known = rememberKeys(async () => Promise.reject(fault), { firstMs: 10, onFault: error => faults.push(error) })
  expect(await known.current()).toBeNull()
  expect(faults[0]).toBe(fault)
})
