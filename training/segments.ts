/** Groups of borrowers by which a model is judged for even treatment: age band, sex, channel, product, thin file. */

import { catalogue, type Feature, type FeatureColumns, valueAt } from '../models/index.ts'

/** Test rows divided by one trait. */
export interface Segmentation {
  /** What divides them, such as `Age band`. */
  readonly trait: string
  /** True for a trait by which it may be forbidden to tell people apart. */
  readonly isProtected: boolean
  /** Group → 1 where the row belongs, shape `[row]`; rows whose trait is not known belong to none. */
  readonly groups: Readonly<Record<string, Uint8Array>>
}

interface Trait {
  readonly trait: string
  readonly feature: string
  readonly isProtected: boolean
  /** Lower bounds of bands and their names, ascending; left out for categories. */
  readonly bands?: readonly (readonly [number, string])[]
}

/** Bands are a custom of the field, not a rule. */
const traits: readonly Trait[] = [
  {
    trait: 'Age band',
    feature: 'age',
    isProtected: true,
    bands: [
      [0, 'under 25'],
      [25, '25 to 34'],
      [35, '35 to 44'],
      [45, '45 to 59'],
      [60, '60 and over'],
    ],
  },
  { trait: 'Sex', feature: 'sex', isProtected: true },
  { trait: 'Marital status', feature: 'marital_status', isProtected: true },
  { trait: 'Channel', feature: 'opening_channel', isProtected: false },
  { trait: 'Product', feature: 'product', isProtected: false },
  {
    trait: 'File',
    feature: 'oldest_account_months',
    isProtected: false,
    bands: [
      [0, 'thin: known less than 12 months'],
      [12, 'known 12 months or more'],
    ],
  },
]

/** Features that the segments need, whether or not a model uses them. */
export const segmentFeatures: readonly Feature[] = catalogue.filter(({ name }) =>
  traits.some(({ feature }) => feature === name),
)

/** Groups smaller than this say nothing. */
const leastRows = 50

/** More groups than this of one category are too many to compare. */
const groupsAtMost = 8

/**
 * Divides rows by every trait that is known of them and takes at least two values.
 *
 * @param columns - Hold {@link segmentFeatures}, of the rows to divide.
 */
export function segmentRows(columns: FeatureColumns): Segmentation[] {
  return traits.flatMap(({ trait, feature, isProtected, bands }) => {
    const place = columns.features.findIndex(({ name }) => name === feature)
    const column = columns.columns[place]
    if (column === undefined) return []
    const members = new Map<string, Uint8Array>(bands?.map(([, name]) => [name, new Uint8Array(columns.rows)]))
    for (let row = 0; row < columns.rows; row += 1) {
      const value = valueAt(column, row)
      if (value === null) continue
      const name = typeof value === 'number' ? bandOf(value, bands ?? []) : value
      if (name === undefined) continue
      const member = members.get(name) ?? new Uint8Array(columns.rows)
      member[row] = 1
      members.set(name, member)
    }
    const sized = [...members]
      .map(([name, member]) => ({ name, member, rows: member.reduce((sum, belongs) => sum + belongs, 0) }))
      .filter(({ rows }) => rows >= leastRows)
    const kept = bands === undefined ? sized.sort((a, b) => b.rows - a.rows).slice(0, groupsAtMost) : sized
    if (kept.length < 2) return []
    return [{ trait, isProtected, groups: Object.fromEntries(kept.map(({ name, member }) => [name, member])) }]
  })
}

function bandOf(value: number, bands: readonly (readonly [number, string])[]): string | undefined {
  return bands.findLast(([from]) => value >= from)?.[1]
}
