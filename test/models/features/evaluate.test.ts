import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InputError } from '../../../data/index.ts'
import { catalogue, evaluate, type FeatureColumns } from '../../../models/features/index.ts'
import { everyCombinator } from './every-combinator.ts'
import { naiveValue } from './naive-evaluator.ts'
import { allRows, borrowers, buildHistory, histories } from './random-portfolios.ts'

const features = [...catalogue, ...everyCombinator]
const portfolios = fc.tuple(borrowers('b1'), borrowers('b2'))

/** Two floating-point sums of the same numbers in another order. */
function close(value: number, expected: number): boolean {
  return (
    Object.is(value, expected) || value === expected || Math.abs(value - expected) <= 1e-9 * (1 + Math.abs(expected))
  )
}

function valueAt(columns: FeatureColumns, feature: number, index: number): number | string | null {
  return columns.columns[feature]?.values[index] as number | string | null
}

describe('the evaluator', () => {
  test('agrees with the naive oracle on every feature and every combinator, over random histories', () => {
    let compared = 0
    let known = 0
    fc.assert(
      fc.property(portfolios, fc.array(fc.nat(), { minLength: 3, maxLength: 3 }), (descriptions, picks) => {
        const history = buildHistory(descriptions)
        const rows = Int32Array.from(picks, pick => pick % history.month.length)
        const columns = evaluate(features, history, rows)
        features.forEach((feature, place) => {
          rows.forEach((row, index) => {
            const expected = naiveValue(feature.of, history, row)
            const value = valueAt(columns, place, index)
            compared += 1
            if (expected !== null && !Number.isNaN(expected)) known += 1
            const same =
              typeof value === 'number' && typeof expected === 'number' ? close(value, expected) : value === expected
            if (!same) throw new Error(`${feature.name} at row ${row}: ${value}, the oracle says ${expected}`)
          })
        })
      }),
      { numRuns: histories(250), seed: 20_261_124 },
    )
    expect(known / compared).toBeGreaterThan(0.5)
    expect(known / compared).toBeLessThan(0.99)
  })

  test('gives the values in the order of the rows asked for, each as often as asked', () => {
    fc.assert(
      fc.property(portfolios, fc.array(fc.nat(), { maxLength: 40 }), (descriptions, picks) => {
        const history = buildHistory(descriptions)
        const rows = Int32Array.from(picks, pick => pick % history.month.length)
        const whole = evaluate(features, history, allRows(history))
        const asked = evaluate(features, history, rows)
        expect(asked.rows).toBe(rows.length)
        features.forEach((_, place) => {
          rows.forEach((row, index) => {
            expect(valueAt(asked, place, index)).toBe(valueAt(whole, place, row))
          })
        })
      }),
      { numRuns: 40, seed: 7 },
    )
  })

  test('refuses a row that is not in the block', () => {
    const history = buildHistory([])
    expect(() => evaluate(catalogue, history, Int32Array.of(0))).toThrow(InputError)
  })

  test('gives empty columns when nothing is asked', () => {
    const { rows, columns } = evaluate(catalogue, buildHistory([]), new Int32Array())
    expect(rows).toBe(0)
    expect(columns).toHaveLength(catalogue.length)
    expect(columns.every(column => column.values.length === 0)).toBe(true)
  })
})
