/**
 * An oracle for the evaluator: every expression by recursion for one row at a time, slow and plain. It shares no code
 * with the kernels and finds its months by looking at every row of the block.
 */

import { formatDay, formatMonth, type HistoryBlock } from '../../../data/index.ts'
import type { Expression, NumericExpression, Window } from '../../../models/features/index.ts'

/** Value of an expression at a row; NaN or null = missing. */
export function naiveValue(of: Expression, history: HistoryBlock, row: number): number | string | null {
  if (of.kind === 'categoryFact') return history.categoryFacts[of.name].at(accountOf(history, row))
  if (of.kind === 'named') return of.names[naive(of.of, history, row)] ?? null
  return naive(of, history, row)
}

function naive(of: NumericExpression, history: HistoryBlock, row: number): number {
  const at = (part: NumericExpression, where = row): number => naive(part, history, where)
  const windowOf = (part: NumericExpression, window: Window): number[] =>
    rowsInWindow(history, row, window).map(where => at(part, where))
  const knownIn = (part: NumericExpression, window: Window): number[] =>
    windowOf(part, window).filter(value => !Number.isNaN(value))

  switch (of.kind) {
    case 'column':
      return history.numbers[of.name][row] as number
    case 'constant':
      return of.value
    case 'numberFact':
      return history.numberFacts[of.name][accountOf(history, row)] as number
    case 'monthsSinceDate': {
      const day = history.dateFacts[of.name][accountOf(history, row)] as number
      if (Number.isNaN(day)) return Number.NaN
      const [year, month] = formatDay(day).split('-').map(Number) as [number, number]
      const [asOfYear, asOfMonth] = formatMonth(monthOf(history, row)).split('-').map(Number) as [number, number]
      const months = (asOfYear - year) * 12 + asOfMonth - month
      return months < 0 ? Number.NaN : months
    }
    case 'monthsSinceFirstSeen':
      return monthOf(history, row) - Math.min(...rowsOfAccount(history, row).map(where => monthOf(history, where)))
    case 'observed':
      return history.observed[row] as number
    case 'known':
      return Number.isNaN(at(of.of)) ? 0 : 1
    case 'plus':
      return at(of.left) + at(of.right)
    case 'difference':
      return at(of.left) - at(of.right)
    case 'product':
      return at(of.left) * at(of.right)
    case 'ratio':
      return at(of.right) > 0 ? at(of.left) / at(of.right) : Number.NaN
    case 'signedLog':
      return Math.sign(at(of.of)) * Math.log1p(Math.abs(at(of.of)))
    case 'clamp':
      return Math.max(of.low, Math.min(of.high, at(of.of)))
    case 'firstKnown':
      return Number.isNaN(at(of.first)) ? at(of.second) : at(of.first)
    case 'when':
      return at(of.condition) === 1 ? at(of.of) : Number.NaN
    case 'compare': {
      const value = at(of.of)
      if (Number.isNaN(value)) return Number.NaN
      if (of.is === 'above') return value > of.than ? 1 : 0
      if (of.is === 'at-least') return value >= of.than ? 1 : 0
      if (of.is === 'below') return value < of.than ? 1 : 0
      if (of.is === 'at-most') return value <= of.than ? 1 : 0
      return value === of.than ? 1 : 0
    }
    case 'both': {
      const sides = [at(of.left), at(of.right)]
      if (sides.some(Number.isNaN)) return Number.NaN
      return sides.every(side => side === 1) ? 1 : 0
    }
    case 'either': {
      const sides = [at(of.left), at(of.right)]
      if (sides.some(Number.isNaN)) return Number.NaN
      return sides.includes(1) ? 1 : 0
    }
    case 'not':
      return at(of.of) === 1 ? 0 : at(of.of) === 0 ? 1 : Number.NaN
    case 'lag': {
      const earlier = rowOfMonth(history, row, monthOf(history, row) - of.months)
      return earlier === undefined ? Number.NaN : at(of.of, earlier)
    }
    case 'changed': {
      const earlier = rowOfMonth(history, row, monthOf(history, row) - 1)
      if (earlier === undefined || Number.isNaN(at(of.of)) || Number.isNaN(at(of.of, earlier))) return Number.NaN
      return at(of.of) === at(of.of, earlier) ? 0 : 1
    }
    case 'count': {
      const known = knownIn(of.of, of.window)
      return known.length === 0 ? Number.NaN : known.filter(value => value === 1).length
    }
    case 'share': {
      const known = knownIn(of.of, of.window)
      return known.length === 0 ? Number.NaN : known.filter(value => value === 1).length / known.length
    }
    case 'sum': {
      const known = knownIn(of.of, of.window)
      return known.length === 0 ? Number.NaN : total(known)
    }
    case 'mean':
      return average(knownIn(of.of, of.window))
    case 'max': {
      const known = knownIn(of.of, of.window)
      return known.length === 0 ? Number.NaN : Math.max(...known)
    }
    case 'min': {
      const known = knownIn(of.of, of.window)
      return known.length === 0 ? Number.NaN : Math.min(...known)
    }
    case 'standardDeviation': {
      const known = knownIn(of.of, of.window)
      const centre = average(known)
      return known.length < 2 ? Number.NaN : Math.sqrt(total(known.map(y => (y - centre) ** 2)) / (known.length - 1))
    }
    case 'slope': {
      const points = windowOf(of.of, of.window)
        .map((y, x) => ({ x, y }))
        .filter(({ y }) => !Number.isNaN(y))
      if (points.length < 3) return Number.NaN
      const [x0, y0] = [average(points.map(({ x }) => x)), average(points.map(({ y }) => y))]
      return total(points.map(({ x, y }) => (x - x0) * (y - y0))) / total(points.map(({ x }) => (x - x0) ** 2))
    }
    case 'monthsSince': {
      const trues = rowsInWindow(history, row, 'ever').filter(where => at(of.of, where) === 1)
      return trues.length === 0
        ? Number.NaN
        : Math.min(...trues.map(where => monthOf(history, row) - monthOf(history, where)))
    }
    case 'currentStreak': {
      if (Number.isNaN(at(of.of))) return Number.NaN
      const values = windowOf(of.of, 'ever').reverse()
      const broken = values.findIndex(value => value !== 1)
      return broken === -1 ? values.length : broken
    }
    case 'longestStreak': {
      const values = windowOf(of.of, of.window)
      if (values.every(Number.isNaN)) return Number.NaN
      const runs = values
        .map(value => (value === 1 ? '1' : '.'))
        .join('')
        .split('.')
      return Math.max(...runs.map(run => run.length))
    }
    case 'decayed': {
      const known = windowOf(of.of, 'ever')
        .reverse()
        .map((value, monthsAgo) => ({ value, weight: of.factor ** monthsAgo }))
        .filter(({ value }) => !Number.isNaN(value))
      if (known.length === 0) return Number.NaN
      return total(known.map(({ value, weight }) => value * weight)) / total(known.map(({ weight }) => weight))
    }
    case 'acrossAccounts': {
      const taking = accountsOfBorrower(history, row).flatMap(account => {
        if (of.accounts === 'others' && account === accountOf(history, row)) return []
        const observed = rowsOf(history, account).filter(
          where => history.observed[where] === 1 && monthOf(history, where) <= monthOf(history, row),
        )
        const latest = observed.at(-1)
        if (latest === undefined) return []
        return of.ended === 'kept' || monthOf(history, latest) === monthOf(history, row) ? [at(of.of, latest)] : []
      })
      const known = taking.filter(value => !Number.isNaN(value))
      if (taking.length > 0 && known.length === 0) return Number.NaN
      if (of.by === 'sum') return total(known)
      if (of.by === 'count') return known.filter(value => value === 1).length
      if (known.length === 0) return Number.NaN
      if (of.by === 'mean') return average(known)
      return of.by === 'max' ? Math.max(...known) : Math.min(...known)
    }
    case 'distinctAcrossAccounts': {
      const values = accountsOfBorrower(history, row)
        .filter(account =>
          rowsOf(history, account).some(
            where => history.observed[where] === 1 && monthOf(history, where) === monthOf(history, row),
          ),
        )
        .map(account => history.categoryFacts[of.name].at(account))
      const distinct = new Set(values.filter(value => value !== null)).size
      return distinct === 0 ? Number.NaN : distinct
    }
    default: {
      const unknown: never = of
      throw new Error(`no meaning for ${JSON.stringify(unknown)}`)
    }
  }
}

/** Rows of the account's window that ends at a row, oldest first. */
function rowsInWindow(history: HistoryBlock, row: number, window: Window): number[] {
  const asOf = monthOf(history, row)
  return rowsOfAccount(history, row).filter(where => {
    const month = monthOf(history, where)
    return month <= asOf && (window === 'ever' || month > asOf - window)
  })
}

function rowOfMonth(history: HistoryBlock, row: number, month: number): number | undefined {
  return rowsOfAccount(history, row).find(where => monthOf(history, where) === month)
}

function rowsOfAccount(history: HistoryBlock, row: number): number[] {
  return rowsOf(history, accountOf(history, row))
}

function rowsOf({ accountStart }: HistoryBlock, account: number): number[] {
  return range(accountStart[account] as number, accountStart[account + 1] as number)
}

function accountOf({ accountIds, accountStart }: HistoryBlock, row: number): number {
  return range(0, accountIds.length).find(account => (accountStart[account + 1] as number) > row) as number
}

function accountsOfBorrower(history: HistoryBlock, row: number): number[] {
  const own = accountOf(history, row)
  const { borrowerStart, borrowerIds } = history
  const borrower = range(0, borrowerIds.length).find(place => (borrowerStart[place + 1] as number) > own) as number
  return range(borrowerStart[borrower] as number, borrowerStart[borrower + 1] as number)
}

function monthOf({ month }: HistoryBlock, row: number): number {
  return month[row] as number
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index)
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

function average(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : total(values) / values.length
}
