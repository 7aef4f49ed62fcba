/** AdamW in typed arrays: one upload per parameter and step instead of a dozen small operations on the backend. */

import { type Tensor, tensor, type Variable } from '@tensorflow/tfjs'

/** A trained tensor, and its values on this side of the backend. */
export interface Parameter {
  readonly variable: Variable
  /** The current values; written in place by the optimiser. */
  readonly values: Float32Array
  readonly shape: readonly number[]
  /** True for kernels, false for biases: those don't decay. */
  readonly decays: boolean
}

/**
 * Adam with decoupled weight decay.
 *
 * @see Loshchilov & Hutter (2019), Decoupled Weight Decay Regularization, algorithm 2
 */
export class AdamW {
  readonly #parameters: readonly Parameter[]
  readonly #weightDecay: number
  readonly #m: Float32Array[]
  readonly #v: Float32Array[]
  #t = 0

  constructor(parameters: readonly Parameter[], weightDecay: number) {
    this.#parameters = parameters
    this.#weightDecay = weightDecay
    this.#m = parameters.map(({ values }) => new Float32Array(values.length))
    this.#v = parameters.map(({ values }) => new Float32Array(values.length))
  }

  /** Moves every parameter against its gradient; `gradients` in the order of the parameters. */
  step(gradients: readonly Float32Array[], learningRate: number): void {
    const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8]
    this.#t += 1
    const first = 1 - beta1 ** this.#t
    const second = 1 - beta2 ** this.#t
    this.#parameters.forEach((parameter, index) => {
      const g = gradients[index] as Float32Array
      const m = this.#m[index] as Float32Array
      const v = this.#v[index] as Float32Array
      const { values } = parameter
      const shrink = 1 - (parameter.decays ? learningRate * this.#weightDecay : 0)
      for (let at = 0; at < values.length; at += 1) {
        const gradient = g[at] as number
        const mean = beta1 * (m[at] as number) + (1 - beta1) * gradient
        const square = beta2 * (v[at] as number) + (1 - beta2) * gradient * gradient
        m[at] = mean
        v[at] = square
        values[at] =
          (values[at] as number) * shrink - (learningRate * (mean / first)) / (Math.sqrt(square / second) + epsilon)
      }
      const moved: Tensor = tensor(values, [...parameter.shape])
      parameter.variable.assign(moved)
      moved.dispose()
    })
  }
}
