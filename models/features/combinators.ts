/** The words in which a feature is written: each makes one expression, so that a definition reads like its sentence. */

import {
  type AccountState,
  accountStateNames,
  accountStates,
  type CategoryFactName,
  type DateFactName,
  type NumberColumnName,
  type NumberFactName,
} from '../../data/index.ts'
import type {
  AcrossBy,
  CategoryExpression,
  Comparison,
  Condition,
  NumberExpression,
  NumericExpression,
  Window,
} from './expression.ts'

/** The last `months` months, the as-of month included. */
export const last = (months: number): Window => months

/** All months of the account up to the as-of month. */
export const ever: Window = 'ever'

/** A column of the account-month. */
export const column = (name: NumberColumnName): NumberExpression => ({ kind: 'column', name })

/** The same number everywhere. */
export const constant = (value: number): NumberExpression => ({ kind: 'constant', value })

/** A fact that is a number. */
export const numberFact = (name: NumberFactName): NumberExpression => ({ kind: 'numberFact', name })

/** Calendar months from a date to the as-of month. */
export const monthsSinceDate = (name: DateFactName): NumberExpression => ({ kind: 'monthsSinceDate', name })

/** Months from the account's first row to the as-of month. */
export const monthsSinceFirstSeen: NumberExpression = { kind: 'monthsSinceFirstSeen' }

/** left + right. */
export const plus = (left: NumberExpression, right: NumberExpression): NumberExpression => ({
  kind: 'plus',
  left,
  right,
})

/** left − right. */
export const difference = (left: NumberExpression, right: NumberExpression): NumberExpression => ({
  kind: 'difference',
  left,
  right,
})

/** left · right; a number may stand for a constant. */
export const product = (left: NumberExpression, right: NumberExpression | number): NumberExpression => ({
  kind: 'product',
  left,
  right: asExpression(right),
})

/** left ÷ right, missing where right isn't above 0; a number may stand for a constant. */
export const ratio = (left: NumberExpression, right: NumberExpression | number): NumberExpression => ({
  kind: 'ratio',
  left,
  right: asExpression(right),
})

/** sign(x) · ln(1 + |x|): money on a scale on which both a small and a large account can be seen. */
export const signedLog = (of: NumberExpression): NumberExpression => ({ kind: 'signedLog', of })

/** x, at least `low` and at most `high`. */
export const clamp = (of: NumberExpression, low: number, high: number): NumberExpression => ({
  kind: 'clamp',
  of,
  low,
  high,
})

/** `first` where it is known, else `second`. */
export const firstKnown = (first: NumberExpression, second: NumberExpression): NumberExpression => ({
  kind: 'firstKnown',
  first,
  second,
})

/** x where the condition is true, else missing. */
export const when = (condition: Condition, of: NumberExpression): NumberExpression => ({ kind: 'when', condition, of })

/** The value `months` months earlier; 0 months is the expression itself. */
export const lag = (months: number, of: NumberExpression): NumberExpression =>
  months === 0 ? of : { kind: 'lag', months, of }

/** x less its value `months` months earlier. */
export const change = (months: number, of: NumberExpression): NumberExpression => difference(of, lag(months, of))

/** Months of the window in which the condition was true. */
export const count = (window: Window, of: Condition): NumberExpression => ({ kind: 'count', window, of })

/** Share of the window's months in which the condition was true, among those in which it could be told. */
export const share = (window: Window, of: Condition): NumberExpression => ({ kind: 'share', window, of })

/** Sum over the window. */
export const sum = (window: Window, of: NumberExpression): NumberExpression => ({ kind: 'sum', window, of })

/** Mean over the window. */
export const mean = (window: Window, of: NumberExpression): NumberExpression => ({ kind: 'mean', window, of })

/** Greatest value in the window. */
export const max = (window: Window, of: NumberExpression): NumberExpression => ({ kind: 'max', window, of })

/** Least value in the window. */
export const min = (window: Window, of: NumberExpression): NumberExpression => ({ kind: 'min', window, of })

/** Sample standard deviation over the window, of at least 2 known values. */
export const standardDeviation = (window: Window, of: NumberExpression): NumberExpression => ({
  kind: 'standardDeviation',
  window,
  of,
})

/** Slope of the least-squares line over the window, per month, through at least 3 known values. */
export const slope = (window: Window, of: NumberExpression): NumberExpression => ({ kind: 'slope', window, of })

/** Months since the condition was last true. */
export const monthsSince = (of: Condition): NumberExpression => ({ kind: 'monthsSince', of })

/** Months in a row up to now with the condition true. */
export const currentStreak = (of: Condition): NumberExpression => ({ kind: 'currentStreak', of })

/** Longest run of months in the window with the condition true. */
export const longestStreak = (window: Window, of: Condition): NumberExpression => ({
  kind: 'longestStreak',
  window,
  of,
})

/** Mean so far in which a value counts `factor` times as much as that of the month after it. */
export const decayed = (factor: number, of: NumberExpression): NumberExpression => ({ kind: 'decayed', factor, of })

/** One value from the same month of all accounts of the borrower. */
export const acrossAccounts = (by: AcrossBy, of: NumericExpression): NumberExpression => ({
  kind: 'acrossAccounts',
  by,
  accounts: 'all',
  ended: 'left-out',
  of,
})

/** One value from the same month of the borrower's other accounts. */
export const acrossOtherAccounts = (by: AcrossBy, of: NumericExpression): NumberExpression => ({
  kind: 'acrossAccounts',
  by,
  accounts: 'others',
  ended: 'left-out',
  of,
})

/** As {@link acrossAccounts}, where accounts that ended earlier take part with their last value. */
export const acrossAccountsEver = (by: AcrossBy, of: NumericExpression): NumberExpression => ({
  kind: 'acrossAccounts',
  by,
  accounts: 'all',
  ended: 'kept',
  of,
})

/** As {@link acrossOtherAccounts}, where accounts that ended earlier take part with their last value. */
export const acrossOtherAccountsEver = (by: AcrossBy, of: NumericExpression): NumberExpression => ({
  kind: 'acrossAccounts',
  by,
  accounts: 'others',
  ended: 'kept',
  of,
})

/** Different values of a category fact among the borrower's accounts. */
export const distinctAcrossAccounts = (name: CategoryFactName): NumberExpression => ({
  kind: 'distinctAcrossAccounts',
  name,
})

/** x > than. */
export const above = (of: NumberExpression, than: number): Condition => compare(of, 'above', than)

/** x ≥ than. */
export const atLeast = (of: NumberExpression, than: number): Condition => compare(of, 'at-least', than)

/** x < than. */
export const below = (of: NumberExpression, than: number): Condition => compare(of, 'below', than)

/** x ≤ than. */
export const atMost = (of: NumberExpression, than: number): Condition => compare(of, 'at-most', than)

/** x = than. */
export const equalTo = (of: NumberExpression, than: number): Condition => compare(of, 'equal-to', than)

/** low ≤ x ≤ high. */
export const between = (of: NumberExpression, low: number, high: number): Condition =>
  both(atLeast(of, low), atMost(of, high))

/** Is the account in this state at the month's end? */
export const inState = (state: AccountState): Condition => equalTo(column('state'), accountStates[state])

/** Was the month seen? */
export const observed: Condition = { kind: 'observed' }

/** Does x differ from its value in the month before? */
export const changed = (of: NumberExpression): Condition => ({ kind: 'changed', of })

/** Both conditions are true. */
export const both = (left: Condition, right: Condition): Condition => ({ kind: 'both', left, right })

/** At least one of the conditions is true. */
export const either = (left: Condition, right: Condition): Condition => ({ kind: 'either', left, right })

/** The condition is false. */
export const not = (of: Condition): Condition => ({ kind: 'not', of })

/** A fact that is a category. */
export const categoryFact = (name: CategoryFactName): CategoryExpression => ({ kind: 'categoryFact', name })

/** The account's state as a category, from the codes in the `state` column or an expression over it. */
export const stateName = (of: NumberExpression): CategoryExpression => ({
  kind: 'named',
  of,
  names: accountStateNames,
})

function compare(of: NumberExpression, is: Comparison, than: number): Condition {
  return { kind: 'compare', of, is, than }
}

function asExpression(value: NumberExpression | number): NumberExpression {
  return typeof value === 'number' ? constant(value) : value
}
