import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { InputError } from '../../../data/index.ts'
import {
  areaUnderRoc,
  averagePrecision,
  brierScore,
  calibrationCurve,
  calibrationSlopeAndIntercept,
  captureAt,
  expectedCalibrationError,
  gini,
  kolmogorovSmirnov,
  logLoss,
  populationStabilityIndex,
  rank,
  rankStatistics,
  rocCurve,
} from '../../../models/index.ts'

const numbers = z.array(z.number())
const reference = z
  .object({
    scikitLearn: z.literal('1.2.1'),
    cases: z.array(
      z.object({
        pd: numbers,
        event: numbers,
        weight: numbers,
        innerPd: numbers,
        auc: z.number(),
        averagePrecision: z.number(),
        brier: z.number(),
        logLoss: z.number(),
        ks: z.number(),
        slope: z.number(),
        intercept: z.number(),
        weightedAuc: z.number(),
        weightedAveragePrecision: z.number(),
        weightedBrier: z.number(),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, 'sklearn-reference.json'), 'utf8')))

test.each(reference.cases.map((fixed, index) => [index + 1, fixed] as const))(
  'metrics equal scikit-learn 1.2.1 on fixed vectors, ties included (case %i)',
  (_, fixed) => {
    const pd = Float64Array.from(fixed.pd)
    const events = Uint8Array.from(fixed.event)
    expect(areaUnderRoc(pd, events)).toBeCloseTo(fixed.auc, 12)
    expect(gini(pd, events)).toBeCloseTo(2 * fixed.auc - 1, 12)
    expect(kolmogorovSmirnov(pd, events)).toBeCloseTo(fixed.ks, 12)
    expect(averagePrecision(pd, events)).toBeCloseTo(fixed.averagePrecision, 12)
    expect(brierScore(pd, events)).toBeCloseTo(fixed.brier, 12)
    expect(logLoss(pd, events)).toBeCloseTo(fixed.logLoss, 9)
    const line = calibrationSlopeAndIntercept(Float64Array.from(fixed.innerPd), events)
    expect(line.slope).toBeCloseTo(fixed.slope, 4)
    expect(line.intercept).toBeCloseTo(fixed.intercept, 4)
    const weighted = rankStatistics(rank(pd, events), fixed.weight)
    expect(weighted.auc).toBeCloseTo(fixed.weightedAuc, 12)
    expect(weighted.averagePrecision).toBeCloseTo(fixed.weightedAveragePrecision, 12)
    expect(brierScore(pd, events, fixed.weight)).toBeCloseTo(fixed.weightedBrier, 12)
  },
)

const pd = Float64Array.of(0.9, 0.8, 0.8, 0.4, 0.1)
const events = Uint8Array.of(1, 1, 0, 0, 0)

test('by hand: a tie between an event and a non-event counts half', () => {
  // Pairs: 0.9 beats all three; 0.8 ties with one (½) and beats two: (3 + 2.5) / (2 · 3).
  expect(areaUnderRoc(pd, events)).toBeCloseTo(5.5 / 6, 15)
})

test('by hand: the top two fifths capture one event and half of the tied one', () => {
  expect(captureAt(pd, events, 0.4)).toBeCloseTo((1 + 1 / 2) / 2, 15)
  expect(captureAt(pd, events, 1)).toBe(1)
})

test('the ROC curve runs from (0, 0) to (1, 1), one step per distinct score', () => {
  expect(rocCurve(pd, events).map(point => [point.falsePositiveRate, point.truePositiveRate])).toEqual([
    [0, 0],
    [0, 1 / 2],
    [1 / 3, 1],
    [2 / 3, 1],
    [1, 1],
  ])
})

test('by hand: expected calibration error over two bins of equal count', () => {
  const four = Float64Array.of(0.1, 0.2, 0.6, 0.8)
  const happened = Uint8Array.of(0, 1, 1, 1)
  // Bins: mean 0.15 against ½, mean 0.7 against 1.
  expect(expectedCalibrationError(four, happened, 2)).toBeCloseTo(0.5 * 0.35 + 0.5 * 0.3, 12)
  expect(calibrationCurve(four, happened, 2)).toEqual([
    { rows: 2, meanPd: 0.15000000000000002, eventRate: 0.5 },
    { rows: 2, meanPd: 0.7, eventRate: 1 },
  ])
})

test('by hand: PSI of (½, ½) against (¾, ¼) is ¼·ln(1.5) + (−¼)·ln(0.5)', () => {
  expect(populationStabilityIndex([0.5, 0.5], [0.75, 0.25])).toBeCloseTo(
    0.25 * Math.log(1.5) - 0.25 * Math.log(0.5),
    12,
  )
  expect(populationStabilityIndex([0.3, 0.7], [0.3, 0.7])).toBe(0)
})

test('toad _PSI (bins without a match are skipped: 0.022, “stable”): mass that vanishes and mass that appears count', () => {
  // 60 % vanish, 50 % are new; an empty bin counts as 0.0001.
  const byHand = 0.5999 * Math.log(6000) + 0.1 * Math.log(1.25) + 0.4999 * Math.log(5000)
  expect(populationStabilityIndex([0.6, 0.4, 0], [0, 0.5, 0.5])).toBeCloseTo(byHand, 12)
  expect(byHand).toBeGreaterThan(9)
})

test('one class, unequal lengths and NaN are refused', () => {
  expect(() => areaUnderRoc(pd, Uint8Array.of(0, 0, 0, 0, 0))).toThrow(InputError)
  expect(() => areaUnderRoc(pd, Uint8Array.of(1, 0))).toThrow('5 scores, 2 events')
  expect(() => areaUnderRoc(Float64Array.of(Number.NaN, 1), Uint8Array.of(1, 0))).toThrow('NaN')
  expect(() => brierScore(new Float64Array(), new Uint8Array())).toThrow(InputError)
})
