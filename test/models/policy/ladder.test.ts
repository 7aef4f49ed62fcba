import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Ladder, type Standing, stand } from '../../../models/policy/index.ts'

/** A: below 1 %, B: below 5 %, C: below 20 %, D: the rest; 20 % beyond a boundary, or two scorings in a row. */
const grades: Ladder<string> = {
  steps: ['A', 'B', 'C', 'D'],
  from: [0, 0.01, 0.05, 0.2],
  moveMargin: 0.2,
  moveAfterScorings: 2,
  quietDays: 0,
}

/** Steps after each scoring, one a day. */
function walk(ladder: Ladder<string>, pds: readonly number[], daysApart = 1): string[] {
  let standing: Standing | null = null
  return pds.map((pd, place) => {
    standing = stand(ladder, pd, place * daysApart, standing)
    return standing.step
  })
}

test('the first scoring takes the step of the probability; a boundary belongs to the step above it', () => {
  expect([0, 0.0099, 0.01, 0.0499, 0.05, 0.2, 1].map(pd => walk(grades, [pd])[0])).toEqual([
    'A',
    'A',
    'B',
    'B',
    'C',
    'D',
    'D',
  ])
})

test('a boundary crossed by 20 % moves at once, up and down', () => {
  expect(walk(grades, [0.03, 0.06])).toEqual(['B', 'C']) // 0.05 × 1.2 = 0.06
  expect(walk(grades, [0.06, 0.0399])).toEqual(['C', 'B']) // 0.05 × 0.8 = 0.04
})

test('a boundary crossed by less moves at the second scoring in a row', () => {
  expect(walk(grades, [0.03, 0.055, 0.055])).toEqual(['B', 'B', 'C'])
  expect(walk(grades, [0.06, 0.045, 0.045])).toEqual(['C', 'C', 'B'])
  expect(walk(grades, [0.03, 0.055, 0.04, 0.055, 0.04])).toEqual(['B', 'B', 'B', 'B', 'B'])
})

test('a step is taken over each boundary that is crossed clearly, and over no other', () => {
  // 0.21 lies 4.2 times beyond 0.05 but only 5 % beyond 0.2.
  expect(walk(grades, [0.005, 0.21, 0.21])).toEqual(['A', 'C', 'C'])
  expect(walk(grades, [0.005, 0.21, 0.21, 0.21])).toEqual(['A', 'C', 'C', 'D'])
})

test('of two scorings beyond a boundary the nearer one counts', () => {
  const slow = { ...grades, moveMargin: 1 }
  expect(walk(slow, [0.009, 0.011, 0.015])).toEqual(['A', 'A', 'B'])
  const never = { ...grades, moveMargin: 1, from: [0, 0.01, 0.012, 0.2] }
  expect(walk(never, [0.009, 0.011, 0.015])).toEqual(['A', 'A', 'B']) // B, then C: two scorings at B or beyond
})

test('a probability that swings by less than the margin about a boundary never moves a grade', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.double({ min: 0.81, max: 1.19, noNaN: true }), { minLength: 2, maxLength: 60 }),
      (boundary, swings) => {
        // Never twice in a row on the same side.
        const pds = swings.map((swing, place) => {
          const beyond = Math.abs(swing - 1)
          return grades.from[boundary]! * (place % 2 === 0 ? 1 - beyond - 1e-9 : 1 + beyond)
        })
        expect(new Set(walk(grades, pds)).size).toBe(1)
      },
    ),
  )
})

test('whatever the scores, a level changes at most once within its quiet days, but for the top', () => {
  const levels = { ...grades, quietDays: 7 }
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 80 }), pds => {
      const steps = walk(levels, pds)
      let last = Number.NEGATIVE_INFINITY
      steps.forEach((step, day) => {
        if (day === 0) {
          last = 0
          return
        }
        if (step === steps[day - 1]) return
        if (step !== 'D') expect(day - last).toBeGreaterThanOrEqual(7)
        last = day
      })
    }),
    { numRuns: 500 },
  )
})

test('a steady probability always settles at its own step, by way of at most one other', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (before, after) => {
        const steps = walk(grades, [before, after, after, after, after, after, after, after])
        expect(steps.at(-1)).toBe(walk(grades, [after])[0])
      },
    ),
  )
})

test('a step that the ladder no longer has begins anew', () => {
  const before = { step: 'Z', since: 0, beyond: null, beyondScorings: 0 }
  expect(stand(grades, 0.03, 5, before)).toEqual({ step: 'B', since: 5, beyond: null, beyondScorings: 0 })
})
