/** Small schemas of which the policy's sections are made. */

import { z } from 'zod'

/** A whole number in a range. */
export const whole = (least: number, most: number) => z.int().min(least).max(most)

/** A probability or a share, in [0, 1]. */
export const probability = z.number().min(0).max(1)

/** Lower- or upper-case words joined by hyphens. */
export const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/, 'a name of letters, digits and hyphens, at most 64 long')

/** Name of an entry of `sources`: where a rule's numbers come from. */
export const sourceName = name.describe('An entry of `sources`: where the numbers here come from.')

/** A sentence or a few. */
export const text = z.string().min(1).max(2000)

/** The same text in English and Chinese. */
export const texts = z.strictObject({ en: text, zh: text })

/** An amount of money that can't be negative, in the policy's currency. */
export const amount = z.number().min(0).max(1e12)

/** Days past due from one number up to before another; null = without end. */
export const daysPastDueRange = z.strictObject({ from: whole(0, 20_000), below: whole(1, 20_001).nullable() })

/** An object that has every one of some names, each with the same schema. */
export function each<Name extends string, Schema extends z.ZodType>(
  names: readonly Name[],
  schema: Schema,
): z.ZodObject<Record<Name, Schema>, z.core.$strict> {
  return z.strictObject(Object.fromEntries(names.map(one => [one, schema])) as Record<Name, Schema>)
}
