import type { SymbolicTensor, Tensor } from '@tensorflow/tfjs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { assembleNetwork, hazardLogits, loadEngine, networkParts } from '../../models/index.ts'
import { randomMember } from './explanation/random-member.ts'
import { naiveTreeLogits, randomTrees } from './explanation/random-trees.ts'
import { savedAndLoaded } from './saved-and-loaded.ts'

const { tf } = await loadEngine()
const size = { inputs: 5, trees: 7, depth: 3, horizon: 2 }

/** Rows at random, at a threshold, and at the next number of float32 above and below one. */
function rowsAround(thresholds: Float32Array, seed: number): number[][] {
  const next = (value: number, by: number): number => {
    const bits = new Int32Array(Float32Array.of(value).buffer)
    bits[0]! += value > 0 ? by : -by
    return new Float32Array(bits.buffer)[0]!
  }
  return Array.from({ length: 40 }, (_, row) =>
    Array.from({ length: size.inputs }, (_, input) => {
      const threshold = thresholds[(seed + 7 * row + input) % thresholds.length]!
      return [threshold, next(threshold, 1), next(threshold, -1), Math.sin(seed + row * 3 + input)][(row + input) % 4]!
    }),
  )
}

test('tables and standard layers answer alike, a hair above and below a threshold too', () => {
  fc.assert(
    fc.property(fc.nat(10_000), seed => {
      const trees = randomTrees(seed, size)
      const rows = rowsAround(trees.threshold, seed)
      const inputs = Float32Array.from(rows.flat())
      const network = assembleNetwork(tf, [trees])
      const layers = tf.tidy(() =>
        (network.predictOnBatch(tf.tensor2d(inputs, [rows.length, size.inputs])) as Tensor)
          .dataSync<'float32'>()
          .slice(),
      )
      const tables = hazardLogits(tf, network, inputs, rows.length)
      network.dispose()
      rows.forEach((row, at) => {
        naiveTreeLogits(trees, row).forEach((logit, month) => {
          expect(tables[at * size.horizon + month]).toBeCloseTo(logit, 5)
          expect(layers[at * size.horizon + month]).toBeCloseTo(logit, 5)
        })
      })
    }),
    { numRuns: 30 },
  )
})

test('trees beside perceptrons: the output is the mean over all members', () => {
  const members = [randomMember([5, 6, 4, 2], 1), randomTrees(2, size), randomTrees(3, { ...size, depth: 4, trees: 3 })]
  const network = assembleNetwork(tf, members)
  const inputs = Float32Array.from({ length: 5 * 20 }, (_, at) => Math.sin(at))
  const layers = tf.tidy(() =>
    (network.predictOnBatch(tf.tensor2d(inputs, [20, 5])) as Tensor).dataSync<'float32'>().slice(),
  )
  hazardLogits(tf, network, inputs, 20).forEach((logit, at) => {
    expect(logit).toBeCloseTo(layers[at]!, 5)
  })
  network.dispose()
})

test('a saved network gives its trees back as they were', async () => {
  const trees = randomTrees(5, size)
  const loaded = await savedAndLoaded(tf, assembleNetwork(tf, [randomMember([5, 4, 2], 1), trees]))
  expect(networkParts(tf, loaded).trees).toEqual([trees])
  loaded.dispose()
})

test('making and disposing of a network of trees leaves nothing in the engine’s memory', () => {
  const before = tf.memory().numTensors
  const network = assembleNetwork(tf, [randomTrees(6, size)])
  hazardLogits(tf, network, new Float32Array(5), 1)
  network.dispose()
  expect(tf.memory().numTensors).toBe(before)
})

test('a network with a layer that belongs to no member is refused, not answered for in part', () => {
  const member = assembleNetwork(tf, [randomMember([3, 2, 2], 1)])
  const other = tf.layers.dense({ units: 2, name: 'other' }).apply(member.inputs) as SymbolicTensor
  const output = tf.layers.average({ name: 'mean' }).apply([member.outputs[0]!, other]) as SymbolicTensor
  const network = tf.model({ inputs: member.inputs, outputs: output })
  expect(() => hazardLogits(tf, network, new Float32Array(3), 1)).toThrow('other')
  network.dispose()
})

test('a network that no member is in is refused', () => {
  const other = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] })
  expect(() => hazardLogits(tf, other, new Float32Array(3), 1)).toThrow('no member')
  other.dispose()
})
