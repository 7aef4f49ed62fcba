/**
 * Hazard logits of sequence members for every coalition of groups of inputs, without a pass through the whole network
 * for each.
 *
 * Groups meet in two places alone. What they give to the months meets in the recurrent layer, which runs once per
 * coalition of the groups that give any. All else, and what that layer ends in, meets in the sums of the hidden layer,
 * where each adds its own part.
 */

import type { LayersModel, SymbolicTensor, Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs'
import type { TensorFlow } from '../engine.ts'
import { below, beside } from '../matrix.ts'
import { coalitionPass } from './coalition-pass.ts'
import { keep } from './products.ts'
import { recurrentEnds } from './recurrent-ends.ts'

/** Coalitions of sequence members. */
export interface SequenceCoalitions {
  /**
   * Prepares rows.
   *
   * @param inputs - Row-major, shape `[row, input]`.
   * @returns The members' mean hazard logits of every coalition of one of the rows, less their bias, shape `[2ⁿ, H]`,
   *   filled anew with every call; bit i of a coalition's number says whether group i is in it.
   */
  coalitions(inputs: Float32Array, rows: number): (row: number) => Float32Array
  /** What the heads add to the logits of every coalition, shape `[H]`. */
  readonly bias: Float64Array
  /** Frees the engine's memory. */
  dispose(): void
}

/**
 * Prepares coalitions of sequence members.
 *
 * @param sequences - Inputs `[batch, input]` → mean hazard logits of the members, as `networkParts` gives it.
 * @param baseline - Shape `[input]`.
 * @param groups - Group of each input, 0 … n − 1, shape `[input]`.
 */
export function sequenceCoalitions(
  tf: TensorFlow,
  sequences: LayersModel,
  baseline: ArrayLike<number>,
  groups: ArrayLike<number>,
): SequenceCoalitions {
  const width = baseline.length
  const count = 1 + Math.max(...Array.from(groups))
  const coalitions = 1 << count
  const numbers = sequences.layers.flatMap(({ name }) => /^sequence_(\d+)_state$/.exec(name)?.[1] ?? [])
  const output = (layer: string): SymbolicTensor => sequences.getLayer(layer).output as SymbolicTensor
  const parts = tf.model({ inputs: sequences.inputs, outputs: [output('sequence_pieces'), output('sequence_months')] })
  const [, steps, quantitiesPerStep] = output('sequence_months').shape as [null, number, number]
  const months = sequences.outputs[0]?.shape[1] ?? 0

  const groupOfPiece = groupOfOutputs(sequences, 'sequence_cut', groups)
  const groupOfQuantity = groupOfOutputs(sequences, 'sequence_select', groups)
  const monthly = [...new Set(groupOfQuantity)]
  const placeOfQuantity = groupOfQuantity.map(group => monthly.indexOf(group))
  const subsets = 1 << monthly.length
  /** Which coalition of the groups of months each coalition comes to. */
  const subsetOf = Int32Array.from({ length: coalitions }, (_, coalition) =>
    monthly.reduce((subset, group, place) => subset | (((coalition >> group) & 1) << place), 0),
  )

  const members = numbers.map(number => upperLayers(sequences, number, groupOfPiece.length))
  const units = members.reduce((sum, member) => sum + member.units, 0)
  const recurrent = members.map(({ number, units: columns, ofState: values }) => ({
    columns,
    ends: recurrentEnds(tf, weightsOf(sequences, `sequence_${number}_state`)),
    above: keep(tf, { rows: values.length / columns, columns, values }),
  }))
  const bias = Float64Array.from({ length: months }, (_, month) =>
    members.reduce((sum, member) => sum + (member.headBias[month] as number) / members.length, 0),
  )

  const partsOf = (inputs: Float32Array, rows: number): [Float32Array, Float32Array] => {
    const [pieces, quantities] = parts.predictOnBatch(tf.tensor2d(inputs, [rows, width])) as [Tensor2D, Tensor3D]
    return [pieces.dataSync<'float32'>(), quantities.dataSync<'float32'>()]
  }

  const [baselinePieces, baselineMonths] = tf.tidy(() => partsOf(Float32Array.from(baseline), 1))

  /** Months that the recurrent layer goes through, shape `[step, row, subset, quantity]`. */
  const variantsOf = (quantities: Float32Array, rows: number): Float32Array => {
    const variants = new Float32Array(steps * rows * subsets * quantitiesPerStep)
    for (let step = 0, at = 0; step < steps; step += 1) {
      const start = step * quantitiesPerStep
      for (let row = 0; row < rows; row += 1) {
        const own = row * steps * quantitiesPerStep
        for (let subset = 0; subset < subsets; subset += 1) {
          for (let place = start; place < start + quantitiesPerStep; place += 1, at += 1) {
            const isIn = (subset >> (placeOfQuantity[place] as number)) & 1
            variants[at] = (isIn ? quantities[own + place] : baselineMonths[place]) as number
          }
        }
      }
    }
    return variants
  }

  /** What the recurrent layers' ends add to the hidden layer's sums, shape `[row, subset, unit]`. */
  const statesOf = (quantities: Float32Array, rows: number): Float32Array => {
    const variants = variantsOf(quantities, rows)
    return beside(
      recurrent.map(({ columns, ends, above }) => ({
        rows: rows * subsets,
        columns,
        values: above.times(ends.of(variants, steps), rows * subsets),
      })),
    ).values
  }

  const pass = coalitionPass({
    groups: count,
    kernel: beside(
      members.map(({ units: columns, ofPieces: values }) => ({ rows: groupOfPiece.length, columns, values })),
    ),
    bias: Float32Array.from(members.flatMap(member => [...member.hiddenBias])),
    groupOf: groupOfPiece,
    baseline: baselinePieces,
    stateOf: subsetOf,
    head: below(
      members.map(({ units: rows, head }) => ({ rows, columns: months, values: head })),
      1 / members.length,
    ),
  })
  return {
    coalitions: (inputs, rows) => {
      const [pieces, quantities] = tf.tidy(() => partsOf(inputs, rows))
      const states = statesOf(quantities, rows)
      return row => {
        for (let subset = 0; subset < subsets; subset += 1) {
          const from = (row * subsets + subset) * units
          pass.states.set(states.subarray(from, from + units), subset * pass.stride)
        }
        return pass.run(pieces, row * groupOfPiece.length)
      }
    },
    bias,
    dispose: () => {
      for (const kept of recurrent.flatMap(({ ends, above }) => [ends, above])) kept.dispose()
    },
  }
}

/** Group of the one input that each output of a layer is made of, shape `[output]`. */
function groupOfOutputs(sequences: LayersModel, layer: string, groups: ArrayLike<number>): Int32Array {
  const [kernel] = weightsOf(sequences, layer)
  const values = kernel.dataSync<'float32'>()
  const found = new Int32Array(values.length / groups.length)
  values.forEach((value, at) => {
    if (value !== 0) found[at % found.length] = groups[Math.floor(at / found.length)] as number
  })
  return found
}

/** A member's weights above the months and the pieces. */
interface UpperLayers {
  /** Of the member, in the names of its layers. */
  readonly number: string
  /** Of the hidden layer. */
  readonly units: number
  /** Shape `[piece, unit]`. */
  readonly ofPieces: Float32Array
  /** Shape `[unit of the recurrent layer, unit]`. */
  readonly ofState: Float32Array
  /** Shape `[unit]`. */
  readonly hiddenBias: Float32Array
  /** Shape `[unit, H]`. */
  readonly head: Float32Array
  /** Shape `[H]`. */
  readonly headBias: Float32Array
}

function upperLayers(sequences: LayersModel, number: string, pieces: number): UpperLayers {
  const valuesOf = (part: string) =>
    weightsOf(sequences, `sequence_${number}_${part}`).map(tensor => tensor.dataSync<'float32'>()) as [
      Float32Array,
      Float32Array,
    ]
  const [hidden, hiddenBias] = valuesOf('hidden')
  const [head, headBias] = valuesOf('hazards')
  const units = hiddenBias.length
  return {
    number,
    units,
    ofPieces: hidden.slice(0, pieces * units),
    ofState: hidden.slice(pieces * units),
    hiddenBias,
    head,
    headBias,
  }
}

/** A layer's weights, the first of which is there. */
function weightsOf(model: LayersModel, name: string): [Tensor2D, ...Tensor[]] {
  const [first, ...others] = model.getLayer(name).getWeights()
  if (first === undefined) throw new Error(`the layer ${name} has no weights`)
  return [first as Tensor2D, ...others]
}
