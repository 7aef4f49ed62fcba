import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { packageFolder } from '../../models/index.ts'
import { isAsIs } from '../../serving/as-is.ts'
import { scoreRequestSchema } from '../../serving/index.ts'

const example: unknown = JSON.parse(readFileSync(join(packageFolder(), 'docs/examples/score-request.json'), 'utf8'))
const months = {
  asOf: '2024-03-31',
  borrower: { borrowerId: 'b' },
  accounts: [{ accountId: 'a', months: [{ month: '2024-01', state: 'open', daysPastDue: 0, restructured: 1 }] }],
  economy: [{ month: '2024-01', unemployment: 5.1 }],
  reasons: 2,
}
/** Payments that leave their outcome out. */
const defaults = {
  asOf: '2024-03-31',
  borrower: { borrowerId: 'b', income: null },
  accounts: [
    {
      accountId: 'a',
      instalments: [{ instalmentId: 'i', dueOn: '2024-02-10', amountDue: 100 }],
      payments: [{ paymentId: 'p', paidOn: '2024-02-10', amount: 100 }],
    },
  ],
}

test('a request that is as it should be needs no parsing, and its defaults are filled in', () => {
  for (const body of [example, months, defaults]) {
    const value = structuredClone(body)
    expect(isAsIs(scoreRequestSchema, value)).toBe(true)
    expect(value).toEqual(scoreRequestSchema.parse(body))
  }
})

/** Every place of a value, as the keys that lead there. */
function placesIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([key, part]) => placesIn(part, [...path, key]))]
}

/** The value with another at a place; undefined takes away what is there. */
function withAt(value: unknown, [key, ...rest]: readonly string[], part: unknown): unknown {
  if (key === undefined) return part
  const held = value as Record<string, unknown>
  const changed = withAt(held[key], rest, part)
  if (Array.isArray(held)) return held.map((item, place) => (String(place) === key ? changed : item))
  const { [key]: _, ...others } = held
  return changed === undefined ? others : { ...others, [key]: changed }
}

test('whatever is taken as it is, zod would give back the same', () => {
  const parts = fc.oneof(
    fc.constantFrom<unknown>(undefined, null, '', 'x'.repeat(201), '2024-02-30', '2024-02-28', '2024-13', '2024-12'),
    fc.constantFrom<unknown>('\u0007', '\ud800', 'paid', 'failed', -1, 0, 1, 1.5, 1e16, true, {}, [], {
      constructor: 1,
    }),
    fc.jsonValue(),
  )
  for (const body of [example, months, defaults]) {
    const places = placesIn(body)
    const outcomes = { asIs: 0, not: 0 }
    fc.assert(
      fc.property(fc.constantFrom(...places), parts, (place, part) => {
        const changed: unknown = JSON.parse(JSON.stringify(withAt(body, place, part) ?? null))
        const parsed = scoreRequestSchema.safeParse(structuredClone(changed))
        const asIs = isAsIs(scoreRequestSchema, changed)
        outcomes[asIs ? 'asIs' : 'not'] += 1
        if (asIs) expect(changed).toEqual(parsed.data)
        else expect(scoreRequestSchema.safeParse(changed)).toEqual(parsed)
      }),
      { numRuns: 300 },
    )
    expect(Math.min(outcomes.asIs, outcomes.not)).toBeGreaterThan(10)
  }
})

test('a list that is too long isn’t looked through', () => {
  let looked = 0
  const item = z.string().refine(() => {
    looked += 1
    return true
  })
  expect(isAsIs(z.array(item).max(2), ['a', 'b'])).toBe(true)
  expect(looked).toBe(2)
  expect(isAsIs(z.array(item).max(2), ['a', 'b', 'c'])).toBe(false)
  expect(looked).toBe(2)
})

test('what a schema would change, and kinds of schema that aren’t known, are left to zod', () => {
  const strip = z.object({ a: z.string() })
  expect(isAsIs(strip, { a: 'x' })).toBe(true)
  expect(isAsIs(strip, { a: 'x', b: 1 })).toBe(false)
  expect(isAsIs(z.strictObject({ a: z.string().trim() }), { a: ' x' })).toBe(false)
  expect(isAsIs(z.coerce.number(), 1)).toBe(false)
  expect(isAsIs(z.string().transform(Number), '1')).toBe(false)
  expect(isAsIs(z.strictObject({ a: z.string().prefault('x') }), {})).toBe(false)
  expect(isAsIs(z.strictObject({ a: z.string().catch('x') }), {})).toBe(false)
  expect(isAsIs(z.union([z.string().trim(), z.string()]), ' x')).toBe(false)
  expect(
    isAsIs(
      z.strictObject({ a: z.string().optional() }).refine(({ a }) => a !== 'no'),
      { a: 'no' },
    ),
  ).toBe(false)
  expect(isAsIs(z.strictObject({ a: z.unknown() }), {})).toBe(false)
  expect(isAsIs(z.strictObject({}), JSON.parse('{"__proto__":{}}'))).toBe(false)
})
