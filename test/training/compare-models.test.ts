import { afterAll, beforeAll, expect, test } from 'vitest'
import { random } from '../../data/index.ts'
import { openRegistry } from '../../models/index.ts'
import { compareModels, recommend } from '../../training/compare-models.ts'
import { trainModel } from '../../training/index.ts'
import { comparePaired, type PairedComparison } from '../../training/paired-bootstrap.ts'
import { comparisonTable, renderComparison } from '../../training/report/index.ts'
import { makeSmallModel, type SmallModel } from '../e2e/small-model.ts'

/** Rows of which a good score knows the log-odds, a noisy one only half. */
function scores(rows: number) {
  const source = random(4, 'scores')
  const known = Float64Array.from({ length: rows }, () => source.normal() - 1)
  const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z))
  return {
    test: {
      rows,
      borrowerIndex: Int32Array.from({ length: rows }, (_, row) => row >> 1),
      observedMonths: new Uint8Array(rows).fill(1),
      contractMonths: new Uint8Array(rows).fill(1),
      eventMonth: Uint8Array.from(known, z => (source.chance(sigmoid(2 * z)) ? 1 : 0)),
    },
    good: Float64Array.from(known, z => sigmoid(2 * z)),
    noisy: Float64Array.from(known, z => sigmoid(z + source.normal())),
  }
}

test('equal scores differ by nothing, with an interval of no width', () => {
  const { test: rows, good } = scores(400)
  const { figures } = comparePaired(rows, good, good, 1, 1)!
  for (const { difference, interval } of Object.values(figures)) {
    expect(difference).toBe(0)
    expect(interval).toEqual([0, 0])
  }
})

test('a score that knows more is better at every figure beyond chance, and the other way round it is worse', () => {
  const { test: rows, good, noisy } = scores(3000)
  const there = comparePaired(rows, noisy, good, 1, 1)!
  const back = comparePaired(rows, good, noisy, 1, 1)!
  expect(there.figures.auc.interval[0]).toBeGreaterThan(0)
  expect(there.figures.logLoss.interval[1]).toBeLessThan(0)
  expect(back.figures.auc.difference).toBeCloseTo(-there.figures.auc.difference, 12)
  expect(recommend({ 1: there })).toMatchObject({ use: 'b', isDecided: true })
  expect(recommend({ 1: back })).toMatchObject({ use: 'a', isDecided: true })
})

/** A comparison whose AUC and log-loss differ by the intervals given. */
function differing(auc: [number, number], logLoss: [number, number]): PairedComparison {
  const { test: rows, good } = scores(100)
  const same = comparePaired(rows, good, good, 1, 1)!
  return {
    ...same,
    figures: {
      ...same.figures,
      auc: { ...same.figures.auc, interval: auc },
      logLoss: { ...same.figures.logLoss, interval: logLoss },
    },
  }
}

test('the version in use stays unless the other is better somewhere and worse nowhere', () => {
  const none = differing([-0.01, 0.01], [-0.01, 0.01])
  const better = differing([0.001, 0.01], [-0.01, 0.01])
  const worse = differing([-0.01, 0.01], [0.001, 0.01])
  expect(recommend({ 1: none })).toMatchObject({ use: 'a', isDecided: false })
  expect(recommend({ 1: none, 2: better })).toMatchObject({ use: 'b', isDecided: true })
  expect(recommend({ 1: better, 2: worse })).toMatchObject({ use: 'a', isDecided: true })
  expect(recommend({ 1: better, 2: worse }).because).toBe('better: AUC at 1 month; but worse: log-loss at 2 months')
})

let small: SmallModel
beforeAll(async () => {
  small = await makeSmallModel()
}, 300_000)
afterAll(() => small.remove())

test('two saved versions are judged on test rows of both; a model of another event is refused', {
  timeout: 300_000,
}, async () => {
  const folder = (reference: string): string => openRegistry(small.registry).resolve(reference).folder
  const common = { dataset: small.portfolio, registry: small.registry, name: 'other', members: 1, command: 'test' }
  await trainModel({ ...common, seed: 2 })
  const both = { a: folder('small/1'), b: folder('other/1') }
  const comparison = await compareModels(both, small.portfolio, 1)
  // Held-out borrowers are drawn by the seed, so each model alone has more test rows than they have in common.
  expect(comparison.rows).toBeLessThan(small.result.model.manifest.data.parts.test.rows)
  expect(comparison.rows).toBeGreaterThan(0)
  expect(comparison.caveats).toEqual([])
  expect(Object.keys(comparison.horizons).length).toBeGreaterThan(2)

  const itself = await compareModels({ a: both.a, b: both.a }, small.portfolio, 1)
  expect(itself.rows).toBe(small.result.model.manifest.data.parts.test.rows)
  expect(itself.recommendation).toMatchObject({ use: 'a', isDecided: false })
  expect(itself.horizons['3']?.figures.auc.a).toBeCloseTo(small.result.evaluation.test['3']!.auc!, 6)
  expect(comparisonTable(itself)).toContain('keep small/1')
  const page = renderComparison(comparison)
  expect(page).toContain('Recommended:')
  expect(page).not.toMatch(/<script|https?:\/\//)

  await trainModel({ ...common, seed: 1, label: { horizonMonths: 2 } })
  await expect(compareModels({ a: both.a, b: folder('other/2') }, small.portfolio, 1)).rejects.toThrow(
    'PDs of different events can’t be compared',
  )
})
