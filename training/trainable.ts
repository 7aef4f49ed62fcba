/** What the trainer asks of a network's architecture, and the small tools that architectures share. */

import type { Tensor2D } from '@tensorflow/tfjs'
import type { Random } from '../data/index.ts'
import type { NetworkMember, TensorFlow } from '../models/index.ts'
import type { Parameter } from './adamw.ts'

/** A network with its parameters on the engine. */
export interface Trainable {
  readonly parameters: readonly Parameter[]
  /**
   * Puts rows on the engine. Call in `tf.tidy`.
   *
   * @param dropout - Draws what is dropped; null drops nothing.
   * @returns Computes logits, shape `[row, output]`, from the parameters as they are then.
   */
  feed(chosen: Int32Array, dropout: Random | null): () => Tensor2D
  /** The member that values of the parameters make. */
  member(values: readonly Float32Array[]): NetworkMember
}

/** Puts a parameter on the engine. */
export function parameter(tf: TensorFlow, values: Float32Array, shape: number[], decays: boolean): Parameter {
  const initial = tf.tensor(values, shape)
  const variable = tf.variable(initial)
  initial.dispose()
  return { variable, values, shape, decays }
}

/**
 * Uniform in ±1/√inputs (LeCun), shape `[inputs, outputs]`.
 *
 * @param ofLayer - Inputs of the whole layer, where this is a part of its kernel.
 */
export function uniformKernel(inputs: number, outputs: number, source: Random, ofLayer = inputs): Float32Array {
  const bound = 1 / Math.sqrt(ofLayer)
  return Float32Array.from({ length: inputs * outputs }, () => bound * (2 * source.uniform() - 1))
}

/** Zeros with probability `dropout`, else 1 / (1 − dropout), so that the mean stays. */
export function dropoutMask(length: number, dropout: number, source: Random): Float32Array {
  const kept = 1 / (1 - dropout)
  const mask = new Float32Array(length)
  for (let index = 0; index < length; index += 1) mask[index] = source.uniform() < dropout ? 0 : kept
  return mask
}
