import { describe, expect, test } from 'vitest'
import { dayOf, HistoryBuilder, toMonth } from '../../../data/index.ts'
import {
  above,
  acrossAccounts,
  acrossAccountsEver,
  acrossOtherAccounts,
  acrossOtherAccountsEver,
  atLeast,
  atMost,
  below,
  between,
  both,
  categoryFact,
  change,
  changed,
  clamp,
  column,
  constant,
  count,
  currentStreak,
  decayed,
  difference,
  distinctAcrossAccounts,
  type Expression,
  either,
  equalTo,
  evaluate,
  ever,
  feature,
  firstKnown,
  inState,
  lag,
  last,
  longestStreak,
  max,
  mean,
  min,
  monthsSince,
  monthsSinceDate,
  monthsSinceFirstSeen,
  not,
  numberFact,
  observed,
  plus,
  product,
  ratio,
  share,
  signedLog,
  slope,
  standardDeviation,
  stateName,
  sum,
  when,
} from '../../../models/features/index.ts'

const missing = Number.NaN
const balance = column('balance')
const limit = column('creditLimit')
const positive = above(balance, 0)

/** Values of an expression over one account with these balances, month after month; null = a gap. */
function over(of: Expression, balances: readonly (number | null)[], limits: readonly number[] = []): unknown[] {
  const builder = new HistoryBuilder()
  builder.borrower('b')
  builder.account('a', { income: 1200, bornOn: dayOf(2000, 1, 31), sex: 'f' })
  balances.forEach((value, index) => {
    const state = value === null || Number.isNaN(value) ? missing : Math.min(2, Math.max(0, value))
    if (value !== null)
      builder.add(toMonth('2025-01') + index, { balance: value, creditLimit: limits[index] ?? null, state })
  })
  return valuesOf(of, builder)
}

function valuesOf(of: Expression, builder: HistoryBuilder): unknown[] {
  const { history } = builder.build()
  const features = [
    feature('tried', { says: '', unit: '', family: 'static', raises: null, reason: { en: '', zh: '' }, of }),
  ]
  return [...(evaluate(features, history, Int32Array.from(history.month.keys())).columns[0]?.values ?? [])]
}

describe('months of one account', () => {
  test.each<[string, Expression, (number | null)[], unknown[]]>([
    ['a column is itself, and missing where it is', balance, [3, missing, 0], [3, missing, 0]],
    ['a gap is missing', balance, [3, null, 0], [3, missing, 0]],
    ['observed is 1, and 0 in a gap', observed, [3, null, missing], [1, 0, 1]],
    ['a constant is the same everywhere', constant(7), [1, missing], [7, 7]],
    ['a fact is the same everywhere', numberFact('income'), [1, missing], [1200, 1200]],
    ['a fact that nobody gave is missing', numberFact('dependants'), [1], [missing]],
    ['months since 31 January 2000, in January and February 2025', monthsSinceDate('bornOn'), [1, 1], [300, 301]],
    ['months since first seen count gaps too', monthsSinceFirstSeen, [1, null, 1], [0, 1, 2]],
    ['signed log of e − 1, of 1 − e and of 0', signedLog(balance), [Math.E - 1, 1 - Math.E, 0], [1, -1, 0]],
    ['clamp', clamp(balance, -1, 2), [-5, 0.5, 5, missing], [-1, 0.5, 2, missing]],
    [
      'when: only where the condition is true',
      when(above(balance, 1), balance),
      [1, 2, missing],
      [missing, 2, missing],
    ],
    ['above', above(balance, 1), [0, 1, 2, missing], [0, 0, 1, missing]],
    ['at least', atLeast(balance, 1), [0, 1, 2, missing], [0, 1, 1, missing]],
    ['below', below(balance, 1), [0, 1, 2, missing], [1, 0, 0, missing]],
    ['at most', atMost(balance, 1), [0, 1, 2, missing], [1, 1, 0, missing]],
    ['equal to', equalTo(balance, 1), [0, 1, 2, missing], [0, 1, 0, missing]],
    ['between, both ends included', between(balance, 1, 2), [0, 1, 2, 3, missing], [0, 1, 1, 0, missing]],
    ['not', not(positive), [0, 1, missing], [1, 0, missing]],
    ['in a state, by its code', inState('settled'), [0, 1, 2, missing], [0, 1, 0, missing]],
    ['the name of a state', stateName(column('state')), [0, 1, 2, missing], ['open', 'settled', 'dormant', null]],
    ['a category', categoryFact('sex'), [1, 2], ['f', 'f']],
    ['a category that nobody gave', categoryFact('region'), [1], [null]],
    [
      'lag looks back over a gap by months, not by rows seen',
      lag(2, balance),
      [5, null, 7, 8],
      [missing, missing, 5, missing],
    ],
    ['change', change(1, balance), [5, 7, missing, 8], [missing, 2, missing, missing]],
    ['changed', changed(balance), [5, 5, 7, missing, 7], [missing, 0, 1, missing, missing]],
    ['count over fewer months than the window has', count(last(6), positive), [1, 0, 1], [1, 1, 2]],
    ['count forgets what left the window', count(last(2), positive), [1, 1, 0, 0], [1, 2, 1, 0]],
    ['count passes over missing months', count(last(2), positive), [1, missing, missing, 1], [1, 1, missing, 1]],
    ['count over all months', count(ever, positive), [1, 0, 1, 0], [1, 1, 2, 2]],
    ['share is of known months', share(last(4), positive), [1, 0, missing, 1], [1, 1 / 2, 1 / 2, 2 / 3]],
    ['sum', sum(last(2), balance), [1, 2, 4, missing, missing], [1, 3, 6, 4, missing]],
    ['sum over all months', sum(ever, balance), [missing, 2, missing, 4], [missing, 2, 2, 6]],
    ['mean', mean(last(2), balance), [1, 2, missing, missing], [1, 3 / 2, 2, missing]],
    ['mean over all months', mean(ever, balance), [1, 2, missing, 6], [1, 3 / 2, 3 / 2, 9 / 3]],
    ['max', max(last(2), balance), [-3, -5, missing, missing], [-3, -3, -5, missing]],
    ['max over all months', max(ever, balance), [missing, -5, -9], [missing, -5, -5]],
    ['min', min(last(2), balance), [3, 5, missing, missing], [3, 3, 5, missing]],
    ['min over all months', min(ever, balance), [missing, 5, 9], [missing, 5, 5]],
    [
      'standard deviation of 2, 4, 9: mean 5, squares 9 + 1 + 16, over 3 − 1',
      standardDeviation(last(3), balance),
      [2, 4, 9, missing],
      [missing, Math.sqrt(2), Math.sqrt(26 / 2), Math.sqrt((2.5 ** 2 * 2) / 1)],
    ],
    ['equal amounts deviate by exactly 0', standardDeviation(ever, balance), [0.1, 0.1, 0.1], [missing, 0, 0]],
    [
      'slope needs three known points, and keeps their distance: (0, 1), (1, 3), (3, 7) rise by 2 a month',
      slope(ever, balance),
      [1, 3, missing, 7],
      [missing, missing, missing, 2],
    ],
    [
      'slope of (0, 1), (1, 0), (2, 5): Σ(x − 1)(y − 2) / Σ(x − 1)²',
      slope(last(3), balance),
      [9, 1, 0, 5],
      [missing, missing, (-1 * (9 - 10 / 3) + 1 * (0 - 10 / 3)) / 2, (-1 * (1 - 2) + 1 * (5 - 2)) / 2],
    ],
    ['equal amounts slope by exactly 0', slope(ever, balance), [0.1, 0.1, 0.1], [missing, missing, 0]],
    ['months since', monthsSince(positive), [0, 1, 0, missing, 1], [missing, 0, 1, 2, 0]],
    [
      'current streak ends at a month not known',
      currentStreak(positive),
      [1, 1, 0, 1, missing, 1],
      [1, 2, 0, 1, missing, 1],
    ],
    ['longest streak in a window', longestStreak(last(3), positive), [1, 1, 0, 0, 0], [1, 2, 2, 1, 0]],
    ['longest streak ever', longestStreak(ever, positive), [missing, 0, 1, 1, missing, 1], [missing, 0, 1, 2, 2, 2]],
    [
      'decayed: a missing month has no weight, but time goes on',
      decayed(0.5, balance),
      [8, 4, missing, 0],
      [8, (4 + 0.5 * 8) / 1.5, (0.5 * 4 + 0.25 * 8) / 0.75, (0 + 0.25 * 4 + 0.125 * 8) / 1.375],
    ],
  ])('%s', (_, of, balances, expected) => {
    const values = over(of, balances)
    expect(values).toHaveLength(expected.length)
    values.forEach((value, index) => {
      const wanted = expected[index]
      if (typeof wanted === 'number' && !Number.isNaN(wanted)) expect(value).toBeCloseTo(wanted, 12)
      else expect(value).toBe(wanted)
    })
  })

  test.each<[string, Expression, number[]]>([
    ['plus', plus(balance, limit), [6, missing, missing]],
    ['difference', difference(balance, limit), [-2, missing, missing]],
    ['product', product(balance, limit), [8, missing, missing]],
    ['product with a number', product(limit, 3), [12, 0, missing]],
    ['ratio', ratio(balance, limit), [2 / 4, missing, missing]],
    ['ratio with a divisor of 0 is missing', ratio(limit, limit), [1, missing, missing]],
    ['first known', firstKnown(balance, limit), [2, 0, 5]],
    ['both', both(positive, above(limit, 9)), [0, missing, missing]],
    ['either', either(positive, above(limit, 9)), [1, missing, missing]],
  ])('%s', (_, of, expected) => {
    expect(over(of, [2, missing, 5], [4, 0, missing])).toEqual(expected)
  })

  test('a date in the future of the month is not known yet', () => {
    const builder = new HistoryBuilder()
    builder.borrower('b')
    builder.account('a', { employedOn: dayOf(2025, 2, 10) })
    for (const month of ['2025-01', '2025-02', '2025-03']) builder.add(toMonth(month), {})
    expect(valuesOf(monthsSinceDate('employedOn'), builder)).toEqual([missing, 0, 1])
  })
})

describe('accounts of a borrower', () => {
  // Month           0    1    2    3
  // account a      10   20   30   40
  // account b            2  gap    8
  // account c     100  (ended)
  function values(of: Expression): Record<string, unknown> {
    const builder = new HistoryBuilder()
    builder.borrower('somebody else')
    builder.account('z', { product: 'x' })
    builder.add(0, { balance: 5000 })
    builder.borrower('b')
    builder.account('a', { product: 'x' })
    ;[10, 20, 30, 40].forEach((amount, month) => {
      builder.add(month, { balance: amount })
    })
    builder.account('b', { product: 'y' })
    builder.add(1, { balance: 2 })
    builder.add(3, { balance: 8 })
    builder.account('c', { product: 'x' })
    builder.add(0, { balance: 100 })
    const [, a0, a1, a2, a3, b1, , b3, c0] = valuesOf(of, builder)
    return { a: [a0, a1, a2, a3], b: [b1, b3], c: c0 }
  }

  test.each<[string, Expression, Record<string, unknown>]>([
    ['sum', acrossAccounts('sum', balance), { a: [110, 22, 30, 48], b: [22, 48], c: 110 }],
    ['mean', acrossAccounts('mean', balance), { a: [55, 11, 30, 24], b: [11, 24], c: 55 }],
    ['max', acrossAccounts('max', balance), { a: [100, 20, 30, 40], b: [20, 40], c: 100 }],
    ['min', acrossAccounts('min', balance), { a: [10, 2, 30, 8], b: [2, 8], c: 10 }],
    ['count', acrossAccounts('count', above(balance, 9)), { a: [2, 1, 1, 1], b: [1, 1], c: 2 }],
    ['sum of others, 0 without any', acrossOtherAccounts('sum', balance), { a: [100, 2, 0, 8], b: [20, 40], c: 10 }],
    [
      'max of others, missing without any',
      acrossOtherAccounts('max', balance),
      { a: [100, 2, missing, 8], b: [20, 40], c: 10 },
    ],
    [
      'others ever: an account that ended or is in a gap keeps its last value',
      acrossOtherAccountsEver('sum', balance),
      { a: [100, 102, 102, 108], b: [120, 140], c: 10 },
    ],
    ['all ever', acrossAccountsEver('max', balance), { a: [100, 100, 100, 100], b: [100, 100], c: 100 }],
    [
      'a value over time can be taken over accounts, and the other way round',
      max(last(2), acrossAccounts('sum', max(last(2), balance))),
      { a: [110, 110, 30, 48], b: [22, 48], c: 110 },
    ],
    ['different products', distinctAcrossAccounts('product'), { a: [1, 2, 1, 2], b: [2, 2], c: 1 }],
    [
      'accounts that are there but of which nothing is known make it missing, not 0',
      acrossOtherAccounts('sum', column('arrears')),
      { a: [missing, missing, 0, missing], b: [missing, missing], c: missing },
    ],
  ])('%s', (_, of, expected) => {
    expect(values(of)).toEqual(expected)
  })
})
