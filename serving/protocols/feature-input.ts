/** From named columns of a protocol's request to features that a model scores; the same checks whatever the protocol. */

import { type Feature, FeatureBlock, type Model } from '../../models/index.ts'
import { type FieldError, ProblemError } from '../problems.ts'

/** Columns of a request, as it gives them: null, NaN and '' mean missing. */
export interface GivenColumns {
  readonly rows: number
  /** Names of features, each once. */
  readonly names: readonly string[]
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
  /** Place of each of its features among the inputs, by name; −1 for those that its network doesn't see. */
  readonly placeOf: ReadonlyMap<string, number>
}

const takenBy = new WeakMap<Model, Taken>()

function takenOf(model: Model): Taken {
  const before = takenBy.get(model)
  if (before !== undefined) return before
  const used = new Set(model.encoding.features.map(({ name }) => name))
  const inputs = model.features.filter(({ name }) => used.has(name))
  const made = { inputs, placeOf: new Map(model.features.map(one => [one.name, inputs.indexOf(one)])) }
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
  const { inputs, placeOf } = takenOf(model)
  const errors: FieldError[] = []
  const add = (pointer: string, detail: string): void => {
    if (errors.length < errorsAtMost) errors.push({ pointer, detail })
  }
  const givenAt = new Int32Array(inputs.length).fill(-1)
  for (let place = 0; place < given.names.length; place += 1) {
    const name = given.names[place] as string
    const input = placeOf.get(name)
    if (input === undefined) add(given.pointer(name, 0), 'the model has no feature of this name')
    else if (input !== -1) givenAt[input] = place
  }
  const block = new FeatureBlock(inputs, given.rows)
  for (let input = 0; input < inputs.length; input += 1) {
    const [feature, place] = [inputs[input] as Feature, givenAt[input] as number]
    if (place === -1) {
      add('', `expected the feature ${feature.name}; null where it isn’t known`)
      continue
    }
    for (let row = 0; row < given.rows; row += 1) {
      const value = given.at(place, row)
      const expected =
        feature.kind === 'number'
          ? readNumber(block, input, row, given.asText === true ? textAsNumber(value) : asNumber(value))
          : readCategory(block, input, row, value)
      if (expected !== null) add(given.pointer(feature.name, row), `expected ${expected} for ${feature.name}`)
    }
  }
  if (errors.length > 0) throw new ProblemError('invalid-request', 'The features are not as expected.', errors)
  return block
}

/** @returns What was expected; null if that is what came. */
function readNumber(block: FeatureBlock, input: number, row: number, number: number | undefined): string | null {
  if (number === undefined) return 'a number, or null'
  const { range } = block.features[input] as Feature
  const [least, greatest] = range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  if (number < least || number > greatest || Math.abs(number) === Number.POSITIVE_INFINITY) {
    return `a finite number from ${least} to ${greatest}`
  }
  block.setNumber(input, row, number)
  return null
}

/** As {@link readNumber}. */
function readCategory(block: FeatureBlock, input: number, row: number, value: unknown): string | null {
  if (value === null || value === undefined || value === '') return null
  if (typeof value !== 'string' || value.length > 200) return 'a text of at most 200 characters, or null'
  block.setCategory(input, row, value)
  return null
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
