/** The sequence member as something to train; `models/sequence-network.ts` says what it consists of. */

import type { Tensor2D, Variable } from '@tensorflow/tfjs'
import type { Random } from '../data/index.ts'
import { beside, hyperbolicTangent, type SequenceLayout, type TensorFlow } from '../models/index.ts'
import type { Parameter } from './adamw.ts'
import type { TrainingRows } from './hazard-loss.ts'
import { hazardsAmong, logitsSeen, outputsOf } from './tasks.ts'
import { dropoutMask, parameter, type Trainable, uniformKernel } from './trainable.ts'
import { gather } from './training-inputs.ts'

/** A sequence member's shape. */
export interface SequenceShape {
  readonly kind: 'sequence'
  readonly layout: SequenceLayout
  /** Units of the recurrent layer. */
  readonly units: number
  /** Units of the layer above. */
  readonly width: number
}

/** Gates of the recurrent layer, in TensorFlow.js's order: update, reset, candidate. */
const gates = 3

/**
 * Makes a sequence member. Each gate has a kernel of its own while it learns: that saves cutting tensors up.
 *
 * @param dropout - Share of the state's and of the hidden layer's units dropped per row while learning, in [0, 1).
 */
export function createSequence(
  tf: TensorFlow,
  data: TrainingRows,
  rows: Int32Array,
  shape: SequenceShape,
  dropout: number,
  source: Random,
): Trainable {
  const { layout, units, width } = shape
  const { steps, quantities } = layout
  const pieces = layout.source.length
  const outputs = outputsOf(data)
  const kernels = (inputs: number) =>
    Array.from({ length: gates }, () => parameter(tf, uniformKernel(inputs, units, source), [inputs, units], true))
  const [months, states] = [kernels(quantities), kernels(units)]
  const biases = Array.from({ length: gates }, () => parameter(tf, new Float32Array(units), [units], false))
  const [hidden, stateHidden] = [pieces, units].map(inputs =>
    parameter(tf, uniformKernel(inputs, width, source, pieces + units), [inputs, width], true),
  ) as [Parameter, Parameter]
  const hiddenBias = parameter(tf, new Float32Array(width), [width], false)
  const head = parameter(tf, uniformKernel(width, outputs, source), [width, outputs], true)
  const headBias = parameter(tf, logitsSeen(data, rows), [outputs], false)
  const parameters = [...months, ...states, ...biases, hidden, stateHidden, hiddenBias, head, headBias]
  const v = (p: Parameter) => p.variable as Variable & Tensor2D
  const variableOf = (list: readonly Parameter[], gate: number) => v(list[gate] as Parameter)

  return {
    parameters,
    feed: (chosen, drop) => {
      const count = chosen.length
      const inputs = gather(data, chosen)
      const at = monthsOf(inputs, layout).map(values => tf.tensor2d(values, [count, quantities]))
      const cuts = tf.tensor2d(cutIntoPieces(inputs, layout), [count, pieces])
      const mask = (size: number): Tensor2D | null =>
        drop === null ? null : tf.tensor2d(dropoutMask(count * size, dropout, drop), [count, size])
      const [stateMask, hiddenMask] = [mask(units), mask(width)]
      return () => {
        let state: Tensor2D | undefined
        for (let step = 0; step < steps; step += 1) {
          const seenNow = at[step] as Tensor2D
          const sums = [0, 1, 2].map(gate =>
            tf.add<Tensor2D>(tf.matMul(seenNow, variableOf(months, gate)), variableOf(biases, gate)),
          ) as [Tensor2D, Tensor2D, Tensor2D]
          const before = state
          const gate = (index: number): Tensor2D =>
            tf.sigmoid(
              before === undefined
                ? (sums[index] as Tensor2D)
                : tf.add<Tensor2D>(sums[index] as Tensor2D, tf.matMul(before, variableOf(states, index))),
            )
          const update = gate(0)
          const candidate = hyperbolicTangent(
            tf,
            before === undefined
              ? sums[2]
              : tf.add<Tensor2D>(sums[2], tf.matMul(tf.mul<Tensor2D>(gate(1), before), variableOf(states, 2))),
          )
          // update · before + (1 − update) · candidate
          const kept: Tensor2D = before === undefined ? tf.neg(candidate) : tf.sub(before, candidate)
          state = tf.add(candidate, tf.mul(update, kept))
        }
        let last = state as Tensor2D
        if (stateMask) last = tf.mul(last, stateMask)
        const sums = tf.add<Tensor2D>(tf.matMul(cuts, v(hidden)), tf.matMul(last, v(stateHidden)))
        let above: Tensor2D = tf.relu(tf.add<Tensor2D>(sums, v(hiddenBias)))
        if (hiddenMask) above = tf.mul(above, hiddenMask)
        return tf.add<Tensor2D>(tf.matMul(above, v(head)), v(headBias))
      }
    },
    member: values => {
      const of = (p: Parameter): Float32Array => values[parameters.indexOf(p)] as Float32Array
      const gatesBeside = (parts: readonly Parameter[]): Float32Array =>
        beside(parts.map(part => ({ rows: of(part).length / units, columns: units, values: of(part) }))).values
      return {
        layout,
        units,
        width,
        kernel: gatesBeside(months),
        recurrentKernel: gatesBeside(states),
        recurrentBias: gatesBeside(biases),
        hidden: Float32Array.from([...of(hidden), ...of(stateHidden)]),
        hiddenBias: of(hiddenBias),
        head: hazardsAmong(data, of(head)),
        headBias: hazardsAmong(data, of(headBias)),
      }
    },
  }
}

/** Quantities of each month, oldest first; one array of shape `[row, quantity]` per month. */
function monthsOf(inputs: Float32Array, layout: SequenceLayout): Float32Array[] {
  const { steps, quantities, places, inputs: width } = layout
  const rows = inputs.length / width
  return Array.from({ length: steps }, (_, step) => {
    const values = new Float32Array(rows * quantities)
    for (let row = 0; row < rows; row += 1) {
      for (let quantity = 0; quantity < quantities; quantity += 1) {
        const input = places[step * quantities + quantity] as number
        if (input >= 0) values[row * quantities + quantity] = inputs[row * width + input] as number
      }
    }
    return values
  })
}

/** Cuts rows into pieces, shape `[row, piece]`. */
function cutIntoPieces(inputs: Float32Array, { source, scale, offset, inputs: width }: SequenceLayout): Float32Array {
  const count = source.length
  const rows = inputs.length / width
  const values = new Float32Array(rows * count)
  for (let row = 0; row < rows; row += 1) {
    for (let piece = 0; piece < count; piece += 1) {
      const raw =
        (scale[piece] as number) * (inputs[row * width + (source[piece] as number)] as number) +
        (offset[piece] as number)
      values[row * count + piece] = raw < 0 ? 0 : Math.min(raw, 1)
    }
  }
  return values
}
