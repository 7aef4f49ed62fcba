/** The weight-of-evidence scorecard: bins, their weights of evidence and points, and what they add up to. Apply only. */

import { z } from 'zod'
import { InputError } from '../data/index.ts'
import { calibrationSchema, cumulativePd } from './calibration.ts'
import type { FeatureColumn, FeatureColumns } from './features/index.ts'

/** One bin of a feature. */
const scorecardBinSchema = z.strictObject({
  /** What belongs to it, such as `3 to < 7` or `missing`. */
  label: z.string(),
  /** Training rows in it. */
  rows: z.number().min(0),
  /** Those of them with an event. */
  events: z.number().min(0),
  /** Events over events and goods, where a row without an event counts by the part of the window seen; null if empty. */
  eventRate: z.number().min(0).max(1).nullable(),
  /** Weight of evidence: ln(share of the goods in the bin / share of the events in it). Above 0 is safer than average. */
  woe: z.number(),
  /** Points that the bin gives, unrounded; more points are safer. */
  points: z.number(),
})

const common = {
  name: z.string(),
  says: z.string(),
  /** Information value, Σ (share of goods − share of events) · WOE. */
  informationValue: z.number().min(0),
  /** Change of log-odds of the event per unit of WOE; below 0, since WOE is high where risk is low. */
  coefficient: z.number().negative(),
}

const scorecardFeatureSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('number'),
    ...common,
    /** Ascending; a value belongs to the bin numbered by how many edges are at or below it. */
    edges: z.array(z.number()),
    /** Values with a meaning of their own, each in its own bin. */
    specials: z.array(z.number()),
    /** Between edges (one more than edges), then one per special value, then missing. */
    bins: z.array(scorecardBinSchema).min(2),
  }),
  z.strictObject({
    kind: z.literal('category'),
    ...common,
    levels: z.array(z.string()),
    /** One per level, then any other level, then missing. */
    bins: z.array(scorecardBinSchema).min(2),
  }),
])

/** `scorecard.json` of a saved model. */
export const scorecardSchema = z.strictObject({
  format: z.literal(1),
  /** Which way WOE is signed; other programs take the inverse. */
  woeSign: z.literal('goods-over-events'),
  /** H: the event is the first within so many months. */
  horizonMonths: z.int().min(1),
  /** Log-odds of the event where every WOE is 0. */
  intercept: z.number(),
  /** points = offset − factor · log-odds of the event; an example scale, which changes no order. */
  scale: z.strictObject({ offset: z.number(), factor: z.number().positive() }),
  /** Descending information value. */
  features: z.array(scorecardFeatureSchema).min(1),
  /** From log-odds less ln H, a month's hazard, to the hazard of each month; as the network's. */
  calibration: calibrationSchema,
})

/** A fitted scorecard. */
export type Scorecard = z.infer<typeof scorecardSchema>

/** One feature of a scorecard. */
export type ScorecardFeature = Scorecard['features'][number]

/** One bin of a scorecard's feature. */
export type ScorecardBin = ScorecardFeature['bins'][number]

/** How the values of one feature fall into bins: what {@link scorecardBin} needs of it. */
export type Binning =
  | { readonly kind: 'number'; readonly edges: readonly number[]; readonly specials: readonly number[] }
  | { readonly kind: 'category'; readonly levels: readonly string[] }

/** What a scorecard says of some rows. */
export interface ScorecardScores {
  /** Sum of the bins' points, shape `[row]`. */
  readonly points: Float64Array
  /** Log-odds of the event within H months before calibration, shape `[row]`. */
  readonly logit: Float64Array
  /** `[h - 1][row]`, in [0, 1], ascending in h. */
  readonly pd: readonly Float64Array[]
}

/**
 * Bins that values fall into.
 *
 * @returns Index into the feature's bins, shape `[row]`.
 * @throws InputError if the column's kind isn't the binning's.
 */
export function scorecardBin(binning: Binning, column: FeatureColumn): Uint8Array {
  if (binning.kind === 'number' && column.kind === 'number') {
    const { edges, specials } = binning
    return Uint8Array.from(column.values, value => {
      if (Number.isNaN(value)) return edges.length + 1 + specials.length
      const special = specials.indexOf(value)
      if (special >= 0) return edges.length + 1 + special
      let bin = 0
      while (bin < edges.length && (edges[bin] as number) <= value) bin += 1
      return bin
    })
  }
  if (binning.kind === 'category' && column.kind === 'category') {
    const levelOf = new Map(binning.levels.map((level, index) => [level, index]))
    const binOf = column.texts.map(text => levelOf.get(text) ?? binning.levels.length)
    return Uint8Array.from(column.codes, code => binOf[code] ?? binning.levels.length + 1)
  }
  throw new InputError({ source: 'scorecard', found: `a ${column.kind}`, expected: `a ${binning.kind}` })
}

/**
 * Bins of every feature of a scorecard, for points and reasons.
 *
 * @returns `[scorecard feature][row]`.
 * @throws InputError if a feature that the scorecard needs is not there.
 */
export function scorecardBins(scorecard: Pick<Scorecard, 'features'>, columns: FeatureColumns): Uint8Array[] {
  const placeOf = new Map(columns.features.map(({ name }, place) => [name, place]))
  return scorecard.features.map(feature => {
    const column = columns.columns[placeOf.get(feature.name) ?? -1]
    if (column === undefined) {
      throw new InputError({ source: 'scorecard', field: feature.name, expected: 'a feature of this name' })
    }
    return scorecardBin(feature, column)
  })
}

/**
 * Scores rows: points, log-odds and PD(1…H).
 *
 * @throws InputError if a feature that the scorecard needs is not there.
 * @see Siddiqi (2006), Credit Risk Scorecards, chapter 6, for the scaling of points
 */
export function applyScorecard(scorecard: Scorecard, columns: FeatureColumns): ScorecardScores {
  const points = new Float64Array(columns.rows)
  scorecardBins(scorecard, columns).forEach((bins, index) => {
    const pointsOf = scorecard.features[index]?.bins.map(bin => bin.points) ?? []
    for (let row = 0; row < bins.length; row += 1) {
      points[row] = (points[row] as number) + (pointsOf[bins[row] as number] as number)
    }
  })
  const { offset, factor } = scorecard.scale
  const logit = points.map(sum => (offset - sum) / factor)
  return {
    points,
    logit,
    pd: cumulativePd(scorecard.calibration, hazardsOf(logit, scorecard.horizonMonths), columns.rows),
  }
}

/**
 * Log-odds of the event within H months as the logit of each month's hazard, before calibration.
 *
 * @returns Row-major, shape `[row, H]`.
 */
export function hazardsOf(logit: Float64Array, horizonMonths: number): Float32Array {
  const hazards = new Float32Array(logit.length * horizonMonths)
  logit.forEach((value, row) => {
    hazards.fill(value - Math.log(horizonMonths), row * horizonMonths, (row + 1) * horizonMonths)
  })
  return hazards
}
