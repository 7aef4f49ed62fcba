/**
 * Contributions of the inputs of any network, by integrated gradients along the line from the baseline to the row.
 *
 * Dearer than the rescale rule, once forward and back per node of the quadrature, but it needs nothing of a network
 * except that the engine can differentiate it.
 *
 * @see Sundararajan, Taly & Yan (2017), Axiomatic Attribution for Deep Networks
 */

import type { LayersModel, Tensor, Tensor2D } from '@tensorflow/tfjs'
import type { TensorFlow } from '../engine.ts'
import { tidyNumbers } from '../tidy-numbers.ts'
import type { Attribution } from './attribution.ts'
import { gaussLegendre } from './log-odds.ts'

const quadrature = gaussLegendre(6)

/** Rows per pass, so that a recurrent network's steps fit in memory. */
const rowsPerPass = 512

/**
 * Prepares integrated gradients.
 *
 * @param network - Inputs `[batch, input]` → hazard logits `[batch, H]`.
 * @param baseline - Shape `[input]`.
 */
export function integratedGradients(tf: TensorFlow, network: LayersModel, baseline: ArrayLike<number>): Attribution {
  const width = baseline.length
  const from = tf.tensor2d(Float32Array.from(baseline), [1, width])

  const pass = (inputs: Float32Array, weights: Float32Array, rows: number): Float32Array =>
    tidyNumbers(tf, () => {
      const distance = tf.sub<Tensor2D>(tf.tensor2d(inputs, [rows, width]), from)
      const weight = tf.tensor2d(weights, [rows, weights.length / rows])
      const gradient = tf.grad((x: Tensor) => tf.sum(tf.mul(network.apply(x) as Tensor, weight)))
      const mean = quadrature
        .map(({ at, weight: share }) => tf.mul(gradient(tf.add(from, tf.mul(distance, at))), share))
        .reduce((sum, part) => tf.add(sum, part))
      return tf.mul(mean, distance).dataSync<'float32'>().slice()
    })

  return {
    attribute: (inputs, weights, rows) => {
      const contributions = new Float32Array(rows * width)
      const horizon = weights.length / rows
      for (let first = 0; first < rows; first += rowsPerPass) {
        const end = Math.min(rows, first + rowsPerPass)
        const part = inputs.subarray(first * width, end * width)
        contributions.set(pass(part, weights.subarray(first * horizon, end * horizon), end - first), first * width)
      }
      return contributions
    },
    dispose: () => from.dispose(),
  }
}
