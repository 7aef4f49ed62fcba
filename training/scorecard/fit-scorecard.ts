/** Fits the challenger that regulators know: logistic regression on the weights of evidence of monotone bins. */

import { InputError, random } from '../../data/index.ts'
import {
  type Binning,
  type Feature,
  type FeatureColumn,
  hazardsOf,
  identityCalibration,
  type Scorecard,
  type ScorecardBin,
  type ScorecardFeature,
  scorecardBin,
} from '../../models/index.ts'
import { drawRows } from '../draw-rows.ts'
import type { FeatureStore } from '../feature-store.ts'
import { fitCalibration } from '../fit-calibration.ts'
import { coarseClasses, informationValue, type Outcomes, type Tally } from './coarse-classes.ts'
import { type LogisticFit, logisticRegression } from './logistic-regression.ts'
import { scoreWithCard } from './score-with-card.ts'

/** What a scorecard is fitted on; columns of shape `[row]`. */
export interface ScorecardRows {
  readonly columns: FeatureStore
  /** Months of the performance window seen, 0…H. */
  readonly observedMonths: Uint8Array
  /** 1…H or 0. */
  readonly eventMonth: Uint8Array
}

/** How to fit it. */
export interface ScorecardOptions {
  /** H. */
  readonly horizonMonths: number
  /** Rows to learn from. */
  readonly train: Int32Array
  /** Later rows by which the hazards are calibrated; their few lines are all that is fitted on them. */
  readonly calibration: Int32Array
  readonly seed: number
  /** Values with a meaning of their own, by feature: each gets its own bin. */
  readonly specialValues?: Readonly<Record<string, readonly number[]>>
}

/** A feature that tells less than this is left out. */
const leastInformation = 0.01

/** Score statistic below which no feature is added: 5 % of χ² with one degree of freedom. */
const leastStatistic = 3.84

/** Features at most, so that a person can read the card. */
const featuresAtMost = 30

/** Rows that bins are cut on, at most: forty classes of a feature don't move by more of them. */
const classingRows = 500_000

/** Rows that coefficients are fitted on, at most. */
const regressionRows = 100_000

/** A bin with fewer rows tells nothing: its WOE is 0. */
const leastRows = 30

/** Points by an example scale: 600 at odds of 50 goods to one event, 20 more each time that the odds double. */
const exampleScale = { points: 600, odds: 50, pointsToDouble: 20 }

/** One feature on its way to the card. */
interface Candidate {
  readonly feature: Feature
  readonly binning: Binning
  readonly tallies: readonly Tally[]
  readonly woe: Float64Array
  readonly informationValue: number
  /** Bin of each row of the sample. */
  readonly bins: Uint8Array
}

/**
 * Fits a scorecard.
 *
 * 1. Every feature is cut into monotone bins; missing, special values and the rest of a category get bins of their own.
 * 2. Features are taken one after the other by what they add; the coefficient of each must be below 0.
 * 3. The card's features are put in the order of their information value.
 * 4. Points are laid out, and the hazards of the months are calibrated as the network's are.
 *
 * @throws InputError if no feature tells anything of the event.
 * @see Siddiqi (2006), Credit Risk Scorecards
 */
export function fitScorecard(data: ScorecardRows, options: ScorecardOptions): Scorecard {
  const { seed } = options
  const train = drawRows(options.train, classingRows, random(seed, 'classing'))
  const outcomes = outcomesOf(data, train, options.horizonMonths)
  const sample = drawRows(Int32Array.from(train.keys()), regressionRows, random(seed, 'scorecard'))
  const candidates = data.columns.features
    .map((feature, index) => {
      const column = data.columns.column(index, train)
      return candidate(feature, column, outcomes, sample, options.specialValues?.[feature.name])
    })
    .filter(one => one.informationValue >= leastInformation)
    .sort((a, b) => b.informationValue - a.informationValue)
  const { chosen, intercept, coefficients } = select(candidates, outcomes, sample)
  const factor = exampleScale.pointsToDouble / Math.LN2
  const scale = { offset: exampleScale.points - factor * Math.log(exampleScale.odds), factor }
  const base = (scale.offset - factor * intercept) / chosen.length
  const card: Scorecard = {
    format: 1,
    woeSign: 'goods-over-events',
    horizonMonths: options.horizonMonths,
    intercept,
    scale,
    features: chosen
      .map((one, index) => {
        const coefficient = coefficients[index] as number
        return cardFeature(one, coefficient, woe => base - factor * coefficient * woe)
      })
      .sort((a, b) => b.informationValue - a.informationValue),
    calibration: identityCalibration(options.horizonMonths),
  }
  return { ...card, calibration: calibrate(card, data, options) }
}

function outcomesOf(data: ScorecardRows, train: Int32Array, horizonMonths: number): Outcomes {
  return {
    events: Uint8Array.from(train, row => ((data.eventMonth[row] as number) > 0 ? 1 : 0)),
    goods: Float64Array.from(train, row =>
      (data.eventMonth[row] as number) > 0 ? 0 : (data.observedMonths[row] as number) / horizonMonths,
    ),
  }
}

function candidate(
  feature: Feature,
  column: FeatureColumn,
  outcomes: Outcomes,
  sample: Int32Array,
  specials: readonly number[] | undefined,
): Candidate {
  const binning = coarseClasses(feature, column, outcomes, specials)
  const bins = scorecardBin(binning, column)
  const count =
    binning.kind === 'number' ? binning.edges.length + 2 + binning.specials.length : binning.levels.length + 2
  const tallies = Array.from({ length: count }, (): Tally => ({ rows: 0, events: 0, goods: 0 }))
  bins.forEach((bin, row) => {
    const tally = tallies[bin] as Tally
    tally.rows += 1
    tally.events += outcomes.events[row] as number
    tally.goods += outcomes.goods[row] as number
  })
  return {
    feature,
    binning,
    tallies,
    woe: weightsOfEvidence(tallies),
    informationValue: informationValue(tallies),
    bins: Uint8Array.from(sample, row => bins[row] as number),
  }
}

/** ln(share of goods / share of events); half an event or good where there is none, 0 where a bin has too few rows. */
function weightsOfEvidence(tallies: readonly Tally[]): Float64Array {
  const events = tallies.reduce((sum, tally) => sum + tally.events, 0)
  const goods = tallies.reduce((sum, tally) => sum + tally.goods, 0)
  return Float64Array.from(tallies, tally =>
    tally.rows < leastRows ? 0 : Math.log((tally.goods || 0.5) / goods) - Math.log((tally.events || 0.5) / events),
  )
}

/**
 * Takes, one after the other, the feature whose WOE says most about what the card so far gets wrong, by the score
 * statistic; drops those whose coefficient comes out at or above 0.
 */
function select(
  candidates: readonly Candidate[],
  outcomes: Outcomes,
  sample: Int32Array,
): { chosen: Candidate[]; intercept: number; coefficients: Float64Array } {
  const positives = Uint8Array.from(sample, row => outcomes.events[row] as number)
  const negatives = Float64Array.from(sample, row => outcomes.goods[row] as number)
  const columns = new Map(candidates.map(one => [one, woeColumn(one)]))
  const columnsOf = (features: readonly Candidate[]): Float64Array[] =>
    features.map(one => columns.get(one) ?? new Float64Array(sample.length))
  const refused = new Set<Candidate>()
  let chosen: Candidate[] = []
  let fit = logisticRegression([], positives, negatives)
  while (chosen.length < featuresAtMost) {
    const residuals = fit.residuals(columnsOf(chosen))
    let best: { one: Candidate; statistic: number } | undefined
    for (const one of candidates) {
      if (refused.has(one) || chosen.includes(one)) continue
      const statistic = scoreStatistic(columns.get(one) ?? new Float64Array(), residuals)
      if (best === undefined || statistic > best.statistic) best = { one, statistic }
    }
    if (best === undefined || best.statistic < leastStatistic) break
    refused.add(best.one) // it is tried once
    chosen = [...chosen, best.one]
    fit = logisticRegression(columnsOf(chosen), positives, negatives, fit)
    for (let weakest = weakestOf(fit); chosen.length > 1 && weakest.z >= 0; weakest = weakestOf(fit)) {
      chosen = chosen.filter((_, index) => index !== weakest.index)
      fit = logisticRegression(columnsOf(chosen), positives, negatives)
    }
  }
  if (chosen.length === 0 || weakestOf(fit).z >= 0) {
    throw new InputError({
      source: 'scorecard',
      expected: `a feature with an information value of at least ${leastInformation} over the training rows`,
      rule: 'nothing-to-learn',
    })
  }
  return { chosen, intercept: fit.intercept, coefficients: fit.coefficients }
}

function weakestOf({ coefficients, standardErrors }: LogisticFit): { index: number; z: number } {
  const z = coefficients.map((coefficient, index) => coefficient / (standardErrors[index] as number))
  const weakest = Math.max(...z)
  return { index: z.indexOf(weakest), z: weakest }
}

/** Squared score of a column over its variance; 0 where more WOE, which is safer, would go with more events. */
function scoreStatistic(
  x: Float64Array,
  residuals: { readonly raw: Float64Array; readonly bend: Float64Array },
): number {
  let [score, weight, sum, squares] = [0, 0, 0, 0]
  for (let row = 0; row < x.length; row += 1) {
    const value = x[row] as number
    const bend = residuals.bend[row] as number
    score += value * (residuals.raw[row] as number)
    weight += bend
    sum += bend * value
    squares += bend * value * value
  }
  const variance = squares - (sum * sum) / weight
  return score >= 0 || variance <= 0 ? 0 : (score * score) / variance
}

function woeColumn({ woe, bins }: Candidate): Float64Array {
  return Float64Array.from(bins, bin => woe[bin] as number)
}

function cardFeature(one: Candidate, coefficient: number, points: (woe: number) => number): ScorecardFeature {
  const labels = binLabels(one.binning)
  const bins = one.tallies.map((tally, bin): ScorecardBin => {
    const woe = one.woe[bin] as number
    const weight = tally.events + tally.goods
    return {
      label: labels[bin] ?? '',
      rows: tally.rows,
      events: tally.events,
      eventRate: weight === 0 ? null : tally.events / weight,
      woe,
      points: points(woe),
    }
  })
  const common = {
    name: one.feature.name,
    says: one.feature.says,
    informationValue: one.informationValue,
    coefficient,
    bins,
  }
  return one.binning.kind === 'number'
    ? { kind: 'number', ...common, edges: [...one.binning.edges], specials: [...one.binning.specials] }
    : { kind: 'category', ...common, levels: [...one.binning.levels] }
}

function binLabels(binning: Binning): string[] {
  if (binning.kind === 'category') return [...binning.levels, 'any other', 'missing']
  const edges = binning.edges.map(edge => String(Number(edge.toPrecision(4))))
  const between =
    edges.length === 0
      ? ['any value']
      : [`< ${edges[0]}`, ...edges.slice(1).map((edge, index) => `${edges[index]} to < ${edge}`), `≥ ${edges.at(-1)}`]
  return [...between, ...binning.specials.map(value => `= ${value}`), 'missing']
}

function calibrate(
  card: Scorecard,
  data: ScorecardRows,
  { calibration, horizonMonths }: ScorecardOptions,
): Scorecard['calibration'] {
  const { logit } = scoreWithCard(card, data.columns, calibration)
  return fitCalibration(
    hazardsOf(logit, horizonMonths),
    Uint8Array.from(calibration, row => data.observedMonths[row] as number),
    Uint8Array.from(calibration, row => data.eventMonth[row] as number),
    horizonMonths,
  )
}
