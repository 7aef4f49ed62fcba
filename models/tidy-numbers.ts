/** Numbers out of tensors that are freed. */

import type { TensorFlow } from './engine.ts'

/**
 * Computes numbers, and frees the tensors made on the way.
 *
 * `tf.tidy` looks for tensors in whatever its function returns, number by number: for a large array that takes several
 * times as long as computing it.
 */
export function tidyNumbers(tf: TensorFlow, compute: () => Float32Array): Float32Array {
  let numbers = new Float32Array()
  tf.tidy(() => {
    numbers = compute() as Float32Array<ArrayBuffer>
  })
  return numbers
}
