/**
 * The sequence member of a network: a recurrent layer over the months, beside all inputs cut into pieces, under one
 * hidden layer. It takes the same flat inputs as a perceptron and consists of standard layers only.
 *
 * 1. `inputs [batch, input]` · a fixed 0/1 kernel, reshaped: `[batch, step, quantity]`, oldest month first → GRU.
 * 2. `inputs` · a fixed kernel, cut off at 0 and 1: each number in pieces between its quantiles, `[batch, piece]`.
 * 3. Both into one layer of `width` units, and from there to the hazard logits. Groups of inputs meet only in the sums of
 *    that layer, which keeps exact Shapley values cheap (`explanation/sequence-coalitions.ts`).
 *
 * @see Cho et al. (2014), Learning Phrase Representations using RNN Encoder–Decoder, for the recurrent layer
 * @see Gorishniy, Rubachev & Babenko (2022), On Embeddings for Numerical Features, for piecewise linear encoding
 */

import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs'
import type { TensorFlow } from './engine.ts'
import { apply, weighted } from './weighted-layer.ts'

/** How flat inputs become months and pieces; the same for all sequence members of a network. */
export interface SequenceLayout {
  /** Inputs of the network. */
  readonly inputs: number
  /** Months. */
  readonly steps: number
  /** Quantities per month. */
  readonly quantities: number
  /** Input that holds each quantity of each month, −1 where there is none; shape `[step, quantity]`, oldest first. */
  readonly places: Int32Array
  /** Input that each piece is of, shape `[piece]`. */
  readonly source: Int32Array
  /** piece = scale · input + offset, cut off at 0 and 1; shape `[piece]`. */
  readonly scale: Float32Array
  /** Shape `[piece]`. */
  readonly offset: Float32Array
}

/** A sequence member's weights, row-major. */
export interface SequenceMember {
  readonly layout: SequenceLayout
  /** Units of the recurrent layer. */
  readonly units: number
  /** Units of the layer above. */
  readonly width: number
  /** Months to gates (update, reset, candidate), shape `[quantity, 3 · units]`. */
  readonly kernel: Float32Array
  /** State to gates, shape `[units, 3 · units]`. */
  readonly recurrentKernel: Float32Array
  /** Shape `[3 · units]`. */
  readonly recurrentBias: Float32Array
  /** Pieces, then state, to the hidden layer; shape `[piece + units, width]`. */
  readonly hidden: Float32Array
  /** Shape `[width]`. */
  readonly hiddenBias: Float32Array
  /** Shape `[width, H]`. */
  readonly head: Float32Array
  /** Shape `[H]`. */
  readonly headBias: Float32Array
}

/** Weights are set right after: drawing them first would only take time, here and wherever the network is loaded. */
const unset = { kernelInitializer: 'zeros' } as const

/** Puts sequence members on a network's input; they share the layers that cut it into months and pieces. */
export function sequenceBranches(
  tf: TensorFlow,
  input: SymbolicTensor,
  members: readonly SequenceMember[],
): SymbolicTensor[] {
  const layout = members[0]?.layout
  if (layout === undefined) return []
  const months = apply(
    tf.layers.reshape({ targetShape: [layout.steps, layout.quantities], name: 'sequence_months' }),
    weighted(
      tf,
      tf.layers.dense({ units: layout.steps * layout.quantities, useBias: false, ...unset, name: 'sequence_select' }),
      input,
      [[selection(layout), [layout.inputs, layout.steps * layout.quantities]]],
    ),
  )
  const pieces = apply(
    tf.layers.reLU({ maxValue: 1, name: 'sequence_pieces' }),
    weighted(tf, tf.layers.dense({ units: layout.source.length, ...unset, name: 'sequence_cut' }), input, [
      [cutting(layout), [layout.inputs, layout.source.length]],
      [layout.offset, [layout.source.length]],
    ]),
  )
  return members.map((member, index) => branch(tf, member, index + 1, months, pieces))
}

/** The outputs of a network's sequence members, in their order; empty if it has none. */
export function sequenceOutputs(model: LayersModel): SymbolicTensor[] {
  return model.layers
    .filter(({ name }) => /^sequence_\d+_hazards$/.test(name))
    .map(({ output }) => output as SymbolicTensor)
}

function branch(
  tf: TensorFlow,
  member: SequenceMember,
  number: number,
  months: SymbolicTensor,
  pieces: SymbolicTensor,
): SymbolicTensor {
  const { layout, units, width, headBias } = member
  const name = (part: string): string => `sequence_${number}_${part}`
  const state = weighted(
    tf,
    tf.layers.gru({
      units,
      activation: 'tanh',
      recurrentActivation: 'sigmoid',
      ...unset,
      recurrentInitializer: 'zeros',
      name: name('state'),
    }),
    months,
    [
      [member.kernel, [layout.quantities, 3 * units]],
      [member.recurrentKernel, [units, 3 * units]],
      [member.recurrentBias, [3 * units]],
    ],
  )
  const both = tf.layers.concatenate({ name: name('joined') }).apply([pieces, state]) as SymbolicTensor
  const hidden = weighted(
    tf,
    tf.layers.dense({ units: width, activation: 'relu', ...unset, name: name('hidden') }),
    both,
    [
      [member.hidden, [layout.source.length + units, width]],
      [member.hiddenBias, [width]],
    ],
  )
  return weighted(tf, tf.layers.dense({ units: headBias.length, ...unset, name: name('hazards') }), hidden, [
    [member.head, [width, headBias.length]],
    [headBias, [headBias.length]],
  ])
}

function selection({ inputs, places }: SequenceLayout): Float32Array {
  const kernel = new Float32Array(inputs * places.length)
  places.forEach((place, at) => {
    if (place >= 0) kernel[place * places.length + at] = 1
  })
  return kernel
}

function cutting({ inputs, source, scale }: SequenceLayout): Float32Array {
  const kernel = new Float32Array(inputs * source.length)
  source.forEach((place, piece) => {
    kernel[place * source.length + piece] = scale[piece] as number
  })
  return kernel
}
