import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type HistoryBlock, InputError } from '../../../data/index.ts'
import { BlockEvaluator, catalogue, evaluate, type FeatureColumns } from '../../../models/features/index.ts'
import { everyCombinator } from './every-combinator.ts'
import { naiveValue } from './naive-evaluator.ts'
import { ledgerHistories } from './random-ledgers.ts'
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

/** Compares evaluator and oracle on some rows; returns how many values there were and how many of them were known. */
function compare(history: HistoryBlock, rows: Int32Array): { compared: number; known: number } {
  const columns = evaluate(features, history, rows)
  let known = 0
  features.forEach((feature, place) => {
    rows.forEach((row, index) => {
      const expected = naiveValue(feature.of, history, row)
      const value = valueAt(columns, place, index)
      if (expected !== null && !Number.isNaN(expected)) known += 1
      const same =
        typeof value === 'number' && typeof expected === 'number' ? close(value, expected) : value === expected
      if (!same) throw new Error(`${feature.name} at row ${row}: ${value}, the oracle says ${expected}`)
    })
  })
  return { compared: features.length * rows.length, known }
}

/** Rows for random picks; none of an empty block. */
function rowsFor(history: HistoryBlock, picks: readonly number[]): Int32Array {
  return Int32Array.from(history.month.length === 0 ? [] : picks, pick => pick % history.month.length)
}

describe('the evaluator', () => {
  test.each([
    // two borrowers each: 10,000 histories and more
    ['account-months', portfolios.map(buildHistory), 4500],
    ['ledgers with back-posted and reversed payments, restructurings and closed accounts', ledgerHistories, 1500],
  ])(
    'agrees with the naive oracle on every feature and every combinator, over random %s',
    (_, blocks, usual) => {
      const seen = { compared: 0, known: 0, late: 0, restructured: 0 }
      fc.assert(
        fc.property(blocks, fc.array(fc.nat(), { minLength: 3, maxLength: 3 }), (history, picks) => {
          const { compared, known } = compare(history, rowsFor(history, picks))
          seen.compared += compared
          seen.known += known
          if (history.numbers.daysPastDue.some(days => days > 0)) seen.late += 1
          if (history.numbers.restructured.some(flag => flag === 1)) seen.restructured += 1
        }),
        { numRuns: histories(usual), seed: 20_261_124 },
      )
      expect(seen.known / seen.compared).toBeGreaterThan(0.5)
      expect(seen.known / seen.compared).toBeLessThan(0.99)
      expect(seen.late).toBeGreaterThan(usual / 2)
      expect(seen.restructured).toBeGreaterThan(usual / 10)
    },
    600_000,
  )

  test('is tried on histories with gaps, of one month, of several accounts and of accounts that end before others', () => {
    const sample = fc.sample(borrowers('b'), { numRuns: 200, seed: 1 })
    const accounts = sample.flatMap(borrower => borrower.accounts)
    const ends = sample.map(borrower => borrower.accounts.map(({ firstMonth, months }) => firstMonth + months.length))
    expect(accounts.filter(({ months }) => months.includes(null)).length).toBeGreaterThan(50)
    expect(accounts.filter(({ months }) => months.length === 1).length).toBeGreaterThan(20)
    expect(sample.filter(borrower => borrower.accounts.length > 1).length).toBeGreaterThan(100)
    expect(ends.filter(months => Math.min(...months) < Math.max(...months)).length).toBeGreaterThan(100)
  })

  test('gives the values in the order of the rows asked for, each as often as asked', () => {
    fc.assert(
      fc.property(portfolios, fc.array(fc.nat(), { maxLength: 40 }), (descriptions, picks) => {
        const history = buildHistory(descriptions)
        const rows = rowsFor(history, picks)
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

  test('gives the same block after block in the same memory, whatever rows are asked and whoever has none', () => {
    const evaluator = new BlockEvaluator(features)
    const blocks = fc.tuple(
      fc.array(portfolios, { maxLength: 3 }),
      fc.constantFrom('all', 'observed', 'picked', 'turned'),
    )
    const seen = { fewer: 0, turned: 0 }
    const check = (history: HistoryBlock, rows: Int32Array): void => {
      const expected = evaluate(features, history, rows)
      const { rows: count, columns } = evaluator.evaluate(history, rows)
      expect(count).toBe(rows.length)
      columns.forEach((column, place) => {
        const values = expected.columns[place]?.values ?? []
        const same =
          column.values.length === values.length && column.values.every((value, row) => Object.is(value, values[row]))
        if (!same) throw new Error(`${features[place]?.name} isn’t the same`)
      })
    }
    fc.assert(
      fc.property(blocks, fc.array(fc.nat(), { maxLength: 40 }), ([descriptions, asked], picks) => {
        const without = { ...fc.sample(borrowers('none'), { numRuns: 1, seed: 1 })[0]!, accounts: [] }
        const history = buildHistory(descriptions.flatMap(([first, second]) => [first, without, second]))
        const all = allRows(history)
        const rows = {
          all,
          observed: all.filter(row => history.observed[row] === 1),
          picked: Int32Array.from(new Set(rowsFor(history, picks))).sort(),
          turned: all.toReversed(),
        }[asked]
        if (asked !== 'turned' && rows.length < all.length) seen.fewer += 1
        if (asked === 'turned' && rows.length > 1) seen.turned += 1
        check(history, rows)
      }),
      { numRuns: 200, seed: 8 },
    )
    expect(seen.fewer).toBeGreaterThan(30)
    expect(seen.turned).toBeGreaterThan(20)
    const large = buildHistory(fc.sample(borrowers('many'), { numRuns: 150, seed: 2 }))
    expect(large.month.length).toBeGreaterThan(2048)
    check(large, allRows(large))
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
