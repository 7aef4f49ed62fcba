/** From named columns of a protocol's request to features that a model scores; the same checks whatever the protocol. */

import { type Feature, FeatureBlock, type Model } from '../../models/index.ts'
import { type FieldError, ProblemError } from '../problems.ts'

/** Columns of a request, as it gives them: null, NaN and '' mean missing. */
export interface GivenColumns {
  readonly rows: number
  /** Names of features. */
  readonly names: readonly string[]
  /** Where a name stands in the request, for the error that it comes again; left out where none can. */
  readonly namePointer?: (place: number) => string
  /** A value, by the place of its feature's name. */
  readonly at: (place: number, row: number) => unknown
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
  /** Place of each of its features by name: first those that its network sees, as in `inputs`, then the others. */
  readonly placeOf: ReadonlyMap<string, number>
  /** Least and greatest value of each input, one after the other; no bounds for a category. */
  readonly bounds: Float64Array
}

const takenBy = new WeakMap<Model, Taken>()

function takenOf(model: Model): Taken {
  const before = takenBy.get(model)
  if (before !== undefined) return before
  const used = new Set(model.encoding.features.map(({ name }) => name))
  const inputs = model.features.filter(({ name }) => used.has(name))
  const others = model.features.filter(({ name }) => !used.has(name))
  const made = {
    inputs,
    placeOf: new Map([...inputs, ...others].map(({ name }, place) => [name, place])),
    bounds: Float64Array.from(
      inputs.flatMap(({ range }) => range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]),
    ),
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
export function readFeatures(model: Model, given: GivenColumns): FeatureBlock {
  const { inputs, placeOf, bounds } = takenOf(model)
  const errors: FieldError[] = []
  const add = (pointer: string, detail: string): void => {
    if (errors.length < errorsAtMost) errors.push({ pointer, detail })
  }
  const givenAt = new Int32Array(placeOf.size).fill(-1)
  for (let place = 0; place < given.names.length; place += 1) {
    const name = given.names[place] as string
    const feature = placeOf.get(name)
    if (feature === undefined) add(given.pointer(name, 0), 'the model has no feature of this name')
    else if (givenAt[feature] === -1) givenAt[feature] = place
    else add(given.namePointer?.(place) ?? '', 'expected each column once')
  }
  const block = new FeatureBlock(inputs, given.rows)
  for (let input = 0; input < inputs.length; input += 1) {
    const [feature, place] = [inputs[input] as Feature, givenAt[input] as number]
    if (place === -1) {
      add('', `expected the feature ${feature.name}; null where it isn’t known`)
      continue
    }
    const [least, greatest] = [bounds[2 * input] as number, bounds[2 * input + 1] as number]
    for (let row = 0; row < given.rows; row += 1) {
      const value = given.at(place, row)
      let expected: string | null
      if (feature.kind === 'number') {
        const number = given.asText === true ? textAsNumber(value) : asNumber(value)
        expected = numberFault(number, least, greatest)
        if (number !== undefined) block.setNumber(input, row, number)
      } else {
        expected = categoryFault(value)
        if (typeof value === 'string' && value !== '') block.setCategory(input, row, value)
      }
      if (expected !== null) add(given.pointer(feature.name, row), `expected ${expected} for ${feature.name}`)
    }
  }
  if (errors.length > 0) throw new ProblemError('invalid-request', 'The features are not as expected.', errors)
  return block
}

/** What was expected in place of a number; null if it may be. */
function numberFault(number: number | undefined, least: number, greatest: number): string | null {
  if (number === undefined) return 'a number, or null'
  const beyond = number < least || number > greatest || Math.abs(number) === Number.POSITIVE_INFINITY
  return beyond ? `a finite number from ${least} to ${greatest}` : null
}

/** What was expected in place of a category; null if it may be. */
function categoryFault(value: unknown): string | null {
  if (value === null || value === undefined || (typeof value === 'string' && value.length <= 200)) return null
  return 'a text of at most 200 characters, or null'
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
