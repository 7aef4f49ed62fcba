/** What a feature is: a typed value of plain data that says what it means and what it computes. */

import type { Expression } from './expression.ts'

/** The families of features, with what each is about. */
export const families = {
  lateness: 'How often, how long and how lately payments were late',
  'payment-behaviour': 'How much is paid, how regularly and how close to the due date',
  burden: 'How heavily the debt weighs: use of the limit, debt and dues against means',
  exposure: 'The borrower’s other accounts and lenders, and the debt over all of them',
  channel: 'Trouble with the way of paying, which is not trouble with money',
  seasoning: 'How long and in which states the account has been known',
  economy: 'The economy as of the month',
  static: 'What is fixed for the borrower or the account',
} as const

/** Name of a family of features. */
export type Family = keyof typeof families

/** Everything about a feature but its name and kind. */
export interface FeatureDefinition {
  /** What it says, as a phrase that can head a column. */
  readonly says: string
  /** Unit of its values, such as `months`; `category` for categories. */
  readonly unit: string
  readonly family: Family
  /** true: a higher value raises the risk; false: it lowers it; null: neither is expected. */
  readonly raises: boolean | null
  /** A fact that a borrower can read, true where the value lies on the risky side. */
  readonly reason: { readonly en: string; readonly zh: string }
  /** Least and greatest value that can occur; left out for categories. */
  readonly range?: readonly [number, number]
  /** True for a trait by which it may be forbidden to tell people apart. */
  readonly protected?: boolean
  /** What it computes. */
  readonly of: Expression
}

/** A feature: plain data, so it can be printed, hashed and saved with a model. */
export interface Feature extends FeatureDefinition {
  /** Unique in a set of features; lower-case words joined by underscores. */
  readonly name: string
  readonly kind: 'number' | 'category'
}

/**
 * Makes a feature.
 *
 * @param name - Lower-case words joined by underscores.
 */
export function feature(name: string, definition: FeatureDefinition): Feature {
  const { kind } = definition.of
  return { name, kind: kind === 'categoryFact' || kind === 'named' ? 'category' : 'number', ...definition }
}
