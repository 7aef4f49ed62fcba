import { describe, expect, test } from 'vitest'
import { InputError } from '../../../data/index.ts'
import { catalogue, type Feature, parseFeatures } from '../../../models/features/index.ts'
import { everyCombinator } from './every-combinator.ts'

const first = catalogue[0] as Feature

/** The problems with which features are refused. */
function problemsOf(input: unknown): { field?: string; rule?: string }[] {
  try {
    parseFeatures(input, 'my-features.ts')
  } catch (error) {
    if (error instanceof InputError) return error.problems.map(({ field = '', rule = '' }) => ({ field, rule }))
    throw error
  }
  return []
}

describe('features from outside', () => {
  test('are taken as they are when they are right: the whole catalogue and every combinator', () => {
    const features = [...catalogue, ...everyCombinator]
    expect(parseFeatures(JSON.parse(JSON.stringify(features)), 'features')).toEqual(features)
  })

  test.each([
    ['nothing', undefined, 'features'],
    ['an empty list', [], 'features'],
    ['a name with spaces', [{ ...first, name: 'late months' }], '0.name'],
    ['no Chinese reason', [{ ...first, reason: { en: 'Late.' } }], '0.reason.zh'],
    ['an unknown family', [{ ...first, family: 'luck' }], '0.family'],
    ['an unknown column', [{ ...first, of: { kind: 'column', name: 'shoeSize' } }], '0.of'],
    ['an unknown kind of expression', [{ ...first, of: { kind: 'median' } }], '0.of'],
    ['a window of no months', [{ ...first, of: { kind: 'max', window: 0, of: first.of } }], '0.of.window'],
    ['a setting too many', [{ ...first, of: { kind: 'observed', also: 1 } }], '0.of'],
    ['a kind that is not its expression’s', [{ ...first, kind: 'category' }], '0.kind'],
  ])('are refused with %s', (_, input, field) => {
    expect(problemsOf(input)).toContainEqual({ field, rule: 'feature-definition' })
  })

  test('are refused when a name comes twice', () => {
    expect(problemsOf([first, first])).toEqual([{ field: 'name', rule: 'feature-name-twice' }])
  })
})
