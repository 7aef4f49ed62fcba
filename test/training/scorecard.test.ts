import { expect, test } from 'vitest'
import { Categories, random } from '../../data/index.ts'
import {
  applyScorecard,
  type Feature,
  type FeatureColumns,
  type Scorecard,
  scorecardSchema,
} from '../../models/index.ts'
import type { FeatureStore } from '../../training/feature-store.ts'
import { coarseClasses, informationValue } from '../../training/scorecard/coarse-classes.ts'
import { fitScorecard } from '../../training/scorecard/fit-scorecard.ts'
import { logisticRegression } from '../../training/scorecard/logistic-regression.ts'
import { scorecardTable } from '../../training/scorecard/scorecard-table.ts'
import { featureNamed } from '../models/named-feature.ts'
import { stored } from './stored.ts'

const numberFeature = (name: string, raises: boolean | null = null): Feature => featureNamed(name, 'number', { raises })
const categoryFeature = (name: string): Feature => featureNamed(name, 'category', { raises: null })

/** Rows with a number that rises with risk, a category, a constant and noise; H = 1. */
function rows(count: number, seed: number) {
  const source = random(seed, 'scorecard rows')
  const x = new Float64Array(count)
  const noise = new Float64Array(count)
  const region: (string | null)[] = []
  const eventMonth = new Uint8Array(count)
  for (let row = 0; row < count; row += 1) {
    const missing = source.chance(0.1)
    const z = source.normal()
    const east = source.chance(0.5)
    x[row] = missing ? Number.NaN : z
    noise[row] = source.normal()
    region.push(source.chance(0.01) ? null : east ? 'east' : 'west')
    const logit = -2 + (missing ? 1 : 1.2 * z) + (east ? 0.7 : 0)
    eventMonth[row] = source.chance(1 / (1 + Math.exp(-logit))) ? 1 : 0
  }
  const columns: FeatureColumns = {
    features: [numberFeature('x', true), numberFeature('noise'), numberFeature('same'), categoryFeature('region')],
    rows: count,
    columns: [
      { kind: 'number', values: x },
      { kind: 'number', values: noise },
      { kind: 'number', values: new Float64Array(count).fill(3) },
      Categories.of(region),
    ],
  }
  return { columns, observedMonths: new Uint8Array(count).fill(1), eventMonth }
}

/** With its columns in a store. */
function storing<Data extends { columns: FeatureColumns }>(
  data: Data,
): Omit<Data, 'columns'> & { columns: FeatureStore } {
  return { ...data, columns: stored(data.columns) }
}

function fitted(count = 20_000): { card: Scorecard; data: ReturnType<typeof rows> } {
  const data = rows(count, 1)
  const all = Int32Array.from({ length: count }, (_, row) => row)
  return { card: fitScorecard(storing(data), { horizonMonths: 1, train: all, calibration: all, seed: 1 }), data }
}

test('bins are monotone, missing has its own, and what tells nothing is left out', () => {
  const { card } = fitted()
  expect(card.features.map(({ name }) => name)).toEqual(['x', 'region'])
  const [x] = card.features
  if (x?.kind !== 'number') throw new Error('a number')
  const woe = x.bins.slice(0, x.edges.length + 1).map(bin => bin.woe)
  expect(woe.length).toBeGreaterThan(3)
  expect(woe).toEqual([...woe].sort((a, b) => b - a))
  const missing = x.bins.at(-1)!
  expect(missing.label).toBe('missing')
  expect(missing.rows).toBeGreaterThan(1500)
  expect(missing.eventRate).toBeGreaterThan(0.25) // σ(−2 + 1) and more in the east
  expect(scorecardSchema.parse(JSON.parse(JSON.stringify(card)))).toEqual(card)
})

test('weight of evidence and information value are the textbook’s, goods over events', () => {
  // Siddiqi's definition on two bins: 80 goods and 10 events, 20 goods and 30 events.
  const values = [...Array(90).fill(0), ...Array(50).fill(1)] as number[]
  const events = [...Array(80).fill(0), ...Array(10).fill(1), ...Array(20).fill(0), ...Array(30).fill(1)] as number[]
  const data = {
    columns: {
      features: [numberFeature('x')],
      rows: 140,
      columns: [{ kind: 'number' as const, values: Float64Array.from(values) }],
    },
    observedMonths: new Uint8Array(140).fill(1),
    eventMonth: Uint8Array.from(events),
  }
  const all = Int32Array.from({ length: 140 }, (_, row) => row)
  const card = fitScorecard(storing(data), { horizonMonths: 1, train: all, calibration: all, seed: 1 })
  expect(card.woeSign).toBe('goods-over-events')
  const [low, high] = card.features[0]!.bins
  expect(low!.woe).toBeCloseTo(Math.log(80 / 100 / (10 / 40)), 12)
  expect(high!.woe).toBeCloseTo(Math.log(20 / 100 / (30 / 40)), 12)
  expect(card.features[0]!.informationValue).toBeCloseTo(
    (0.8 - 0.25) * Math.log(0.8 / 0.25) + (0.2 - 0.75) * Math.log(0.2 / 0.75),
    12,
  )
  // One saturated predictor: the regression gives back the log-odds of each bin, here ln(10/80) and ln(30/20).
  const { logit, points } = applyScorecard(card, data.columns)
  expect(logit[0]).toBeCloseTo(Math.log(10 / 80), 3)
  expect(logit[139]).toBeCloseTo(Math.log(30 / 20), 3)
  // 600 points at 50 : 1, 20 more when the odds double: 8 : 1 is 600 − 20 · log2(50 / 8).
  expect(points[0]).toBeCloseTo(600 - 20 * Math.log2(50 / 8), 1)
})

test('points add up to the log-odds, and log-odds to the coefficients', () => {
  const { card, data } = fitted()
  const { points, logit } = applyScorecard(card, data.columns)
  const [x, region] = [card.features[0]!, card.features[1]!]
  const woeOf = (feature: typeof x, label: string): number => feature.bins.find(bin => bin.label === label)!.woe
  const place = data.columns.columns[0]!.values.findIndex(
    (value, row) => Number.isNaN(value) && data.columns.columns[3]!.values[row] === 'west',
  )
  const expected = card.intercept + x.coefficient * woeOf(x, 'missing') + region.coefficient * woeOf(region, 'west')
  expect(logit[place]).toBeCloseTo(expected, 10)
  expect(points[place]).toBeCloseTo(card.scale.offset - card.scale.factor * expected, 8)
})

test('special values get bins of their own, and an edge belongs to the bin above it', () => {
  const values = Float64Array.from({ length: 4000 }, (_, row) => (row % 4 === 0 ? -9 : row % 10))
  const source = random(3, 'specials')
  const outcomes = {
    events: Uint8Array.from(values, value => (source.chance(value === -9 ? 0.3 : 0.02 + 0.03 * value) ? 1 : 0)),
    goods: new Float64Array(4000),
  }
  outcomes.goods.forEach((_, row) => {
    outcomes.goods[row] = 1 - outcomes.events[row]!
  })
  const feature = numberFeature('x', true)
  const binning = coarseClasses(feature, { kind: 'number', values }, outcomes, [-9])
  if (binning.kind !== 'number') throw new Error('a number')
  expect(binning.specials).toEqual([-9])
  expect(Math.min(...binning.edges)).toBeGreaterThan(0)
  for (const edge of binning.edges) expect(Number.isInteger(edge)).toBe(true) // an edge is a value of the upper bin
})

test('a number that moves against its expected direction tells nothing', () => {
  const values = Float64Array.from({ length: 3000 }, (_, row) => row % 10)
  const source = random(4, 'against')
  const events = Uint8Array.from(values, value => (source.chance(0.5 - 0.04 * value) ? 1 : 0))
  const outcomes = { events, goods: Float64Array.from(events, event => 1 - event) }
  const against = coarseClasses(numberFeature('x', true), { kind: 'number', values }, outcomes)
  const along = coarseClasses(numberFeature('x', null), { kind: 'number', values }, outcomes)
  expect(against).toMatchObject({ edges: [] })
  expect(along.kind === 'number' && along.edges.length).toBeGreaterThan(2)
  expect(informationValue([{ rows: 10, events: 5, goods: 5 }])).toBe(0)
})

test('a row that was seen in part counts in part: censoring does not make the card see more risk', () => {
  const data = rows(20_000, 5)
  const halfSeen = { ...data, observedMonths: data.eventMonth.map(event => (event > 0 ? 1 : 2)) }
  const all = Int32Array.from({ length: 20_000 }, (_, row) => row)
  const options = { train: all, calibration: all, seed: 1 }
  const whole = fitScorecard(storing(halfSeen), { ...options, horizonMonths: 2 })
  const censored = fitScorecard(storing({ ...data, observedMonths: data.eventMonth.map(() => 1) }), {
    ...options,
    horizonMonths: 2,
  })
  // Half the goods' weight: the odds of the event double, ln 2 in the intercept.
  expect(censored.intercept - whole.intercept).toBeCloseTo(Math.log(2), 2)
})

test('PD rises with the horizon and meets the event rate', () => {
  const { card, data } = fitted()
  const { pd } = applyScorecard(card, data.columns)
  const mean = pd[0]!.reduce((sum, value) => sum + value, 0) / data.columns.rows
  const rate = data.eventMonth.reduce((sum, event) => sum + event, 0) / data.columns.rows
  expect(mean).toBeCloseTo(rate, 2)
})

test('logistic regression meets scikit-learn', () => {
  // scikit-learn 1.9.1: LogisticRegression(C=1000, tol=1e-10).fit(x, y), whose C is the inverse of the ridge.
  const x = [
    [0.5, 1.5, -0.3, 2.2, 1.1, -1.4, 0.2, 3.1, -0.7, 1.9],
    [1, 0, 1, 1, 0, 0, 1, 0, 1, 0],
  ]
  const y = [0, 1, 0, 1, 0, 0, 1, 1, 0, 1]
  const fit = logisticRegression(
    x,
    y,
    y.map(value => 1 - value),
  )
  expect(fit.intercept).toBeCloseTo(-5.35750031, 4)
  expect(fit.coefficients[0]).toBeCloseTo(4.24366253, 4)
  expect(fit.coefficients[1]).toBeCloseTo(3.72787383, 4)
})

test('the table names every bin with its points', () => {
  const { card } = fitted(5000)
  const table = scorecardTable(card)
  for (const { name } of card.features) expect(table).toContain(name)
  expect(table).toContain('missing')
  expect(table).toContain('east')
})
