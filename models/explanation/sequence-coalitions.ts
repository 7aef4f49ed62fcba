/**
 * Hazard logits of sequence members for every coalition of groups of inputs, without a pass through the whole network
 * for each.
 *
 * Groups meet in two places alone. What they give to the months meets in the recurrent layer, which runs once per
 * coalition of the groups that give any. All else, and what that layer ends in, meets in the sums of the hidden layer,
 * where each adds its own part.
 */

import type { LayersModel, SymbolicTensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs'
import type { TensorFlow } from '../engine.ts'
import { tidyNumbers } from '../tidy-numbers.ts'
import { beside, coalitionMembership } from './products.ts'

/** Coalitions of sequence members. */
export interface SequenceCoalitions {
  /**
   * The members' mean hazard logits of every coalition of every row.
   *
   * @param inputs - Row-major, shape `[row, input]`.
   * @returns Row-major, shape `[2ⁿ, row, H]`; bit i of a coalition's number says whether group i is in it.
   */
  coalitions(inputs: Float32Array, rows: number): Float32Array
  /** Frees the engine's memory. */
  dispose(): void
}

/** Rows whose coalitions are computed together: with more they leave the cache, with fewer each step costs more than its sums. */
const rowsTogether = 4

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
  const [, ...monthShape] = output('sequence_months').shape as [null, number, number]
  const given = tf.input({ shape: monthShape })
  const ends = tf.model({
    inputs: given,
    outputs: numbers.map(number => sequences.getLayer(`sequence_${number}_state`).apply(given) as SymbolicTensor),
  })
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
  const ofPieces = beside(
    members.map(({ units, ofPieces: values }) => ({ rows: groupOfPiece.length, columns: units, values })),
  ).values
  const units = members.reduce((sum, member) => sum + member.units, 0)
  const membership = coalitionMembership(tf, [...Array(coalitions).keys()], count)
  const head = tf.tensor2d(
    Float32Array.from(
      members.flatMap(member => [...member.head]),
      weight => weight / members.length,
    ),
    [units, months],
  )
  const headBias = tf.tensor1d(
    Float32Array.from({ length: months }, (_, month) =>
      members.reduce((sum, member) => sum + (member.headBias[month] as number) / members.length, 0),
    ),
  )

  const partsOf = (inputs: Float32Array, rows: number): [Float32Array, Float32Array] => {
    const [pieces, quantities] = parts.predictOnBatch(tf.tensor2d(inputs, [rows, width])) as [Tensor2D, Tensor3D]
    return [pieces.dataSync<'float32'>(), quantities.dataSync<'float32'>()]
  }

  const [baselinePieces, baselineMonths] = tf.tidy(() => partsOf(Float32Array.from(baseline), 1))

  /** Months that the recurrent layer goes through: each row's, by coalition of the groups of months. */
  const variantsOf = (quantities: Float32Array, rows: number): Float32Array => {
    const size = placeOfQuantity.length
    const variants = new Float32Array(rows * subsets * size)
    for (let row = 0, at = 0; row < rows; row += 1) {
      for (let subset = 0; subset < subsets; subset += 1) {
        for (let quantity = 0; quantity < size; quantity += 1, at += 1) {
          const isIn = (subset >> (placeOfQuantity[quantity] as number)) & 1
          variants[at] = (isIn ? quantities[row * size + quantity] : baselineMonths[quantity]) as number
        }
      }
    }
    return variants
  }

  /** Adds what pieces bring to the hidden layer's sums, each at the place of its group's sums. */
  const addPieces = (pieceAt: (piece: number) => number, placeOf: (group: number) => number, sums: Float32Array) => {
    for (let piece = 0; piece < groupOfPiece.length; piece += 1) {
      const value = pieceAt(piece)
      if (value === 0) continue
      const place = placeOf(groupOfPiece[piece] as number)
      const start = piece * units
      for (let unit = 0; unit < units; unit += 1) {
        sums[place + unit] = (sums[place + unit] as number) + value * (ofPieces[start + unit] as number)
      }
    }
  }

  const baselineSums = Float32Array.from(members.flatMap(member => [...member.hiddenBias]))
  addPieces(
    piece => baselinePieces[piece] as number,
    () => 0,
    baselineSums,
  )

  /** What each group's pieces change in the hidden layer's sums of some rows, then the baseline's own sums. */
  const changesOf = (pieces: Float32Array, rows: number): Float32Array => {
    const changes = new Float32Array((count + 1) * rows * units)
    for (let row = 0; row < rows; row += 1) {
      const start = row * groupOfPiece.length
      addPieces(
        piece => (pieces[start + piece] as number) - (baselinePieces[piece] as number),
        group => (group * rows + row) * units,
        changes,
      )
      changes.set(baselineSums, (count * rows + row) * units)
    }
    return changes
  }

  const ofStates = members.map(({ ofState, units: own }) => tf.tensor2d(ofState, [ofState.length / own, own]))

  /** What the recurrent layers' ends add to the hidden layer's sums, shape `[row · subset, unit]`. */
  const statesOf = (quantities: Float32Array, rows: number): Tensor2D => {
    const variants = tf.tensor3d(variantsOf(quantities, rows), [rows * subsets, ...monthShape])
    const states = [ends.predictOnBatch(variants)].flat() as Tensor2D[]
    return tf.concat2d(
      ofStates.map((kernel, index) => tf.matMul<Tensor2D>(states[index] as Tensor2D, kernel)),
      1,
    )
  }

  return {
    coalitions: (inputs, rows) => {
      const found = new Float32Array(coalitions * rows * months)
      tf.tidy(() => {
        const [pieces, quantities] = partsOf(inputs, rows)
        const states = statesOf(quantities, rows)
        for (let first = 0; first < rows; first += rowsTogether) {
          const here = Math.min(rowsTogether, rows - first)
          const changes = changesOf(
            pieces.subarray(first * groupOfPiece.length, (first + here) * groupOfPiece.length),
            here,
          )
          const stateOf = Int32Array.from(
            { length: coalitions * here },
            (_, at) => (first + (at % here)) * subsets + (subsetOf[Math.floor(at / here)] as number),
          )
          const logits = tidyNumbers(tf, () => {
            const sums = tf.matMul(membership, tf.tensor2d(changes, [count + 1, here * units]))
            const active = tf.relu(
              tf.add<Tensor2D>(
                sums.reshape<Tensor2D>([coalitions * here, units]),
                tf.gather(states, tf.tensor1d(stateOf, 'int32')),
              ),
            )
            return tf.fused.matMul({ a: active, b: head, bias: headBias }).dataSync<'float32'>()
          })
          for (let coalition = 0; coalition < coalitions; coalition += 1) {
            const own = logits.subarray(coalition * here * months, (coalition + 1) * here * months)
            found.set(own, (coalition * rows + first) * months)
          }
        }
      })
      return found
    },
    dispose: () => {
      for (const tensor of [membership, head, headBias, ...ofStates]) tensor.dispose()
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
    units,
    ofPieces: hidden.slice(0, pieces * units),
    ofState: hidden.slice(pieces * units),
    hiddenBias,
    head,
    headBias,
  }
}

/** A layer's weights, the first two of which are there. */
function weightsOf(model: LayersModel, name: string): [Tensor2D, Tensor1D] {
  const [first, second = first] = model.getLayer(name).getWeights()
  if (first === undefined || second === undefined) throw new Error(`the layer ${name} has no weights`)
  return [first as Tensor2D, second as Tensor1D]
}
