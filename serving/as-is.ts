/**
 * Tells of a value at once whether its zod schema would give it back as it is: then it needs no parsing.
 *
 * zod makes two objects for every field it looks at, and a copy of the whole; a request has a thousand fields, and most
 * are as they should be. What is asked is read from the schema itself, and each of its checks is the schema's own. Of
 * anything else (what is wrong, what would be changed, kinds of schema not known here) the answer is no, and zod has its
 * say.
 */

import type { z } from 'zod'

/** Would the schema give the value back as it is? Defaults of what is left out are filled in on the way. */
type Test = (value: unknown) => boolean

const known = new WeakMap<z.core.$ZodType, Test>()

/**
 * Does a value hold what the schema says, with nothing to change but defaults that are left out? Those are filled in.
 *
 * False means: ask zod, which gives the errors, or what the value becomes.
 */
export function isAsIs<Schema extends z.ZodType>(schema: Schema, value: unknown): value is z.output<Schema> {
  return testOf(schema)(value)
}

function testOf(schema: z.core.$ZodType): Test {
  const before = known.get(schema)
  if (before !== undefined) return before
  const test = withChecks(schema, testOfKind(schema as z.core.$ZodTypes)) // the union of all that there are
  known.set(schema, test)
  return test
}

const never: Test = () => false

function testOfKind(schema: z.core.$ZodTypes): Test {
  const { def } = schema._zod
  switch (def.type) {
    case 'string':
      return def.coerce ? never : value => typeof value === 'string'
    case 'number':
      return def.coerce ? never : value => Number.isFinite(value)
    case 'boolean':
      return def.coerce ? never : value => typeof value === 'boolean'
    case 'null':
      return value => value === null
    case 'unknown':
      return () => true
    case 'enum':
    case 'literal':
      return oneOf([schema])
    case 'union':
      return oneOf(def.options)
    case 'nullable':
      return orNull(testOf(def.innerType))
    case 'optional':
    case 'default':
      return testOf(def.innerType) // of what is left out, the object that holds it decides
    case 'array':
      return everyItem(testOf(def.element), longest(def))
    case 'object':
      return everyField(def.shape, def.catchall === undefined ? never : testOf(def.catchall))
    default:
      return never
  }
}

/** The values that enums and literals name; no for any other kind, since the first option that fits may change a value. */
function oneOf(options: readonly z.core.$ZodType[]): Test {
  const named = options.every(
    ({ _zod: { def } }) => (def.type === 'enum' || def.type === 'literal') && !def.checks?.length,
  )
  if (!named) return never
  const values = new Set<unknown>(options.flatMap(({ _zod }) => [...(_zod.values ?? [])]))
  return value => values.has(value)
}

function orNull(test: Test): Test {
  return value => value === null || test(value)
}

/** Most items that a list may have. */
function longest({ checks = [] }: z.core.$ZodArrayDef): number {
  const limits = (checks as z.core.$ZodChecks[]).map(({ _zod: { def } }) => {
    return def.check === 'max_length' ? def.maximum : Number.POSITIVE_INFINITY
  })
  return Math.min(...limits)
}

/** @param most - A list that is longer isn't looked through. */
function everyItem(test: Test, most: number): Test {
  return value => {
    if (!Array.isArray(value) || value.length > most) return false
    for (let place = 0; place < value.length; place += 1) if (!test(value[place])) return false
    return true
  }
}

/** @param other - For fields that the shape doesn't have. */
function everyField(shape: z.core.$ZodShape, other: Test): Test {
  const entries = Object.entries(shape)
  const fields = new Map(
    entries.map(([key, field]) => [key, { test: testOf(field), required: field._zod.optin === undefined }]),
  )
  const required = entries.filter(([, field]) => field._zod.optin === undefined).length
  const defaults = entries.flatMap(([key, field]) => {
    const { def } = (field as z.core.$ZodTypes)._zod
    return def.type === 'default' ? [{ key, def }] : []
  })
  // Left out, it may become something by a rule of its own.
  if (entries.some(([, { _zod }]) => _zod.optin !== undefined && !/^(optional|default)$/.test(_zod.def.type)))
    return never
  return value => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
    const held = value as Record<string, unknown>
    let found = 0
    for (const key in held) {
      const field = fields.get(key)
      if (!(field?.test ?? other)(held[key])) return false
      if (field?.required) found += 1
    }
    if (found < required) return false
    for (const { key, def } of defaults) if (!(key in held)) held[key] = def.defaultValue
    return true
  }
}

/** A kind's test, and then the schema's own checks. */
function withChecks(schema: z.core.$ZodType, ofKind: Test): Test {
  const { _zod } = schema
  const checks = _zod.def.checks ?? []
  // A format, such as that of whole numbers, is a check of its own.
  const all = _zod.traits.has('$ZodCheck') ? [schema as unknown as z.core.$ZodCheck, ...checks] : checks
  return all.map(testOfCheck).reduce((before, test) => value => before(value) && test(value), ofKind)
}

/** Most checks are bounds of numbers: compared here, as zod does, a thousand times a request. */
function testOfCheck(check: z.core.$ZodCheck): Test {
  const { def } = (check as z.core.$ZodChecks)._zod // custom ones have another name, which is as good
  const bound = 'value' in def ? def.value : undefined
  if (typeof bound === 'number' && def.check === 'less_than') {
    return def.inclusive ? value => (value as number) <= bound : value => (value as number) < bound
  }
  if (typeof bound === 'number' && def.check === 'greater_than') {
    return def.inclusive ? value => (value as number) >= bound : value => (value as number) > bound
  }
  return value => holds(check, value)
}

/** What checks are given; one for all, since they keep nothing. */
const payload: z.core.ParsePayload = { value: undefined, issues: [] }

function holds(check: z.core.$ZodCheck, value: unknown): boolean {
  payload.value = value
  const later = check._zod.check(payload as z.core.ParsePayload<never>)
  const same = payload.value === value
  payload.value = undefined // nothing of a borrower's stays behind
  if (payload.issues.length === 0) return later === undefined && same
  payload.issues = []
  return false
}
