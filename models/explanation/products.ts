/** Matrix products of typed arrays on the engine, whose right side stays in the engine's memory. */

import type { Tensor2D } from '@tensorflow/tfjs'
import type { TensorFlow } from '../engine.ts'
import type { Matrix } from '../matrix.ts'
import { tidyNumbers } from '../tidy-numbers.ts'

/** A right-hand side that the engine holds. */
export interface Kept {
  /** `left` · matrix; `left` is row-major of shape `[rows, matrix.rows]`. */
  times(left: Float32Array, rows: number): Float32Array
  dispose(): void
}

/** Puts a matrix into the engine's memory. */
export function keep(tf: TensorFlow, { rows: inner, columns, values }: Matrix): Kept {
  const right = tf.tensor2d(values, [inner, columns])
  return {
    times: (left, rows) =>
      tidyNumbers(tf, () => tf.matMul<Tensor2D>(tf.tensor2d(left, [rows, inner]), right).dataSync<'float32'>()),
    dispose: () => right.dispose(),
  }
}
