/** What is computed of two rows at a time, as WebAssembly instructions: expressions that look at no other rows. */

import { type Emit, op, select } from '../../wasm-code.ts'

/** What a computation is written with. */
export interface Builder {
  /** Keeps a value, so that it can be used again; what is the same is computed once. */
  define(value: Emit): Emit
  /** A number, the same in both rows. */
  number(value: number): Emit
  /** Months since the account's first row. */
  readonly age: Emit
}

/** Takes an input some months earlier. */
export interface Lag {
  /** At least 1. */
  readonly months: number
  /** What it is worth before the account's first row. */
  readonly before: number
}

/** Computes the values of two rows from those of the inputs. */
export interface Lanes {
  readonly compute: (inputs: readonly Emit[], build: Builder) => Emit
  /** For the first input; as of now if left out. */
  readonly lag?: Lag
}

/** Of one input. */
const unary = (compute: (a: Emit, build: Builder) => Emit): Lanes => ({
  compute: ([a = []], build) => compute(a, build),
})

/** Of two inputs. */
const binary = (compute: (a: Emit, b: Emit, build: Builder) => Emit): Lanes => ({
  compute: ([a = [], b = []], build) => compute(a, b, build),
})

/** A mask: is the value known? */
export const isKnown = (value: Emit): Emit => op('equal', value, value)
const isMissing = (value: Emit): Emit => op('notEqual', value, value)
/** 1 where the mask is set, else 0. */
const truth = (mask: Emit, build: Builder): Emit => op('and', mask, build.number(1))
/** The value, missing where the mask is set: all bits set are no number. */
export const missingWhere = (mask: Emit, value: Emit): Emit => op('or', value, mask)
/** 1 or 0 by the mask, missing where the value is. */
const told = (mask: Emit, value: Emit, build: Builder): Emit =>
  missingWhere(build.define(isMissing(value)), truth(mask, build))
const compare = (is: 'greater' | 'greaterOrEqual' | 'less' | 'lessOrEqual' | 'equal', than: number): Lanes =>
  unary((a, build) => told(op(is, a, build.number(than)), a, build))

/** The same number everywhere. */
export const constant = (value: number): Lanes => ({ compute: (_, build) => build.number(value) })
/** Months since the account's first row. */
export const age: Lanes = { compute: (_, build) => build.age }
/** a + b. */
export const plus: Lanes = binary((a, b) => op('add', a, b))
/** a − b. */
export const difference: Lanes = binary((a, b) => op('subtract', a, b))
/** a · b. */
export const product: Lanes = binary((a, b) => op('multiply', a, b))
/** a ÷ b, missing where b isn't above 0. */
export const ratio: Lanes = binary((a, b, build) =>
  // where b is missing, so is the quotient
  missingWhere(op('lessOrEqual', b, build.number(0)), op('divide', a, b)),
)
/** a, at least `low` and at most `high`. */
export const clamp = (low: number, high: number): Lanes =>
  unary((a, build) => op('pairMin', op('pairMax', a, build.number(low)), build.number(high)))
/** a where it is known, else b. */
export const firstKnown: Lanes = binary((a, b) => select(isKnown(a), a, b))
/** b where a is true, else missing. */
export const when: Lanes = binary((a, b, build) => missingWhere(op('notEqual', a, build.number(1)), b))
/** Is it known? */
export const known: Lanes = unary((a, build) => truth(isKnown(a), build))
/** Comparisons with a number, missing where the value is. */
export const above = (than: number): Lanes => compare('greater', than)
/** a ≥ than. */
export const atLeast = (than: number): Lanes => compare('greaterOrEqual', than)
/** a < than. */
export const below = (than: number): Lanes => compare('less', than)
/** a ≤ than. */
export const atMost = (than: number): Lanes => compare('lessOrEqual', than)
/** a = than. */
export const equalTo = (than: number): Lanes => compare('equal', than)
/** 1 − a. */
export const not: Lanes = unary((a, build) => op('subtract', build.number(1), a))
/** Of two conditions: 1 if one is, missing if either is. */
export const or: Lanes = binary((a, b, build) => {
  const sum = build.define(op('add', a, b))
  return told(op('notEqual', sum, build.number(0)), sum, build)
})

/** a, some months earlier. */
export const lagged = (months: number): Lanes => ({ lag: { months, before: Number.NaN }, ...unary(a => a) })
/** Does b differ from a one month earlier? Missing if either is. */
export const changed: Lanes = {
  lag: { months: 1, before: Number.NaN },
  ...binary((a, b, build) => told(op('notEqual', a, b), build.define(op('add', a, b)), build)),
}

/** How parts of a window are made of single months, and merged. */
export interface Merging {
  /** What it is worth where no value is known. */
  readonly nothing: number
  /** Merges the earlier part a and the later part b. */
  readonly merge: (a: Emit, b: Emit) => Emit
}

/** A window of one month. */
export const oneMonth = ({ nothing }: Merging): Lanes =>
  unary((a, build) => (Object.is(nothing, 0) ? op('and', a, isKnown(a)) : select(isKnown(a), a, build.number(nothing))))
/** Two windows, the first some months earlier. */
export const mergedAfter = ({ nothing, merge }: Merging, months: number): Lanes => ({
  lag: { months, before: nothing },
  ...binary(merge),
})
/** Adds values that aren't below 0. */
export const counting: Merging = { nothing: 0, merge: (a, b) => op('add', a, b) }
/** Adds any values: −0 is what changes no number, 0 among them. */
export const summing: Merging = { nothing: -0, merge: (a, b) => op('add', a, b) }
/** Takes the greatest; of two equal ones the later. */
export const greatest: Merging = { nothing: Number.NEGATIVE_INFINITY, merge: (a, b) => op('pairMax', b, a) }
/** Takes the least; of two equal ones the later. */
export const least: Merging = { nothing: Number.POSITIVE_INFINITY, merge: (a, b) => op('pairMin', b, a) }
/** a, missing where b months, of which it was made, are none. */
export const ofSome: Lanes = binary((a, b, build) => missingWhere(op('equal', b, build.number(0)), a))
