/** The perceptron as something to train: dense layers with ReLU between them. */

import type { Tensor2D } from '@tensorflow/tfjs'
import type { Random } from '../data/index.ts'
import type { DenseLayer, TensorFlow } from '../models/index.ts'
import type { Parameter } from './adamw.ts'
import { hazardLogitsSeen, type TrainingRows } from './hazard-loss.ts'
import { dropoutMask, gather, parameter, type Trainable, uniformKernel } from './trainable.ts'

/** A perceptron's shape. */
export interface PerceptronShape {
  readonly kind: 'perceptron'
  /** Units of the hidden layers. */
  readonly hidden: readonly number[]
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
  { hidden }: PerceptronShape,
  dropout: number,
  source: Random,
): Trainable {
  const widths = [data.width, ...hidden, data.horizonMonths]
  const parameters = widths.slice(1).flatMap((outputs, index) => {
    const inputs = widths[index] as number
    const bias = index === widths.length - 2 ? hazardLogitsSeen(data, rows) : new Float32Array(outputs)
    return [
      parameter(tf, uniformKernel(inputs, outputs, source), [inputs, outputs], true),
      parameter(tf, bias, [outputs], false),
    ]
  })
  return {
    parameters,
    copies: 1,
    feed: (chosen, drop) => {
      const inputs = tf.tensor2d(gather(data, chosen), [chosen.length, data.width])
      const masks = hidden.map(units =>
        drop === null ? null : tf.tensor2d(dropoutMask(chosen.length * units, dropout, drop), [chosen.length, units]),
      )
      return () => {
        let above: Tensor2D = inputs
        for (let layer = 0; layer <= hidden.length; layer += 1) {
          above = denseLayer(tf, above, parameters, layer)
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

function denseLayer(tf: TensorFlow, below: Tensor2D, parameters: readonly Parameter[], layer: number): Tensor2D {
  const kernel = (parameters[2 * layer] as Parameter).variable
  const bias = (parameters[2 * layer + 1] as Parameter).variable
  return tf.add(tf.matMul(below, kernel as unknown as Tensor2D), bias)
}
