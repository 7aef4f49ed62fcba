import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type HistoryBlock, type NumberColumnName, numberColumnNames } from '../../../data/index.ts'
import { catalogue, evaluate, type Feature, families, featureHash } from '../../../models/features/index.ts'
import { everyCombinator } from './every-combinator.ts'
import {
  type AccountDescription,
  allRows,
  type BorrowerDescription,
  borrowers,
  buildHistory,
  histories,
  rowOf,
} from './random-portfolios.ts'

const features = [...catalogue, ...everyCombinator]

/** Each column, and with it the one that some feature takes in its stead: then a 0 could rightly be that one's. */
const standIns: Partial<Record<NumberColumnName, NumberColumnName>> = {
  worstDaysPastDue: 'daysPastDue',
  nextAmountDue: 'amountDue',
  balance: 'arrears',
}
const erasures = numberColumnNames.map(name =>
  numberColumnNames.filter(other => other === name || standIns[name] === other || standIns[other] === name),
)

/** An observed month of one of the borrower's accounts, as (account, month). */
function asOfMonths({ accounts }: BorrowerDescription): { accountId: string; month: number }[] {
  return accounts.flatMap(({ accountId, firstMonth, months }) =>
    months.flatMap((numbers, index) => (numbers === null ? [] : [{ accountId, month: firstMonth + index }])),
  )
}

/** All features of one account-month. */
function featuresAt(history: HistoryBlock, accountId: string, month: number): (number | string | null)[] {
  const { columns } = evaluate(features, history, Int32Array.of(rowOf(history, accountId, month)))
  return columns.map(column => column.values[0] as number | string | null)
}

/** Names of the features that differ to the bit. */
function differing(before: readonly unknown[], after: readonly unknown[]): string[] {
  return features.filter((_, place) => !Object.is(before[place], after[place])).map(feature => feature.name)
}

/** The borrower with another future after a month: no account loses, gains or changes anything up to it. */
function withFuture(borrower: BorrowerDescription, other: BorrowerDescription, month: number): BorrowerDescription {
  const accounts = borrower.accounts.flatMap((account, place): AccountDescription[] => {
    const past = account.months.slice(0, Math.max(0, month + 1 - account.firstMonth))
    if (past.length === 0) return []
    const future = other.accounts[place]?.months ?? []
    return [{ ...account, months: past.length < account.months.length ? [...past, ...future] : past }]
  })
  return { ...borrower, accounts }
}

describe('every feature', () => {
  test('is blind to the future, to the bit', () => {
    let changed = 0
    fc.assert(
      fc.property(borrowers('b'), borrowers('b'), fc.nat(), (borrower, other, pick) => {
        const asOf = asOfMonths(borrower)
        const { accountId, month } = asOf[pick % asOf.length] as (typeof asOf)[number]
        const before = featuresAt(buildHistory([borrower]), accountId, month)
        const future = withFuture(borrower, other, month)
        const cut = withFuture(borrower, { borrowerId: 'b', accounts: [] }, month)
        if (JSON.stringify(future) !== JSON.stringify(borrower)) changed += 1
        expect(differing(before, featuresAt(buildHistory([future]), accountId, month))).toEqual([])
        expect(differing(before, featuresAt(buildHistory([cut]), accountId, month))).toEqual([])
      }),
      { numRuns: histories(200), seed: 1 },
    )
    expect(changed).toBeGreaterThan(100)
  })

  test('does not depend on the order of a borrower’s accounts, to the bit', () => {
    fc.assert(
      fc.property(borrowers('b'), fc.nat(), (borrower, pick) => {
        const asOf = asOfMonths(borrower)
        const { accountId, month } = asOf[pick % asOf.length] as (typeof asOf)[number]
        const turned = { ...borrower, accounts: borrower.accounts.toReversed() }
        const before = featuresAt(buildHistory([borrower]), accountId, month)
        // the number of different values is found by position, and is the same anyway
        expect(differing(before, featuresAt(buildHistory([turned]), accountId, month))).toEqual([])
      }),
      { numRuns: histories(200), seed: 2 },
    )
  })

  test('does not depend on other borrowers, to the bit', () => {
    fc.assert(
      fc.property(borrowers('a'), borrowers('b'), borrowers('c'), fc.nat(), (first, borrower, last, pick) => {
        const asOf = asOfMonths(borrower)
        const { accountId, month } = asOf[pick % asOf.length] as (typeof asOf)[number]
        const alone = featuresAt(buildHistory([borrower]), accountId, month)
        expect(differing(alone, featuresAt(buildHistory([first, borrower, last]), accountId, month))).toEqual([])
      }),
      { numRuns: histories(200), seed: 3 },
    )
  })

  test('never makes 0 of what is missing: without a column, no feature that reads it is 0 where it was not', () => {
    fc.assert(
      fc.property(borrowers('b'), fc.constantFrom(...erasures), (borrower, erased) => {
        const whole = buildHistory([borrower])
        const rest = buildHistory([without(borrower, erased)])
        const rows = allRows(whole)
        const before = evaluate(features, whole, rows)
        const after = evaluate(features, rest, rows)
        features.forEach((feature, place) => {
          rows.forEach((row, index) => {
            if (whole.observed[row] === 0) return
            const value = after.columns[place]?.values[index]
            if (value === 0 && before.columns[place]?.values[index] !== 0) {
              throw new Error(`${feature.name} became 0 at row ${row} without ${erased.join(', ')}`)
            }
          })
        })
      }),
      { numRuns: histories(300), seed: 4 },
    )
  })

  test('is missing, a count over what is always known, or a category that is missing when nothing at all is known', () => {
    const empty = { accountId: 'b-0', facts: {}, firstMonth: 390, months: Array.from({ length: 14 }, () => ({})) }
    const history = buildHistory([{ borrowerId: 'b', accounts: [empty, { ...empty, accountId: 'b-1' }] }])
    const known = featuresOfLastRow(history).filter(([, value]) => value !== null && !Number.isNaN(value))
    expect(Object.fromEntries(known)).toEqual({
      accounts: 2,
      months_on_record: 13,
      months_observed_12m: 12,
      oldest_account_months: 13,
    })
  })

  test.each(catalogue.map(feature => [feature.name, feature] as const))(
    '%s stays in its declared range',
    (_, feature) => {
      if (feature.kind === 'category') {
        expect(feature.range).toBeUndefined()
        return
      }
      const [low, high] = feature.range ?? [Number.NaN, Number.NaN]
      expect(low).toBeLessThan(high)
      const column = rangeSample.columns[catalogue.indexOf(feature)]
      const values =
        column?.kind === 'number' ? column.values.filter(value => !Number.isNaN(value)) : new Float64Array()
      const least = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
      const greatest = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
      expect(least).toBeGreaterThanOrEqual(low)
      expect(greatest).toBeLessThanOrEqual(high)
      // a constant could not leave its range
      expect(least).toBeLessThan(greatest)
    },
  )

  test('has a name of its own in lower-case words, a unit, a sentence and a reason in both languages', () => {
    expect(new Set(catalogue.map(feature => feature.name)).size).toBe(catalogue.length)
    expect(new Set(catalogue.map(feature => feature.says)).size).toBe(catalogue.length)
    for (const feature of catalogue) {
      expect(feature.name).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/)
      expect(feature.unit.length).toBeGreaterThan(0)
      expect(feature.says).toMatch(/^[A-Z0-9±].*[^.]$/)
      expect(feature.reason.en).toMatch(/^[A-Z].*\.$/)
      expect(feature.reason.zh).toMatch(/\p{Script=Han}.*。$/u)
      expect(Object.keys(families)).toContain(feature.family)
    }
  })

  test('is plain data: it survives JSON unchanged', () => {
    expect(JSON.parse(JSON.stringify(features))).toEqual(features)
  })

  test('marks sex and marital status, and nothing else, as protected', () => {
    expect(catalogue.filter(feature => feature.protected === true).map(feature => feature.name)).toEqual([
      'sex',
      'marital_status',
    ])
  })

  test('changes the hash when its name or definition changes, and not when its words do', () => {
    const hash = featureHash(catalogue)
    const hashes = catalogue.map((feature, place) => featureHash(catalogue.with(place, { ...feature, name: 'other' })))
    const first = catalogue[0] as Feature
    expect(new Set([hash, ...hashes]).size).toBe(catalogue.length + 1)
    expect(featureHash([{ ...first, of: { kind: 'constant', value: 1 } }])).not.toBe(featureHash([first]))
    expect(featureHash([{ ...first, says: 'other', reason: { en: '', zh: '' } }])).toBe(featureHash([first]))
    expect(featureHash(catalogue.toReversed())).not.toBe(hash)
    expect(featureHash(JSON.parse(JSON.stringify(catalogue)))).toBe(hash)
    expect(hash).toMatch(/^[0-9a-f]{16}$/)
  })
})

const rangeSample = (() => {
  const descriptions = fc.sample(
    fc.nat().chain(id => borrowers(`b${id}`)),
    { numRuns: 400, seed: 5 },
  )
  const history = buildHistory(descriptions)
  return evaluate(catalogue, history, allRows(history))
})()

function featuresOfLastRow(history: HistoryBlock): [string, number | string | null | undefined][] {
  const { columns } = evaluate(catalogue, history, Int32Array.of(history.month.length - 1))
  return catalogue.map((feature, place) => [feature.name, columns[place]?.values[0]])
}

/** The borrower as if some columns had never been delivered. */
function without(borrower: BorrowerDescription, erased: readonly NumberColumnName[]): BorrowerDescription {
  const nothing = Object.fromEntries(erased.map(name => [name, null]))
  const accounts = borrower.accounts.map(account => ({
    ...account,
    months: account.months.map(numbers => (numbers === null ? null : { ...numbers, ...nothing })),
  }))
  return { ...borrower, accounts }
}
