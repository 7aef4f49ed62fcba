/** From named columns of a protocol's request to features that a model scores; the same checks whatever the protocol. */

import { Categories } from '../../data/index.ts'
import type { Feature, FeatureColumn, FeatureColumns, Model } from '../../models/index.ts'
import { type FieldError, ProblemError } from '../problems.ts'

/** Values of one feature as a request gives them: null, NaN and '' mean missing. */
export type GivenValues = readonly unknown[] | Float64Array

/** Columns of a request, by feature. */
export interface GivenColumns {
  readonly rows: number
  readonly values: ReadonlyMap<string, GivenValues>
  /** True where every value came as a text, as in CSV: numbers are read from it. */
  readonly asText?: boolean
  /** Where a value stands in the request, for errors. */
  readonly pointer: (feature: string, row: number) => string
}

/** Errors listed at most. */
const errorsAtMost = 20

/** What a model takes. */
interface Taken {
  readonly inputs: readonly Feature[]
  /** Names of all its features, whether its network sees them or not. */
  readonly names: ReadonlySet<string>
}

const takenBy = new WeakMap<Model, Taken>()

function takenOf(model: Model): Taken {
  const before = takenBy.get(model)
  if (before !== undefined) return before
  const used = new Set(model.encoding.features.map(({ name }) => name))
  const made = {
    inputs: model.features.filter(({ name }) => used.has(name)),
    names: new Set(model.features.map(({ name }) => name)),
  }
  takenBy.set(model, made)
  return made
}

/** The features that a model's network sees, in order: what a client must send. */
export function modelInputs(model: Model): readonly Feature[] {
  return takenOf(model).inputs
}

/**
 * Checks the columns and types them.
 *
 * Every input of the model must be there, since a column left out by mistake would look like a borrower about whom
 * nothing is known; a value that isn't known is null. Features of the model that its network doesn't use may be there.
 *
 * @throws ProblemError `invalid-request`, naming columns that are missing or unknown, and values out of range.
 */
export function readFeatures(model: Model, given: GivenColumns): FeatureColumns {
  const { inputs: features, names } = takenOf(model)
  const errors: FieldError[] = []
  for (const name of given.values.keys()) {
    if (!names.has(name))
      errors.push({ pointer: given.pointer(name, 0), detail: 'the model has no feature of this name' })
  }
  const columns = features.map((feature): FeatureColumn => {
    const values = given.values.get(feature.name)
    if (values === undefined) {
      errors.push({ pointer: '', detail: `expected the feature ${feature.name}; null where it isn’t known` })
      return Categories.of([])
    }
    const fail = (row: number, expected: string): void => {
      if (errors.length < errorsAtMost) {
        errors.push({ pointer: given.pointer(feature.name, row), detail: `expected ${expected} for ${feature.name}` })
      }
    }
    return feature.kind === 'number'
      ? readNumbers(feature, values, given.asText === true, fail)
      : readCategories(values, fail)
  })
  if (errors.length > 0) {
    throw new ProblemError('invalid-request', 'The features are not as expected.', errors.slice(0, errorsAtMost))
  }
  return { features, rows: given.rows, columns }
}

function readNumbers(
  { range }: Feature,
  values: GivenValues,
  asText: boolean,
  fail: (row: number, expected: string) => void,
): FeatureColumn {
  const [least, greatest] = range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  const numbers = new Float64Array(values.length)
  for (let row = 0; row < values.length; row += 1) {
    const number = asText ? textAsNumber(values[row]) : asNumber(values[row])
    if (number === undefined) fail(row, 'a number, or null')
    else if (number < least || number > greatest || Math.abs(number) === Number.POSITIVE_INFINITY) {
      fail(row, `a finite number from ${least} to ${greatest}`)
    }
    numbers[row] = number ?? Number.NaN
  }
  return { kind: 'number', values: numbers }
}

function asNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  if (value === null || value === undefined || value === '') return Number.NaN
  if (typeof value === 'boolean') return value ? 1 : 0
  return undefined
}

function textAsNumber(value: unknown): number | undefined {
  const text = typeof value === 'string' ? value.trim() : ''
  if (text === '') return Number.NaN
  const number = Number(text)
  return Number.isNaN(number) ? undefined : number
}

function readCategories(values: GivenValues, fail: (row: number, expected: string) => void): Categories {
  return Categories.of(
    Array.from(values, (value: unknown, row) => {
      if (value === null || value === undefined || value === '') return null
      if (typeof value === 'string' && value.length <= 200) return value
      fail(row, 'a text of at most 200 characters, or null')
      return null
    }),
  )
}
