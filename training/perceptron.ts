/** The perceptron as something to train: dense layers with ReLU between them. */

import type { Tensor2D } from '@tensorflow/tfjs'
import type { Random } from '../data/index.ts'
import type { DenseLayer, TensorFlow } from '../models/index.ts'
import type { Parameter } from './adamw.ts'
import { hazardLogitsSeen, type TrainingRows } from './hazard-loss.ts'
import { dropoutMask, parameter, type Trainable, uniformKernel } from './trainable.ts'
import { gather } from './training-inputs.ts'

/** A perceptron's shape. */
export interface PerceptronShape {
  readonly kind: 'perceptron'
  /** Units of the hidden layers. */
  readonly hidden: readonly number[]
  /**
   * Group of each input, 0 … n − 1, such as its feature's family: every unit of the first hidden layer then sees one
   * group alone, and groups meet from the second layer on. Exact contributions of groups become cheap that way. Left
   * out, every unit sees all inputs.
   */
  readonly inputGroups?: Uint8Array
}

/**
 * Makes a perceptron: uniform kernels, zero biases, but output biases at the hazards seen in `rows`.
 *
 * @param dropout - Share of hidden units dropped per row while learning, in [0, 1).
 */
export function createPerceptron(
  tf: TensorFlow,
  data: TrainingRows,
  rows: Int32Array,
  { hidden, inputGroups }: PerceptronShape,
  dropout: number,
  source: Random,
): Trainable {
  const widths = [data.width, ...hidden, data.horizonMonths]
  const seen = inputGroups === undefined || hidden.length === 0 ? null : groupMask(inputGroups, hidden[0] as number)
  const parameters = widths.slice(1).flatMap((outputs, index) => {
    const inputs = widths[index] as number
    const kernel = uniformKernel(inputs, outputs, source)
    if (index === 0 && seen !== null) for (const [at, isSeen] of seen.entries()) if (isSeen === 0) kernel[at] = 0
    const bias = index === widths.length - 2 ? hazardLogitsSeen(data, rows) : new Float32Array(outputs)
    return [parameter(tf, kernel, [inputs, outputs], true), parameter(tf, bias, [outputs], false)]
  })
  return {
    parameters,
    copies: 1,
    feed: (chosen, drop) => {
      const inputs = tf.tensor2d(gather(data, chosen), [chosen.length, data.width])
      const masks = hidden.map(units =>
        drop === null ? null : tf.tensor2d(dropoutMask(chosen.length * units, dropout, drop), [chosen.length, units]),
      )
      const firstMask = seen === null ? null : tf.tensor2d(seen, [data.width, hidden[0] as number])
      return () => {
        let above: Tensor2D = inputs
        for (let layer = 0; layer <= hidden.length; layer += 1) {
          above = denseLayer(tf, above, parameters, layer, layer === 0 ? firstMask : null)
          if (layer === hidden.length) break
          above = tf.relu(above)
          const mask = masks[layer]
          if (mask) above = tf.mul(above, mask)
        }
        return above
      }
    },
    member: values =>
      Array.from({ length: parameters.length / 2 }, (_, layer): DenseLayer => {
        const [inputs, outputs] = (parameters[2 * layer] as Parameter).shape as [number, number]
        return {
          inputs,
          outputs,
          kernel: values[2 * layer] as Float32Array,
          bias: values[2 * layer + 1] as Float32Array,
        }
      }),
  }
}

/** @param mask - Keeps the kernel, and so its gradient, at 0 where it is 0. */
function denseLayer(
  tf: TensorFlow,
  below: Tensor2D,
  parameters: readonly Parameter[],
  layer: number,
  mask: Tensor2D | null,
): Tensor2D {
  const kernel = (parameters[2 * layer] as Parameter).variable as unknown as Tensor2D
  const bias = (parameters[2 * layer + 1] as Parameter).variable
  return tf.add(tf.matMul(below, mask === null ? kernel : tf.mul<Tensor2D>(kernel, mask)), bias)
}

/**
 * 1 where a first-layer unit may see an input of its group, else 0; units are dealt out to the groups in turn.
 *
 * @returns Row-major, shape `[input, unit]`.
 */
function groupMask(inputGroups: Uint8Array, units: number): Float32Array {
  const groups = 1 + Math.max(...inputGroups)
  return Float32Array.from({ length: inputGroups.length * units }, (_, at) =>
    (at % units) % groups === inputGroups[Math.floor(at / units)] ? 1 : 0,
  )
}
