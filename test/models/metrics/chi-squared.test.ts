import { expect, test } from 'vitest'
import { chiSquaredQuantile } from '../../../models/index.ts'

test('quantiles equal the printed table', () => {
  // Abramowitz & Stegun (1964), table 26.8
  for (const [probability, degrees, value] of [
    [0.95, 1, 3.84146],
    [0.99, 2, 9.21034],
    [0.95, 9, 16.919],
    [0.999, 9, 27.8772],
    [0.5, 30, 29.336],
  ] as const) {
    expect(chiSquaredQuantile(probability, degrees)).toBeCloseTo(value, 3)
  }
})
