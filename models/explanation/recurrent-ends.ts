/**
 * What a recurrent layer ends in, by the engine's operations: a layer of TensorFlow.js does the same at several times the
 * cost, most of it spent between the operations.
 */

import type { Rank, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import type { TensorFlow } from '../engine.ts'
import { hyperbolicTangent } from '../hyperbolic-tangent.ts'
import { tidyNumbers } from '../tidy-numbers.ts'

/** Ends of a gated recurrent unit. */
export interface RecurrentEnds {
  /**
   * @param months - Shape `[step, row, quantity]`, oldest first.
   * @returns The last state, shape `[row, unit]`.
   */
  of(months: Float32Array, steps: number): Float32Array
  /** Frees the engine's memory. */
  dispose(): void
}

/**
 * Prepares the layer: z = σ(xW + hU + b), r likewise, h̃ = tanh(xW + (r ∘ h)U + b), h ← z ∘ h + (1 − z) ∘ h̃, from h = 0.
 *
 * @param weights - Kernel `[quantity, 3 · unit]`, recurrent kernel `[unit, 3 · unit]` and bias `[3 · unit]`, gates in the
 *   order z, r, h̃.
 * @see Cho et al. (2014), Learning Phrase Representations using RNN Encoder–Decoder
 */
export function recurrentEnds(tf: TensorFlow, weights: readonly Tensor[]): RecurrentEnds {
  const [kernel, recurrent, bias] = weights as [Tensor2D, Tensor2D, Tensor1D]
  const [quantities, units] = [kernel.shape[0], recurrent.shape[0]]
  /** Columns of the gates z and r, and those of the candidate. */
  const parts = [
    { from: 0, columns: 2 * units },
    { from: 2 * units, columns: units },
  ].map(({ from, columns }) => ({
    kernel: tf.slice(kernel, [0, from], [quantities, columns]),
    recurrent: tf.slice(recurrent, [0, from], [units, columns]),
    bias: tf.slice(bias, [from], [columns]),
  }))
  const [gates, candidate] = parts as [(typeof parts)[number], (typeof parts)[number]]
  return {
    of: (months, steps) =>
      tidyNumbers(tf, () => {
        const rows = months.length / steps / quantities
        const given = tf.tensor2d(months, [steps * rows, quantities])
        const sums = ({ kernel: b, bias: own }: typeof gates): Tensor2D =>
          tf.fused.matMul({ a: given, b, bias: own }) as Tensor2D // of two matrices
        const [ofGates, ofCandidate] = [sums(gates), sums(candidate)]
        const at = (all: Tensor2D, step: number): Tensor2D => tf.slice(all, [step * rows, 0], [rows, -1])
        let state = tf.zeros<Rank.R2>([rows, units])
        for (let step = 0; step < steps; step += 1) {
          const open = tf.sigmoid(tf.add(at(ofGates, step), tf.matMul(state, gates.recurrent)))
          const update = tf.slice(open, [0, 0], [rows, units])
          const reset = tf.slice(open, [0, units], [rows, units])
          const next = hyperbolicTangent(
            tf,
            tf.add(at(ofCandidate, step), tf.matMul(tf.mul(reset, state), candidate.recurrent)),
          )
          state = tf.add(next, tf.mul(update, tf.sub(state, next)))
        }
        return state.dataSync<'float32'>()
      }),
    dispose: () => {
      for (const part of parts) tf.dispose(part)
    },
  }
}
