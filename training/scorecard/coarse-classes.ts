/** Coarse classing: cuts a feature into few bins whose event rate rises or falls all the way. */

import type { Categories } from '../../data/index.ts'
import type { Binning, Feature, FeatureColumn } from '../../models/index.ts'

/** Rows with an event count 1; others count by the part of the window that was seen. */
export interface Outcomes {
  /** 1 where the event came, else 0; shape `[row]`. */
  readonly events: Uint8Array
  /** Weight of a row without an event, in [0, 1]; 0 for one with; shape `[row]`. */
  readonly goods: Float64Array
}

/** What fell into a bin. */
export interface Tally {
  rows: number
  events: number
  goods: number
}

/** Fine classes before merging, at most. */
const fineClasses = 40

/** Least share of the rows in a bin between edges. */
const leastShare = 0.03

/** Least events, and least goods, in a bin between edges. */
const leastCount = 10

/** Bins between edges, at most. */
const binsAtMost = 10

/** A category level needs this many rows, else it counts as any other level. */
const rowsPerLevel = 50

/** A run of neighbouring values; `from` is the smallest. */
interface Class extends Tally {
  from: number
}

/**
 * Cuts one feature.
 *
 * Numbers are cut at quantiles into fine classes, which are pooled until event rates are monotone (pool-adjacent-
 * violators), in the direction that the feature expects, or, where it expects none, in the one that tells more; then
 * the smallest are merged with the neighbour whose rate is nearest.
 *
 * @param specials - Values with a meaning of their own; each gets its own bin.
 * @returns How to cut it; a number with no edge and no special value tells nothing.
 * @see Ayer et al. (1955), for pool-adjacent-violators; Siddiqi (2006), chapter 6, for fine and coarse classing
 */
export function coarseClasses(
  feature: Feature,
  column: FeatureColumn,
  outcomes: Outcomes,
  specials: readonly number[] = [],
): Binning {
  if (column.kind === 'category') return { kind: 'category', levels: frequentLevels(column) }
  const fine = fineClassing(column.values, outcomes, specials)
  const directions = feature.raises === null ? [true, false] : [feature.raises]
  const cut = directions
    .map(rising => mergeSmall(pool(fine, rising)))
    .reduce((best, one) => (informationValue(one) > informationValue(best) ? one : best))
  return { kind: 'number', edges: cut.slice(1).map(({ from }) => from), specials: [...specials] }
}

/** Σ (share of goods − share of events) · ln(share of goods / share of events), over bins that have both. */
export function informationValue(bins: readonly Tally[]): number {
  const total = bins.reduce((sum, { events, goods }) => ({ events: sum.events + events, goods: sum.goods + goods }), {
    events: 0,
    goods: 0,
  })
  return bins.reduce((sum, bin) => {
    if (bin.events === 0 || bin.goods === 0) return sum
    const [good, event] = [bin.goods / total.goods, bin.events / total.events]
    return sum + (good - event) * Math.log(good / event)
  }, 0)
}

function frequentLevels(column: Categories): string[] {
  const counts = column.counts()
  return [...column.texts.keys()]
    .filter(code => (counts[code] as number) >= rowsPerLevel)
    .sort((a, b) => (counts[b] as number) - (counts[a] as number))
    .slice(0, 200)
    .map(code => column.texts[code] as string)
    .sort()
}

/** Distinct values where there are few, else classes of about equally many rows. */
function fineClassing(values: Float64Array, outcomes: Outcomes, specials: readonly number[]): Class[] {
  const known = values.filter(value => !Number.isNaN(value) && !specials.includes(value)).sort()
  const distinct = new Set<number>()
  for (const value of known) if (distinct.size <= fineClasses) distinct.add(value)
  const starts =
    distinct.size <= fineClasses
      ? [...distinct]
      : [...new Set(Array.from({ length: fineClasses }, (_, k) => known[Math.floor((k * known.length) / fineClasses)]))]
  const from = starts.filter(start => start !== undefined)
  const classes = from.map((start): Class => ({ from: start, rows: 0, events: 0, goods: 0 }))
  values.forEach((value, row) => {
    if (Number.isNaN(value) || specials.includes(value)) return
    let place = classes.length - 1
    while (place > 0 && (from[place] as number) > value) place -= 1
    const target = classes[place] as Class
    target.rows += 1
    target.events += outcomes.events[row] as number
    target.goods += outcomes.goods[row] as number
  })
  return classes
}

/** Pools neighbours until the event rate never moves against the direction. */
function pool(fine: readonly Class[], rising: boolean): Class[] {
  const pooled: Class[] = []
  for (const one of fine) {
    let current = { ...one }
    for (let before = pooled.at(-1); before !== undefined; before = pooled.at(-1)) {
      if (rising ? rate(before) < rate(current) : rate(before) > rate(current)) break
      pooled.pop()
      current = joined(before, current)
    }
    pooled.push(current)
  }
  return pooled
}

/** Merges classes that are too small, then the pair that tells least, until none is and there are few enough. */
function mergeSmall(classes: readonly Class[]): Class[] {
  const merged = [...classes]
  const rows = merged.reduce((sum, one) => sum + one.rows, 0)
  const small = (one: Class): boolean =>
    one.rows < leastShare * rows || one.events < leastCount || one.goods < leastCount
  for (let place = merged.findIndex(small); place >= 0 && merged.length > 1; place = merged.findIndex(small)) {
    const one = merged[place] as Class
    const [before, after] = [merged[place - 1], merged[place + 1]]
    const toBefore =
      after === undefined ||
      (before !== undefined && Math.abs(rate(before) - rate(one)) <= Math.abs(rate(after) - rate(one)))
    mergeAt(merged, toBefore ? place - 1 : place)
  }
  while (merged.length > binsAtMost) {
    const kept = Array.from({ length: merged.length - 1 }, (_, place) => {
      const trial = [...merged]
      mergeAt(trial, place)
      return informationValue(trial)
    })
    mergeAt(merged, kept.indexOf(Math.max(...kept)))
  }
  return merged
}

function mergeAt(classes: Class[], place: number): void {
  classes.splice(place, 2, joined(classes[place] as Class, classes[place + 1] as Class))
}

function joined(a: Class, b: Class): Class {
  return { from: a.from, rows: a.rows + b.rows, events: a.events + b.events, goods: a.goods + b.goods }
}

function rate({ events, goods }: Tally): number {
  return events + goods === 0 ? 0 : events / (events + goods)
}
