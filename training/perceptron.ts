/** The perceptron as something to train: dense layers with ReLU between them. */

import type { Tensor2D } from '@tensorflow/tfjs'
import type { Random } from '../data/index.ts'
import type { DenseLayer, TensorFlow } from '../models/index.ts'
import type { Parameter } from './adamw.ts'
import type { TrainingRows } from './hazard-loss.ts'
import { hazardsAmong, logitsSeen, outputsOf } from './tasks.ts'
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

/** The units of the first hidden layer that see one group of inputs. */
interface Block {
  /** Inputs of the group, ascending. */
  readonly inputs: Int32Array
  readonly units: number
  readonly kernel: Parameter
  readonly bias: Parameter
  /** From these units to the second layer. */
  readonly above: Parameter
}

/**
 * Makes a perceptron: uniform kernels, zero biases, but output biases at what was seen in `rows`.
 *
 * Units that see different groups are computed apart, and added up in the layer above: that takes a fraction of the
 * products of a first layer with zeros in it.
 *
 * @param dropout - Share of hidden units dropped per row while learning, in [0, 1).
 * @throws Error if there is no hidden layer.
 */
export function createPerceptron(
  tf: TensorFlow,
  data: TrainingRows,
  rows: Int32Array,
  { hidden, inputGroups }: PerceptronShape,
  dropout: number,
  source: Random,
): Trainable {
  const [firstUnits, ...otherUnits] = hidden
  if (firstUnits === undefined) throw new Error('a perceptron has a hidden layer')
  const outputs = [...otherUnits, outputsOf(data)]
  const blocks = divide(data.width, firstUnits, inputGroups).map(({ inputs, units }): Block => {
    const kernel = uniformKernel(inputs.length, units, source, data.width)
    return {
      inputs,
      units,
      kernel: parameter(tf, kernel, [inputs.length, units], true),
      bias: parameter(tf, new Float32Array(units), [units], false),
      above: parameter(
        tf,
        uniformKernel(units, outputs[0] as number, source, firstUnits),
        [units, outputs[0] as number],
        true,
      ),
    }
  })
  const biases = outputs.map((units, index) =>
    parameter(tf, index === outputs.length - 1 ? logitsSeen(data, rows) : new Float32Array(units), [units], false),
  )
  const kernels = outputs.slice(1).map((units, index) => {
    const below = outputs[index] as number
    return parameter(tf, uniformKernel(below, units, source), [below, units], true)
  })
  const parameters = [...blocks.flatMap(({ kernel, bias, above }) => [kernel, bias, above]), ...kernels, ...biases]

  return {
    parameters,
    feed: (chosen, drop) => {
      const count = chosen.length
      const inputs = gather(data, chosen)
      const mask = (units: number): Tensor2D | null =>
        drop === null ? null : tf.tensor2d(dropoutMask(count * units, dropout, drop), [count, units])
      const fed = blocks.map(block => ({
        ...block,
        tensor: tf.tensor2d(pick(inputs, data.width, block.inputs), [count, block.inputs.length]),
        mask: mask(block.units),
      }))
      const masks = otherUnits.map(mask)
      const kept = (active: Tensor2D, dropped: Tensor2D | null): Tensor2D =>
        dropped === null ? active : tf.mul(active, dropped)
      return () => {
        const parts = fed.map(({ tensor, kernel, bias, above, mask: dropped }) =>
          tf.matMul<Tensor2D>(kept(activeLayer(tf, tensor, kernel, bias), dropped), matrix(above)),
        )
        const sums = tf.add<Tensor2D>(
          parts.reduce((sum, part) => tf.add<Tensor2D>(sum, part)),
          (biases[0] as Parameter).variable,
        )
        return kernels.reduce((below, kernel, index) => {
          const active = kept(tf.relu(below), masks[index] ?? null)
          return tf.add<Tensor2D>(tf.matMul(active, matrix(kernel)), (biases[index + 1] as Parameter).variable)
        }, sums)
      }
    },
    member: values => {
      const of = (one: Parameter): Float32Array => values[parameters.indexOf(one)] as Float32Array
      const second = concatenated(blocks.map(({ above }) => of(above)))
      const layers = outputs.map((units, index): DenseLayer => {
        const kernel = index === 0 ? second : of(kernels[index - 1] as Parameter)
        return { inputs: kernel.length / units, outputs: units, kernel, bias: of(biases[index] as Parameter) }
      })
      const last = layers.pop() as DenseLayer
      return [
        firstLayer(data.width, firstUnits, blocks, of),
        ...layers,
        {
          ...last,
          outputs: data.horizonMonths,
          kernel: hazardsAmong(data, last.kernel),
          bias: hazardsAmong(data, last.bias),
        },
      ]
    },
  }
}

/** Deals out units to groups of inputs, as many to each as can be. */
function divide(
  width: number,
  units: number,
  inputGroups: Uint8Array | undefined,
): { readonly inputs: Int32Array; readonly units: number }[] {
  const all = Int32Array.from({ length: width }, (_, input) => input)
  if (inputGroups === undefined) return [{ inputs: all, units }]
  const groups = 1 + Math.max(...inputGroups)
  return Array.from({ length: groups }, (_, group) => ({
    inputs: all.filter(input => inputGroups[input] === group),
    units: Math.floor(units / groups) + (group < units % groups ? 1 : 0),
  })).filter(block => block.units > 0 && block.inputs.length > 0)
}

/** ReLU of a dense layer. */
function activeLayer(tf: TensorFlow, below: Tensor2D, kernel: Parameter, bias: Parameter): Tensor2D {
  return tf.fused.matMul({ a: below, b: matrix(kernel), bias: bias.variable, activation: 'relu' }) as Tensor2D // of two matrices
}

function matrix({ variable }: Parameter): Tensor2D {
  return variable as unknown as Tensor2D
}

/** Some of the inputs of rows, shape `[row, chosen input]`. */
function pick(inputs: Float32Array, width: number, chosen: Int32Array): Float32Array {
  if (chosen.length === width) return inputs
  const rows = inputs.length / width
  const picked = new Float32Array(rows * chosen.length)
  for (let row = 0, at = 0; row < rows; row += 1) {
    for (let place = 0; place < chosen.length; place += 1, at += 1) {
      picked[at] = inputs[row * width + (chosen[place] as number)] as number
    }
  }
  return picked
}

/** The blocks beside each other as one dense layer: 0 where a unit doesn't see an input. */
function firstLayer(
  width: number,
  units: number,
  blocks: readonly Block[],
  valuesOf: (one: Parameter) => Float32Array,
): DenseLayer {
  const kernel = new Float32Array(width * units)
  let first = 0
  for (const block of blocks) {
    valuesOf(block.kernel).forEach((value, at) => {
      const input = block.inputs[Math.floor(at / block.units)] as number
      kernel[input * units + first + (at % block.units)] = value
    })
    first += block.units
  }
  return { inputs: width, outputs: units, kernel, bias: concatenated(blocks.map(({ bias }) => valuesOf(bias))) }
}

function concatenated(parts: readonly Float32Array[]): Float32Array {
  return Float32Array.from(parts.flatMap(part => [...part]))
}
