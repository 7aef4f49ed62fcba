import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cumulativePd, identityCalibration, sigmoid } from '../../models/index.ts'

test('PD(h) is one minus the product of survivals, the closed form of discrete hazards', () => {
  const logits = [Math.log(0.1 / 0.9), Math.log(0.2 / 0.8), Math.log(0.5 / 0.5)]
  const pd = cumulativePd(identityCalibration(3), logits, 1).map(column => column[0])
  expect(pd[0]).toBeCloseTo(0.1, 12)
  expect(pd[1]).toBeCloseTo(1 - 0.9 * 0.8, 12)
  expect(pd[2]).toBeCloseTo(1 - 0.9 * 0.8 * 0.5, 12)
})

test('a constant hazard gives the geometric distribution, at any size', () => {
  for (const hazard of [1e-9, 0.03, 0.6]) {
    const logit = Math.log(hazard / (1 - hazard))
    const pd = cumulativePd(identityCalibration(6), Array(6).fill(logit), 1)
    pd.forEach((column, index) => {
      expect(column[0]! / -Math.expm1((index + 1) * Math.log1p(-hazard))).toBeCloseTo(1, 9)
    })
  }
})

test('calibration moves each month’s hazard along its own line', () => {
  const pd = cumulativePd({ slope: [2, 1], intercept: [-1, 0.5] }, [0.3, -0.7], 1)
  const [first, second] = [sigmoid(2 * 0.3 - 1), sigmoid(-0.7 + 0.5)]
  expect(pd[0]?.[0]).toBeCloseTo(first, 12)
  expect(pd[1]?.[0]).toBeCloseTo(1 - (1 - first) * (1 - second), 12)
})

test('PD stays in [0, 1] and never falls with the horizon, whatever the logits', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -800, max: 800, noNaN: true }), { minLength: 6, maxLength: 6 }), logits => {
      const pd = cumulativePd(identityCalibration(6), logits, 1).map(column => column[0]!)
      pd.forEach((value, index) => {
        expect(value).toBeGreaterThanOrEqual(pd[index - 1] ?? 0)
        expect(value).toBeLessThanOrEqual(1)
      })
    }),
  )
})
