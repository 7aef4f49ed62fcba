import { expect, test } from 'vitest'
import { random } from '../../data/index.ts'
import {
  assembleNetwork,
  cumulativePd,
  encode,
  type FeatureColumns,
  hazardLogits,
  identityCalibration,
  inputWidth,
  loadEngine,
  type Member,
} from '../../models/index.ts'
import type { FeatureStore } from '../../training/feature-store.ts'
import { fitCalibration } from '../../training/fit-calibration.ts'
import { fitEncoding } from '../../training/fit-encoding.ts'
import { fitEnsemble } from '../../training/fit-ensemble.ts'
import { fitMember, type MemberSettings } from '../../training/fit-member.ts'
import type { TrainingRows } from '../../training/hazard-loss.ts'
import { normalQuantile } from '../../training/normal-quantile.ts'
import { featureNamed } from '../models/named-feature.ts'
import { stored } from './stored.ts'

test('normal quantiles equal Python’s statistics.NormalDist', () => {
  // NormalDist().inv_cdf of Python 3.11
  for (const [p, quantile] of [
    [1e-20, -9.262340089798405],
    [1e-5, -4.2648907939228256],
    [0.02, -2.0537489106318225],
    [0.3, -0.5244005127080407],
    [0.5, 0],
    [0.925, 1.439531470938456],
    [0.9999, 3.7190164854557084],
  ] as const) {
    expect(normalQuantile(p)).toBeCloseTo(quantile, 13)
  }
})

const storeOf = (values: number[]): FeatureStore => stored(columnsOf(values))

function columnsOf(values: number[]): FeatureColumns {
  return {
    features: [featureNamed('x', 'number')],
    rows: values.length,
    columns: [{ kind: 'number', values: Float64Array.from(values) }],
  }
}

test('the encoding is fitted on training rows alone: other rows can hold anything', () => {
  const train = Int32Array.of(0, 1, 2, 3)
  const fitted = fitEncoding(storeOf([1, 2, 2, 5, 1e9, Number.NaN]), train)
  expect(fitted).toEqual(fitEncoding(storeOf([1, 2, 2, 5, -7, 3]), train))
  expect(fitted.features[0]).toMatchObject({
    mean: 10 / 4,
    deviation: Math.sqrt((1.5 ** 2 + 2 * 0.5 ** 2 + 2.5 ** 2) / 4),
    knots: [1, 2, 5],
  })
  // Mid-ranks of 1, {2, 2}, 5 among four: ½/4, 2/4, 3½/4.
  const normals = [0.125, 0.5, 0.875].map(normalQuantile)
  expect(fitted.features[0]).toMatchObject({ normals })
})

test('constant features are left out, and none at all is refused', () => {
  expect(() => fitEncoding(storeOf([3, 3, 3]), Int32Array.of(0, 1, 2))).toThrow('at least one feature that varies')
})

test('many values get 400 knots whose scores rise', () => {
  const source = random(1, 'values')
  const values = Array.from({ length: 5000 }, () => source.normal() ** 3)
  const [feature] = fitEncoding(storeOf(values), Int32Array.from(values.keys())).features
  if (feature?.kind !== 'number') throw new Error('a number')
  expect(feature.knots).toHaveLength(400)
  expect(feature.normals.every((score, knot) => knot === 0 || score > feature.normals[knot - 1]!)).toBe(true)
})

test('calibration recovers the line that spoiled the hazards', () => {
  const source = random(2, 'calibration')
  const rows = 60_000
  const logits = new Float32Array(rows)
  const event = new Uint8Array(rows)
  for (let row = 0; row < rows; row += 1) {
    const z = -1.5 + source.normal()
    logits[row] = (z - 0.4) / 0.8 // what the network says: z = 0.4 + 0.8 · said
    event[row] = source.chance(1 / (1 + Math.exp(-z))) ? 1 : 0
  }
  const { slope, intercept } = fitCalibration(logits, new Uint8Array(rows).fill(1), event, 1)
  expect(slope[0]).toBeCloseTo(0.8, 1)
  expect(intercept[0]).toBeCloseTo(0.4, 1)
})

test('without events calibration stays near the prior', () => {
  const { slope } = fitCalibration(Float32Array.of(0.1, 0.2), Uint8Array.of(0, 0), Uint8Array.of(0, 0), 1)
  expect(slope[0]).toBe(1)
})

const settings: MemberSettings = {
  shape: { kind: 'perceptron', hidden: [16] },
  dropout: 0.1,
  learningRate: 5e-3,
  weightDecay: 0.01,
  batchRows: 128,
  epochsAtMost: 8,
  patience: 8,
}

/** Rows whose hazard in each of two months is σ(−2 + 1.5·x₀), a third of them censored after the first month. */
function hazardRows(rows: number, seed: number): TrainingRows & { inputs: Float32Array } {
  const source = random(seed, 'hazards')
  const data = {
    inputs: new Float32Array(2 * rows),
    width: 2,
    horizonMonths: 2,
    observedMonths: new Uint8Array(rows),
    eventMonth: new Uint8Array(rows),
  }
  for (let row = 0; row < rows; row += 1) {
    const [x0, x1] = [source.normal(), source.normal()]
    data.inputs.set([x0, x1], 2 * row)
    const hazard = 1 / (1 + Math.exp(2 - 1.5 * x0))
    const seen = source.chance(1 / 3) ? 1 : 2
    const event = source.chance(hazard) ? 1 : source.chance(hazard) ? 2 : 0
    data.eventMonth[row] = event <= seen ? event : 0
    data.observedMonths[row] = data.eventMonth[row]! > 0 ? data.eventMonth[row]! : seen
  }
  return data
}

test('a member learns censored hazards to their closed form', async () => {
  const engine = await loadEngine()
  const data = hazardRows(12_000, 1)
  const rows = Int32Array.from({ length: 10_000 }, (_, row) => row)
  const validation = Int32Array.from({ length: 2000 }, (_, row) => row + 10_000)
  const { validationLogits, curve } = fitMember(engine, data, rows, validation, settings, 1)
  const pd = cumulativePd({ slope: [1, 1], intercept: [0, 0] }, validationLogits, 2000)
  const error = [0, 0]
  validation.forEach((row, place) => {
    const hazard = 1 / (1 + Math.exp(2 - 1.5 * data.inputs[2 * row]!))
    error[0]! += Math.abs(pd[0]![place]! - hazard) / 2000
    error[1]! += Math.abs(pd[1]![place]! - (1 - (1 - hazard) ** 2)) / 2000
  })
  expect(error[0]).toBeLessThan(0.02)
  expect(error[1]).toBeLessThan(0.03)
  expect(curve.at(-1)!.validationLoss).toBeLessThan(curve[0]!.validationLoss)
})

test('a first layer that keeps groups of inputs apart: no unit sees two, and the member answers as it was trained', async () => {
  const engine = await loadEngine()
  const data = hazardRows(1500, 3)
  const rows = Int32Array.from({ length: 1000 }, (_, row) => row)
  const validation = Int32Array.from({ length: 500 }, (_, row) => row + 1000)
  const followUp = { followedMonths: data.observedMonths, earlyDelinquency: Uint32Array.from(data.eventMonth) }
  for (const hidden of [[7], [7, 5], [7, 5, 4]]) {
    const shape = { kind: 'perceptron', hidden, inputGroups: Uint8Array.of(1, 0) } as const
    const { member, validationLogits } = fitMember(
      engine,
      { ...data, followUp },
      rows,
      validation,
      { ...settings, shape },
      1,
    )
    if (!Array.isArray(member)) throw new Error('a perceptron was asked for')
    const [first] = member as Member
    const seen = Array.from({ length: 7 }, (_, unit) => [first!.kernel[unit] !== 0, first!.kernel[7 + unit] !== 0])
    expect(seen.map(([zero, one]) => Number(zero) + Number(one))).toEqual(Array(7).fill(1))
    expect(seen.filter(([zero]) => zero)).toHaveLength(3)
    const network = assembleNetwork(engine.tf, [member])
    hazardLogits(engine.tf, network, data.inputs.subarray(2000), 500).forEach((logit, at) => {
      expect(logit).toBeCloseTo(validationLogits[at]!, 4)
    })
    network.dispose()
  }
})

test('where inputs tell nothing, PD(h) is one less the Kaplan–Meier estimate of survival', async () => {
  const engine = await loadEngine()
  const data = hazardRows(12_000, 5)
  data.inputs.fill(0)
  const rows = Int32Array.from({ length: 11_000 }, (_, row) => row)
  const { validationLogits } = fitMember(engine, data, rows, Int32Array.of(11_000), settings, 1)
  const pd = cumulativePd(identityCalibration(2), validationLogits, 1)
  // Kaplan & Meier (1958): the product over months of 1 − events / accounts at risk, the censored leaving the risk set.
  let survival = 1
  for (const month of [1, 2]) {
    const atRisk = rows.filter(row => data.observedMonths[row]! >= month)
    survival *= 1 - atRisk.filter(row => data.eventMonth[row] === month).length / atRisk.length
    expect(pd[month - 1]![0]).toBeCloseTo(1 - survival, 2)
  }
})

test('same seed, same weights; another seed, others; worker threads change nothing', async () => {
  const engine = await loadEngine()
  const data = hazardRows(600, 2)
  const short = { ...settings, epochsAtMost: 2 }
  const part = {
    settings: short,
    seed: 0,
    rows: Int32Array.from({ length: 500 }, (_, row) => row),
    validation: Int32Array.from({ length: 100 }, (_, row) => row + 500),
  }
  const first = fitMember(engine, data, part.rows, part.validation, short, 7)
  expect(fitMember(engine, data, part.rows, part.validation, short, 7)).toEqual(first)
  expect(fitMember(engine, data, part.rows, part.validation, short, 8)).not.toEqual(first)
  const [threaded, other] = await fitEnsemble(data, [part, { ...part, seed: 1000 }], 7)
  expect(threaded).toEqual(first)
  expect(other).not.toEqual(first)
})

test('encoded width and inputs agree with the rows', () => {
  const columns = columnsOf([1, 2, 3])
  const fitted = fitEncoding(stored(columns), Int32Array.of(0, 1, 2))
  expect(encode(fitted, columns)).toHaveLength(3 * inputWidth(fitted))
})
