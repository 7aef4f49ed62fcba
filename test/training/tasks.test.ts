import { expect, test } from 'vitest'
import type { TrainingRows } from '../../training/hazard-loss.ts'
import { hazardsAmong, logitsSeen, outputsOf, targetsOf } from '../../training/tasks.ts'

/** Three rows over two months: an event in the second month; censored after one; an event in the first, then well again. */
const hazards: TrainingRows = {
  inputs: new Float32Array(3),
  width: 1,
  horizonMonths: 2,
  observedMonths: Uint8Array.of(2, 1, 1),
  eventMonth: Uint8Array.of(2, 0, 1),
}
const both: TrainingRows = {
  ...hazards,
  followUp: { followedMonths: Uint8Array.of(2, 1, 2), earlyDelinquency: Uint32Array.of(0b11, 0b00, 0b01) },
}
const rows = Int32Array.of(0, 1, 2)

test('targets are hazards, then early delinquency for as long as a row was followed, which weighs less', () => {
  const { targets, weights } = targetsOf(both, rows)
  expect([...targets]).toEqual([0, 1, 1, 1, 0, 0, 0, 0, 1, 0, 1, 0])
  const less = Math.fround(0.3)
  expect([...weights]).toEqual([1, 1, less, less, 1, 0, less, 0, 1, 0, less, less])
})

test('logits seen count half a case more on either side', () => {
  const seen = logitsSeen(both, rows)
  // hazards: 1 of 3, then 1 of 1; early delinquency: 2 of 3, then 1 of 2
  const expected = [1.5 / 2.5, 1.5 / 0.5, 2.5 / 1.5, 1.5 / 1.5].map(odds => Math.log(odds))
  seen.forEach((logit, output) => {
    expect(logit).toBeCloseTo(expected[output]!, 6)
  })
  expect(logitsSeen(hazards, rows)).toEqual(seen.slice(0, 2))
})

test('without a follow-up there are hazards alone', () => {
  expect([outputsOf(hazards), outputsOf(both)]).toEqual([2, 4])
  const { targets, weights } = targetsOf(hazards, rows)
  expect([...targets]).toEqual([0, 1, 0, 0, 1, 0])
  expect([...weights]).toEqual([1, 1, 1, 0, 1, 0])
  const values = Float32Array.from({ length: 8 }, (_, at) => at)
  expect([...hazardsAmong(both, values)]).toEqual([0, 1, 4, 5])
  expect(hazardsAmong(hazards, values)).toBe(values)
})
