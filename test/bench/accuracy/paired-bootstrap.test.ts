import { expect, test } from 'vitest'
import { pairedBootstrap } from './paired-bootstrap.ts'

test('rows that are events in part: the AUC is the share of pairs in order, by what each row counts', () => {
  // Three rows with true PD 1, 0.5 and 0, ranked in that order; each stands twice, as an event and as none.
  const scores = Float64Array.of(3, 2, 1, 3, 2, 1)
  const counts = Float64Array.of(1, 0.5, 0, 0, 0.5, 1)
  const found = pairedBootstrap(
    { model: scores },
    Uint8Array.of(1, 1, 1, 0, 0, 0),
    Int32Array.of(0, 1, 2, 0, 1, 2),
    new Uint8Array(6),
    ({ model }) => ({ gini: 2 * model - 1 }),
    counts,
  )
  // 1 · (0.5 + 1) + 0.5 · (0.5 / 2 + 1), over 1.5 · 1.5
  expect(found.model?.value).toBeCloseTo((1 * 1.5 + 0.5 * 1.25) / 2.25, 12)
  expect(found.gini?.value).toBeCloseTo(2 * (2.125 / 2.25) - 1, 12)
})

test('strata are ranked apart and averaged', () => {
  const found = pairedBootstrap(
    { model: Float64Array.of(1, 2, 2, 1) },
    Uint8Array.of(0, 1, 0, 1),
    Int32Array.of(0, 1, 2, 3),
    Uint8Array.of(0, 0, 1, 1),
    () => ({}),
  )
  expect(found.model?.value).toBe(0.5) // 1 in the first, 0 in the second
})
