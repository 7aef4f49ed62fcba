/**
 * What a feature computes, as plain data: a tree of small objects, to which `kernels/` gives the meaning.
 *
 * An expression has one value per account-month. Three kinds of value:
 * - a **number**, NaN where it is missing;
 * - a **condition**: 1 true, 0 false, NaN where it can't be told (Bochvar's three-valued logic: missing in, missing out);
 * - a **category**: a text, null where it is missing.
 *
 * The value at an account-month depends on that month and earlier months of the same borrower, and on nothing else.
 * Missing never turns into 0; each kind says below what it does with missing values.
 */

import type { CategoryFactName, DateFactName, NumberColumnName, NumberFactName } from '../../data/index.ts'

/**
 * The last n months, the as-of month included, or all months of the account up to it. Where the account has fewer
 * months than that, the window holds those there are.
 */
export type Window = number | 'ever'

/** How values of several accounts become one. */
export type AcrossBy = 'sum' | 'mean' | 'max' | 'min' | 'count'

/** The expressions whose value is a number, by kind. */
interface NumberNodes {
  /** A column of the account-month; missing where the column is. */
  column: { readonly name: NumberColumnName }
  /** The same number everywhere. */
  constant: { readonly value: number }
  /** A fact of the account that is a number. */
  numberFact: { readonly name: NumberFactName }
  /** Calendar months from a date to the as-of month; missing where the date is, and while it lies in the future. */
  monthsSinceDate: { readonly name: DateFactName }
  /** Months from the account's first row to the as-of month; 0 in the first. Never missing. */
  monthsSinceFirstSeen: object
  /** left + right; missing if either is. */
  plus: { readonly left: NumberExpression; readonly right: NumberExpression }
  /** left − right; missing if either is. */
  difference: { readonly left: NumberExpression; readonly right: NumberExpression }
  /** left · right; missing if either is. */
  product: { readonly left: NumberExpression; readonly right: NumberExpression }
  /** left ÷ right; missing if either is, and where right isn't above 0. */
  ratio: { readonly left: NumberExpression; readonly right: NumberExpression }
  /** sign(x) · ln(1 + |x|); missing where x is. */
  signedLog: { readonly of: NumberExpression }
  /** x, at least `low` and at most `high`; missing where x is. */
  clamp: { readonly of: NumberExpression; readonly low: number; readonly high: number }
  /** `first` where it is known, else `second`. */
  firstKnown: { readonly first: NumberExpression; readonly second: NumberExpression }
  /** x where the condition is true; missing where it is false or can't be told. */
  when: { readonly condition: Condition; readonly of: NumberExpression }
  /** The value `months` months earlier; missing before the account's first row. */
  lag: { readonly months: number; readonly of: NumberExpression }
  /** Months of the window in which the condition was true; missing if it could be told in none. */
  count: { readonly window: Window; readonly of: Condition }
  /** Share of months with the condition true among those in which it could be told; missing if in none. */
  share: { readonly window: Window; readonly of: Condition }
  /** Sum of the known values; missing if none is known. */
  sum: { readonly window: Window; readonly of: NumberExpression }
  /** Mean of the known values; missing if none is known. */
  mean: { readonly window: Window; readonly of: NumberExpression }
  /** Greatest known value; missing if none is known. */
  max: { readonly window: Window; readonly of: NumberExpression }
  /** Least known value; missing if none is known. */
  min: { readonly window: Window; readonly of: NumberExpression }
  /** Sample standard deviation (n − 1) of the known values; missing if fewer than 2 are known. */
  standardDeviation: { readonly window: Window; readonly of: NumberExpression }
  /** Slope of the least-squares line through the known values, per month; missing if fewer than 3 are known. */
  slope: { readonly window: Window; readonly of: NumberExpression }
  /** Months since the condition was last true; 0 if it is now; missing if it never was known to be true. */
  monthsSince: { readonly of: Condition }
  /** Months in a row, up to the as-of month, with the condition true. A month that can't be told ends the run. */
  currentStreak: { readonly of: Condition }
  /** Longest run of months in the window with the condition true; missing if it could be told in none. */
  longestStreak: { readonly window: Window; readonly of: Condition }
  /**
   * Mean of the known values so far, each weighted by factor^(months ago); missing until one is known. A month with a
   * missing value has no weight, but time goes on.
   */
  decayed: { readonly factor: number; readonly of: NumberExpression }
  /**
   * One value from the same month of the borrower's accounts. An account takes part in the months in which it is
   * observed; with `ended` `'kept'`, from then on also with the value of its last observed month.
   *
   * Missing values take no part. Where accounts take part but no value is known, the result is missing; where no
   * account takes part, sum and count are 0 and the others are missing. `count` counts true conditions.
   */
  acrossAccounts: {
    readonly by: AcrossBy
    readonly accounts: 'all' | 'others'
    readonly ended: 'left-out' | 'kept'
    readonly of: NumericExpression
  }
  /**
   * Different known values of a category fact among the borrower's accounts that are observed in the month; missing if
   * none is known.
   */
  distinctAcrossAccounts: { readonly name: CategoryFactName }
}

/** The expressions whose value is true, false or missing, by kind. */
interface ConditionNodes {
  /** x compared with a number; missing where x is. */
  compare: { readonly of: NumberExpression; readonly is: Comparison; readonly than: number }
  /** Was the month seen? Never missing. */
  observed: object
  /** Is x known? Never missing. */
  known: { readonly of: NumericExpression }
  /** Does x differ from its value in the month before? Missing if either is. */
  changed: { readonly of: NumberExpression }
  /** Both true; missing if either is, so that a column never delivered can't turn into *false*. */
  both: { readonly left: Condition; readonly right: Condition }
  /** Either true; missing if either is. */
  either: { readonly left: Condition; readonly right: Condition }
  /** True where the condition is false, false where it is true, missing where it is missing. */
  not: { readonly of: Condition }
}

/** The expressions whose value is a text, by kind. They can only stand at the top of a feature. */
interface CategoryNodes {
  /** A fact of the account that is a category. */
  categoryFact: { readonly name: CategoryFactName }
  /** The name of a code: `names[x]`; missing where x is or has no name. */
  named: { readonly of: NumberExpression; readonly names: readonly string[] }
}

/**
 * What windows are computed from, by kind; never part of a definition. Each says what it is worth where no value is
 * known, so that parts are merged by one instruction.
 */
interface PartNodes {
  /** Months of the window in which the condition was true; 0 if it could be told in none. */
  trueMonths: { readonly window: number; readonly of: Condition }
  /** Sum of the known values; −0 if none is known. */
  knownSum: { readonly window: number; readonly of: NumberExpression }
  /** Greatest known value; −∞ if none is known. */
  knownMost: { readonly window: number; readonly of: NumberExpression }
  /** Least known value; ∞ if none is known. */
  knownLeast: { readonly window: number; readonly of: NumberExpression }
}

/** How a number is compared. */
export type Comparison = 'above' | 'at-least' | 'below' | 'at-most' | 'equal-to'

/** Kinds of expressions that are computed: those with one number per account-month. */
export type Kind = keyof NumberNodes | keyof ConditionNodes | keyof PartNodes

/** The expression of a kind. */
export type ExpressionOf<K extends Kind> = {
  [P in K]: { readonly kind: P } & (NumberNodes & ConditionNodes & PartNodes)[P]
}[K]

/** An expression whose value is a number. */
export type NumberExpression = ExpressionOf<keyof NumberNodes>

/** An expression whose value is true, false or missing. */
export type Condition = ExpressionOf<keyof ConditionNodes>

/** An expression whose value is a text. */
export type CategoryExpression = {
  [K in keyof CategoryNodes]: { readonly kind: K } & CategoryNodes[K]
}[keyof CategoryNodes]

/** An expression with a number per account-month; a condition counts as 1 or 0. */
export type NumericExpression = NumberExpression | Condition

/** An expression as it is computed. */
export type ComputedExpression = NumericExpression | ExpressionOf<keyof PartNodes>

/** Any expression. */
export type Expression = NumericExpression | CategoryExpression
