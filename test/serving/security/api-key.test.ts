import { timingSafeEqual } from 'node:crypto'
import { beforeEach, expect, test, vi } from 'vitest'
import { apiKeyText, hashSecret, isSecret, makeApiKey, parseApiKey } from '../../../serving/security/api-key.ts'

vi.mock('node:crypto', async original => {
  const real = await original<typeof import('node:crypto')>()
  return { ...real, timingSafeEqual: vi.fn(real.timingSafeEqual) }
})
beforeEach(() => {
  vi.mocked(timingSafeEqual).mockClear()
})

const id = '0123456789abcdef'
const secret = 'ab'.repeat(32)

test('a key is hbg_, an id and 256 random bits, and no two are alike', () => {
  const texts = Array.from({ length: 1000 }, () => apiKeyText(makeApiKey()))
  for (const text of texts) expect(text).toMatch(/^hbg_[0-9a-f]{16}_[0-9a-f]{64}$/) // 64 hex digits: 256 bits
  expect(new Set(texts).size).toBe(1000)
  expect(new Set(texts.map(text => text.slice(21, 25))).size).toBeGreaterThan(900) // secrets differ from their start
})

test('what is kept of a secret is its SHA-256', () => {
  // FIPS 180-2, appendix B.1
  expect(hashSecret('abc').toString('hex')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

test('a secret is compared in constant time, right or wrong', () => {
  const hash = Buffer.from('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', 'hex')
  expect(isSecret('abc', hash)).toBe(true)
  expect(isSecret('abd', hash)).toBe(false)
  expect(timingSafeEqual).toHaveBeenCalledTimes(2)
  expect(isSecret('abc', hash.subarray(1))).toBe(false) // a damaged hash lets nobody in
})

test('a key is read as it was written', () => {
  expect(parseApiKey(`hbg_${id}_${secret}`)).toEqual({ id, secret })
})

test.each([
  '',
  'hbg_',
  `hbg_${id}_`,
  `hbg__${secret}`,
  `hbg_${id}_${secret}0`,
  `hbg_${id}_${secret.slice(1)}`,
  `hbg_${id}_${secret} `,
  `hbg_${id}_${secret}\n`,
  ` hbg_${id}_${secret}`,
  `HBG_${id}_${secret}`,
  `hbg_${id}_${secret.toUpperCase()}`,
  `hbg_${id}_${'g'.repeat(64)}`,
  `hbg_${'_'.repeat(16)}_${secret}`,
  `hbg_${id}_${'ａ'.repeat(64)}`,
])('%j is no key', text => {
  expect(parseApiKey(text)).toBeUndefined()
})
