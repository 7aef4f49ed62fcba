/** The sequence member as something to train; `models/sequence-network.ts` says what it consists of. */

import type { Rank, Tensor2D, Variable } from '@tensorflow/tfjs'
import type { Random } from '../data/index.ts'
import type { SequenceLayout, SequenceMember, TensorFlow } from '../models/index.ts'
import type { Parameter } from './adamw.ts'
import { hazardLogitsSeen, type TrainingRows } from './hazard-loss.ts'
import { dropoutMask, parameter, type Trainable, uniformKernel } from './trainable.ts'
import { gather } from './training-inputs.ts'

/** A sequence member's shape. */
export interface SequenceShape {
  readonly kind: 'sequence'
  readonly layout: SequenceLayout
  /** Units of the recurrent layer. */
  readonly units: number
  /** Units of the layers above. */
  readonly width: number
  /** Members that share the layers. */
  readonly copies: number
}

/** Gates of the recurrent layer, in TensorFlow.js's order: update, reset, candidate. */
const gates = 3

/**
 * Makes a sequence member. Each gate has a kernel of its own while it learns: that saves cutting tensors up.
 *
 * @param dropout - Share of the state's and of the second layer's units dropped per row while learning, in [0, 1).
 */
export function createSequence(
  tf: TensorFlow,
  data: TrainingRows,
  rows: Int32Array,
  shape: SequenceShape,
  dropout: number,
  source: Random,
): Trainable {
  const { layout, units, width, copies } = shape
  const { steps, quantities } = layout
  const pieces = layout.source.length
  const horizon = data.horizonMonths
  const seen = hazardLogitsSeen(data, rows)
  const kernels = (inputs: number) =>
    Array.from({ length: gates }, () => parameter(tf, uniformKernel(inputs, units, source), [inputs, units], true))
  const [months, states] = [kernels(quantities), kernels(units)]
  const biases = Array.from({ length: gates }, () => parameter(tf, new Float32Array(units), [units], false))
  const first = parameter(
    tf,
    uniformKernel(pieces + units, width, source).subarray(0, pieces * width),
    [pieces, width],
    true,
  )
  const stateFirst = parameter(tf, uniformKernel(units, width, source), [units, width], true)
  const copyScale = parameter(
    tf,
    Float32Array.from({ length: copies * width }, () => 1 + 0.5 * source.normal()),
    [copies * width],
    false,
  )
  const copyBias = parameter(tf, new Float32Array(copies * width), [copies * width], false)
  const second = parameter(tf, uniformKernel(width, width, source), [width, width], true)
  const secondBias = parameter(tf, new Float32Array(width), [width], false)
  const head = parameter(tf, blockKernel(shape, horizon, source), [copies * width, copies * horizon], true)
  const headBias = parameter(
    tf,
    Float32Array.from({ length: copies * horizon }, (_, at) => seen[at % horizon] as number),
    [copies * horizon],
    false,
  )
  const parameters = [
    ...months,
    ...states,
    ...biases,
    first,
    stateFirst,
    copyScale,
    copyBias,
    second,
    secondBias,
    head,
    headBias,
  ]
  const v = (p: Parameter) => p.variable as Variable & Tensor2D
  const variableOf = (list: readonly Parameter[], gate: number) => v(list[gate] as Parameter)

  return {
    parameters,
    copies,
    feed: (chosen, drop) => {
      const count = chosen.length
      const inputs = gather(data, chosen)
      const at = monthsOf(inputs, layout).map(values => tf.tensor2d(values, [count, quantities]))
      const cuts = tf.tensor2d(cutIntoPieces(inputs, layout), [count, pieces])
      const mask = (size: number): Tensor2D | null =>
        drop === null ? null : tf.tensor2d(dropoutMask(count * size, dropout, drop), [count, size])
      const [stateMask, secondMask] = [mask(units), mask(copies * width)]
      const spread = tf.tensor2d(identities(width, copies), [width, copies * width])
      const blocks = tf.tensor2d(blockMask(shape, horizon), [copies * width, copies * horizon])
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
        const joined: Tensor2D = tf.add(tf.matMul(cuts, v(first)), tf.matMul(last, v(stateFirst)))
        const apart = tf.relu(tf.add(tf.mul(tf.matMul(joined, spread), v(copyScale)), v(copyBias)))
        const shared = tf.reshape<Rank.R2>(apart, [count * copies, width])
        const above: Tensor2D = tf.relu(tf.add<Tensor2D>(tf.matMul(shared, v(second)), v(secondBias)))
        let flat = tf.reshape<Rank.R2>(above, [count, copies * width])
        if (secondMask) flat = tf.mul(flat, secondMask)
        return tf.add<Tensor2D>(tf.matMul(flat, tf.mul<Tensor2D>(v(head), blocks)), v(headBias))
      }
    },
    member: values => {
      const of = (p: Parameter): Float32Array => values[parameters.indexOf(p)] as Float32Array
      return memberOf(shape, horizon, {
        kernel: beside(months.map(of), units),
        recurrentKernel: beside(states.map(of), units),
        recurrentBias: beside(biases.map(of), units),
        first: Float32Array.from([...of(first), ...of(stateFirst)]),
        copyScale: of(copyScale),
        copyBias: of(copyBias),
        second: of(second),
        secondBias: of(secondBias),
        head: of(head),
        headBias: of(headBias),
      })
    },
  }
}

/** tanh as 2 · σ(2x) − 1: the engine's own is over ten times slower. */
function hyperbolicTangent(tf: TensorFlow, x: Tensor2D): Tensor2D {
  return tf.sub(tf.mul(tf.sigmoid(tf.mul(x, 2)), 2), 1)
}

/** The saved form: the mean of the copies' heads instead of a head per copy. */
function memberOf(
  { layout, units, width, copies }: SequenceShape,
  horizon: number,
  weights: Omit<SequenceMember, 'layout' | 'units' | 'width' | 'copies'>,
): SequenceMember {
  const head = new Float32Array(copies * width * horizon)
  const headBias = new Float32Array(horizon)
  for (let copy = 0; copy < copies; copy += 1) {
    for (let month = 0; month < horizon; month += 1) {
      const column = copy * horizon + month
      headBias[month] = (headBias[month] as number) + (weights.headBias[column] as number) / copies
      for (let unit = 0; unit < width; unit += 1) {
        const row = copy * width + unit
        head[row * horizon + month] = (weights.head[row * copies * horizon + column] as number) / copies
      }
    }
  }
  return { layout, units, width, copies, ...weights, head, headBias }
}

/** Matrices (or vectors) of `columns` columns beside each other. */
function beside(parts: readonly Float32Array[], columns: number): Float32Array {
  const rows = (parts[0]?.length ?? 0) / columns
  const joined = new Float32Array(rows * columns * parts.length)
  parts.forEach((part, index) => {
    for (let row = 0; row < rows; row += 1) {
      joined.set(part.subarray(row * columns, (row + 1) * columns), (row * parts.length + index) * columns)
    }
  })
  return joined
}

/** A head per copy that looks only at the copy's own units; 0 elsewhere. */
function blockKernel({ copies, width }: SequenceShape, horizon: number, source: Random): Float32Array {
  const kernel = new Float32Array(copies * width * copies * horizon)
  for (let copy = 0; copy < copies; copy += 1) {
    const block = uniformKernel(width, horizon, source)
    for (let unit = 0; unit < width; unit += 1) {
      const own = block.subarray(unit * horizon, (unit + 1) * horizon)
      kernel.set(own, (copy * width + unit) * copies * horizon + copy * horizon)
    }
  }
  return kernel
}

/** 1 where a unit and a logit belong to the same copy. */
function blockMask({ copies, width }: SequenceShape, horizon: number): Float32Array {
  const mask = new Float32Array(copies * width * copies * horizon)
  for (let row = 0; row < copies * width; row += 1) {
    const copy = Math.floor(row / width)
    mask.fill(1, row * copies * horizon + copy * horizon, row * copies * horizon + (copy + 1) * horizon)
  }
  return mask
}

/** Identity matrices beside each other: a product with them repeats, and is faster here than repeating. */
function identities(width: number, copies: number): Float32Array {
  const kernel = new Float32Array(width * copies * width)
  for (let unit = 0; unit < width; unit += 1) {
    for (let copy = 0; copy < copies; copy += 1) kernel[unit * copies * width + copy * width + unit] = 1
  }
  return kernel
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
