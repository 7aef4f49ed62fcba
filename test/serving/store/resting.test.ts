import { expect, test } from 'vitest'
import { watchIdleShare } from '../../../serving/store/idle-share.ts'
import { restMs } from '../../../serving/store/store-owner.ts'

test('draining rests the longer the less processor time is left over, and less as the journals fill', () => {
  expect(restMs(10, 0, 1)).toBe(0)
  expect(restMs(10, 0, 0.2)).toBe(0) // a fifth of the processors' time is to spare
  expect(restMs(10, 0, 0)).toBe(250)
  expect(restMs(10, 0, 0.1)).toBeCloseTo(125)
  expect(restMs(10, 0.5, 0)).toBe(250)
  expect(restMs(10, 0.7, 0)).toBeCloseTo(125) // half way from half full to nine tenths
  expect(restMs(10, 0.9, 0)).toBe(0)
  expect(restMs(10, 1.5, 0)).toBe(0)
  expect(restMs(1000, 0, 0)).toBe(2000)
})

test('the idle share is that of the time since it was last told, once enough has passed', () => {
  const times = [
    { idle: 1000, total: 5000 },
    { idle: 1010, total: 5100 },
    { idle: 1100, total: 5400 },
    { idle: 1100, total: 5500 },
    { idle: 1500, total: 5800 },
  ]
  const share = watchIdleShare(() => times.shift() ?? { idle: 0, total: 0 })
  expect(share()).toBe(1)
  expect(share()).toBe(0.25)
  expect(share()).toBe(0.25)
  expect(share()).toBe(1)
})
