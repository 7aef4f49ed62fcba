/** Features that come from outside, from a saved model or a file of one's own, checked before they are believed. */

import { z } from 'zod'
import { categoryFactNames, dateFactNames, InputError, numberColumnNames, numberFactNames } from '../../data/index.ts'
import type { CategoryExpression, Condition, NumberExpression, NumericExpression } from './expression.ts'
import { type Family, type Feature, families } from './feature.ts'

const month = z.int().min(1).max(1200)
const window = z.union([month, z.literal('ever')])
const number: z.ZodType<NumberExpression> = z.lazy(() => numberSchema)
const condition: z.ZodType<Condition> = z.lazy(() => conditionSchema)
const numeric: z.ZodType<NumericExpression> = z.union([number, condition])

const pairOf = <Kind extends string, Part extends z.ZodType>(kind: Kind, part: Part) =>
  z.strictObject({ kind: z.literal(kind), left: part, right: part })
const windowOf = <Kind extends string, Part extends z.ZodType>(kind: Kind, part: Part) =>
  z.strictObject({ kind: z.literal(kind), window, of: part })
const wrapping = <Kind extends string, Part extends z.ZodType>(kind: Kind, part: Part) =>
  z.strictObject({ kind: z.literal(kind), of: part })

const numberSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('column'), name: z.enum(numberColumnNames) }),
  z.strictObject({ kind: z.literal('constant'), value: z.number() }),
  z.strictObject({ kind: z.literal('numberFact'), name: z.enum(numberFactNames) }),
  z.strictObject({ kind: z.literal('monthsSinceDate'), name: z.enum(dateFactNames) }),
  z.strictObject({ kind: z.literal('monthsSinceFirstSeen') }),
  pairOf('plus', number),
  pairOf('difference', number),
  pairOf('product', number),
  pairOf('ratio', number),
  wrapping('signedLog', number),
  z.strictObject({ kind: z.literal('clamp'), of: number, low: z.number(), high: z.number() }),
  z.strictObject({ kind: z.literal('firstKnown'), first: number, second: number }),
  z.strictObject({ kind: z.literal('when'), condition, of: number }),
  z.strictObject({ kind: z.literal('lag'), months: month, of: number }),
  windowOf('count', condition),
  windowOf('share', condition),
  windowOf('sum', number),
  windowOf('mean', number),
  windowOf('max', number),
  windowOf('min', number),
  windowOf('standardDeviation', number),
  windowOf('slope', number),
  wrapping('monthsSince', condition),
  wrapping('currentStreak', condition),
  windowOf('longestStreak', condition),
  z.strictObject({ kind: z.literal('decayed'), factor: z.number().gt(0).max(1), of: number }),
  z.strictObject({
    kind: z.literal('acrossAccounts'),
    by: z.enum(['sum', 'mean', 'max', 'min', 'count']),
    accounts: z.enum(['all', 'others']),
    ended: z.enum(['left-out', 'kept']),
    of: numeric,
  }),
  z.strictObject({ kind: z.literal('distinctAcrossAccounts'), name: z.enum(categoryFactNames) }),
])

const conditionSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('compare'),
    of: number,
    is: z.enum(['above', 'at-least', 'below', 'at-most', 'equal-to']),
    than: z.number(),
  }),
  z.strictObject({ kind: z.literal('observed') }),
  wrapping('known', numeric),
  wrapping('changed', number),
  pairOf('both', condition),
  pairOf('either', condition),
  wrapping('not', condition),
])

const categorySchema: z.ZodType<CategoryExpression> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('categoryFact'), name: z.enum(categoryFactNames) }),
  z.strictObject({ kind: z.literal('named'), of: number, names: z.array(z.string()).min(1) }),
])

const expressionSchema = z.union([numeric, categorySchema])

const familyNames = Object.keys(families) as [Family, ...Family[]]

const featureSchema: z.ZodType<Feature> = z
  .strictObject({
    name: z.string().regex(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/, 'lower-case words joined by underscores'),
    says: z.string().min(1),
    unit: z.string().min(1),
    family: z.enum(familyNames),
    kind: z.enum(['number', 'category']),
    raises: z.boolean().nullable(),
    reason: z.strictObject({ en: z.string().min(1), zh: z.string().min(1) }),
    range: z.tuple([z.number(), z.number()]).exactOptional(),
    protected: z.boolean().exactOptional(),
    of: expressionSchema,
  })
  .refine(({ kind, of }) => (kind === 'category') === (of.kind === 'categoryFact' || of.kind === 'named'), {
    path: ['kind'],
    message: 'the kind of what its expression gives',
  })

const featuresSchema = z.array(featureSchema).min(1)

/**
 * Checks features that come from outside.
 *
 * @param input - An array of features, as made by `feature()` or read from JSON.
 * @param source - Where they come from, for the error.
 * @throws InputError naming every part that is wrong, and names that come twice.
 */
export function parseFeatures(input: unknown, source: string): readonly Feature[] {
  const parsed = featuresSchema.safeParse(input)
  if (!parsed.success) {
    throw new InputError(
      parsed.error.issues.map(issue => ({
        source,
        field: issue.path.join('.') || 'features',
        expected: issue.message,
        rule: 'feature-definition',
      })),
    )
  }
  const names = parsed.data.map(feature => feature.name)
  const twice = names.filter((name, place) => names.indexOf(name) < place)
  if (twice.length > 0) {
    throw new InputError(
      twice.map(name => ({
        source,
        field: 'name',
        found: name,
        expected: 'each name once',
        rule: 'feature-name-twice',
      })),
    )
  }
  return parsed.data
}
