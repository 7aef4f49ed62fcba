import { expect, test } from 'vitest'
import { random } from '../../data/index.ts'
import {
  assembleNetwork,
  catalogue,
  type Encoding,
  encodedWidth,
  hazardLogits,
  loadEngine,
  type NetworkMember,
  type SequenceLayout,
} from '../../models/index.ts'
import { fitEnsemble } from '../../training/fit-ensemble.ts'
import { fitMember, type MemberSettings } from '../../training/fit-member.ts'
import { fitSequenceLayout } from '../../training/fit-sequence-layout.ts'
import type { TrainingRows } from '../../training/hazard-loss.ts'
import { savedAndLoaded } from '../models/saved-and-loaded.ts'

/** Two months of one quantity, and one number cut into two pieces. */
const layout: SequenceLayout = {
  inputs: 3,
  steps: 2,
  quantities: 1,
  places: Int32Array.of(1, 0), // oldest first: input 1 is the month before, input 0 the latest
  source: Int32Array.of(2, 2),
  scale: Float32Array.of(1, 0.5),
  offset: Float32Array.of(1, 0),
}

const settings: MemberSettings = {
  shape: { kind: 'sequence', layout, units: 4, width: 6 },
  dropout: 0.1,
  learningRate: 1e-2,
  weightDecay: 0.01,
  batchRows: 128,
  epochsAtMost: 6,
  patience: 6,
}

/** Hazard σ(−1 + x₀ · [x₁ > 0] + 0.5 · x₂) in each of two months; a third censored after the first. */
function hazardRows(rows: number, seed: number): TrainingRows & { inputs: Float32Array } {
  const source = random(seed, 'sequence hazards')
  const data = {
    inputs: new Float32Array(3 * rows),
    width: 3,
    horizonMonths: 2,
    observedMonths: new Uint8Array(rows),
    eventMonth: new Uint8Array(rows),
  }
  for (let row = 0; row < rows; row += 1) {
    const x = [source.normal(), source.normal(), source.normal()] as const
    data.inputs.set(x, 3 * row)
    const hazard = trueHazard(x)
    const seen = source.chance(1 / 3) ? 1 : 2
    const event = source.chance(hazard) ? 1 : source.chance(hazard) ? 2 : 0
    data.eventMonth[row] = event <= seen ? event : 0
    data.observedMonths[row] = data.eventMonth[row]! > 0 ? data.eventMonth[row]! : seen
  }
  return data
}

function trueHazard([x0, x1, x2]: readonly [number, number, number]): number {
  return 1 / (1 + Math.exp(1 - x0 * (x1 > 0 ? 1 : 0) - 0.5 * x2))
}

const range = (from: number, to: number): Int32Array => Int32Array.from({ length: to - from }, (_, at) => from + at)

test('a sequence member learns what depends on the order of the months', async () => {
  const engine = await loadEngine()
  const data = hazardRows(9000, 1)
  const validation = range(8000, 9000)
  const { validationLogits } = fitMember(engine, data, range(0, 8000), validation, settings, 1)
  let error = 0
  validation.forEach((row, place) => {
    const x = [data.inputs[3 * row]!, data.inputs[3 * row + 1]!, data.inputs[3 * row + 2]!] as const
    error += Math.abs(1 / (1 + Math.exp(-validationLogits[2 * place]!)) - trueHazard(x)) / 1000
  })
  expect(error).toBeLessThan(0.06) // guessing the mean hazard for everyone errs by about 0.13
})

test('the saved network answers as the one that was trained, alone and in a blend, wherever it is loaded', async () => {
  const engine = await loadEngine()
  const { tf } = engine
  const alone = hazardRows(700, 2)
  const followUp = { followedMonths: alone.observedMonths, earlyDelinquency: Uint32Array.from(alone.eventMonth) }
  const data = { ...alone, followUp }
  const validation = range(500, 700)
  const short = { ...settings, epochsAtMost: 2 }
  const sequence = fitMember(engine, data, range(0, 500), validation, short, 3)
  const perceptron = fitMember(
    engine,
    data,
    range(0, 500),
    validation,
    { ...short, shape: { kind: 'perceptron', hidden: [5] } },
    3,
  )
  const inputs = data.inputs.subarray(3 * 500)
  const answers = async (members: NetworkMember[]): Promise<Float32Array> => {
    const loaded = await savedAndLoaded(tf, assembleNetwork(tf, members))
    for (const layer of loaded.layers) {
      expect(['InputLayer', 'Dense', 'GRU', 'Reshape', 'ReLU', 'Concatenate', 'Flatten', 'Average']).toContain(
        layer.getClassName(),
      )
    }
    const said = hazardLogits(tf, loaded, inputs, 200)
    loaded.dispose()
    return said
  }
  const single = await answers([sequence.member])
  const blend = await answers([perceptron.member, sequence.member])
  single.forEach((logit, at) => {
    expect(logit).toBeCloseTo(sequence.validationLogits[at]!, 4)
    expect(blend[at]).toBeCloseTo((sequence.validationLogits[at]! + perceptron.validationLogits[at]!) / 2, 4)
  })
})

test('same seed, same weights; another seed, others; worker threads change nothing', async () => {
  const engine = await loadEngine()
  const data = hazardRows(600, 4)
  const part = { rows: range(0, 500), validation: range(500, 600), settings: { ...settings, epochsAtMost: 2 }, seed: 0 }
  const trained = (seed: number) => fitMember(engine, data, part.rows, part.validation, part.settings, seed)
  const first = trained(7)
  expect(trained(7)).toEqual(first)
  expect(trained(8)).not.toEqual(first)
  const [threaded] = await fitEnsemble(data, [part], 7)
  expect(threaded).toEqual(first)
})

test('months are found by what features look at, oldest first; numbers are cut at their quantiles', () => {
  const names = ['utilisation_now', 'utilisation_1m_ago', 'utilisation_2m_ago', 'age']
  const features = names.map(name => catalogue.find(feature => feature.name === name)!)
  const encoding: Pick<Encoding, 'features'> = {
    features: names.map(name => ({
      kind: 'number',
      name,
      mean: 0,
      deviation: 1,
      knots: [0, 1],
      normals: [-1, 1],
      missing: name === 'utilisation_2m_ago',
    })),
  }
  const width = encoding.features.reduce((sum, feature) => sum + encodedWidth(feature), 0)
  const rows = 80
  const inputs = new Float32Array(rows * width)
  for (let row = 0; row < rows; row += 1) inputs[row * width + 8] = row // the rank-normal input of `age`
  const found = fitSequenceLayout(encoding, features, inputs)!
  expect(found).toMatchObject({ inputs: 9, steps: 6, quantities: 3 })
  // Three months are missing, then two months ago (inputs 4, 5, 6), one month ago (2, 3) and now (0, 1).
  expect([...found.places]).toEqual([-1, -1, -1, -1, -1, -1, -1, -1, -1, 4, 5, 6, 2, 3, -1, 0, 1, -1])
  const ofAge = [...found.source.keys()].filter(piece => found.source[piece] === 8)
  expect(ofAge).toHaveLength(8)
  for (const piece of ofAge) expect(found.scale[piece]).toBeCloseTo(1 / 10, 1)
  // The indicator is 0 or 1 already.
  const indicator = found.source.indexOf(6)
  expect([found.scale[indicator], found.offset[indicator]]).toEqual([1, 0])
})

test('without features that look back on single months there is no layout', () => {
  const features = [catalogue.find(({ name }) => name === 'age')!]
  const encoding = {
    features: [
      { kind: 'number' as const, name: 'age', mean: 0, deviation: 1, knots: [0], normals: [0], missing: false },
    ],
  }
  expect(fitSequenceLayout(encoding, features, new Float32Array(2))).toBeNull()
})
