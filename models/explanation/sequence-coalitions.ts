/**
 * Hazard logits of sequence members for every coalition of groups of inputs, without a pass through the whole network
 * for each.
 *
 * Only groups that give months a quantity change what the recurrent layer ends in, so that it runs once per coalition of
 * those. Pieces meet in the sums of the first layer, where each group adds its own part. What lies above is computed for
 * the smallest and the largest coalitions, and filled in for those between.
 */

import type { LayersModel, SymbolicTensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs'
import type { TensorFlow } from '../engine.ts'
import { tidyNumbers } from '../tidy-numbers.ts'
import { fillMiddle, outerCoalitions } from './coalitions.ts'
import { coalitionMembership } from './products.ts'

/** Coalitions of sequence members. */
export interface SequenceCoalitions {
  /**
   * The members' mean hazard logits of every coalition of every row.
   *
   * @param inputs - Row-major, shape `[row, input]`.
   * @param share - Of these members in the network's mean: what the logits are multiplied by.
   * @returns Shape `[row, 2ⁿ, H]`; bit i of a coalition's number says whether group i is in it.
   */
  coalitions(inputs: Float32Array, rows: number, share: number): Float64Array
  /** Frees the engine's memory. */
  dispose(): void
}

/** Rows whose coalitions are computed together: with more they leave the cache, with fewer each step costs more than its sums. */
const rowsTogether = 4

/** What lies above the months and the pieces in one member. */
interface Top {
  /** Shape `[piece, width]`. */
  readonly ofPieces: Tensor2D
  /** Shape `[units, width]`. */
  readonly ofState: Tensor2D
  /** Shape `[copies, width]`, and so is the bias. */
  readonly copyScale: Tensor2D
  readonly copyBias: Tensor2D
  /** Shape `[width, width]`. */
  readonly second: Tensor2D
  readonly secondBias: Tensor1D
  /** Shape `[copies · width, H]`. */
  readonly head: Tensor2D
  readonly headBias: Tensor1D
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
  const outer = outerCoalitions(count)
  const membership = coalitionMembership(tf, outer, count)
  const groupOfQuantity = groupOfOutputs(sequences, 'sequence_select', groups)
  const monthly = [...new Set(groupOfQuantity)]
  const subsets = 1 << monthly.length
  // which coalition of the groups of months an outer coalition comes to
  const keys = Int32Array.from(outer, coalition =>
    monthly.reduce((key, group, place) => key | (((coalition >> group) & 1) << place), 0),
  )
  const numbers = sequences.layers.flatMap(({ name }) => /^sequence_(\d+)_state$/.exec(name)?.[1] ?? [])
  const output = (layer: string): SymbolicTensor => sequences.getLayer(layer).output as SymbolicTensor
  const parts = tf.model({ inputs: sequences.inputs, outputs: [output('sequence_pieces'), output('sequence_months')] })
  const [, ...monthShape] = output('sequence_months').shape as [null, number, number]
  const given = tf.input({ shape: monthShape })
  const ends = tf.model({
    inputs: given,
    outputs: numbers.map(number => sequences.getLayer(`sequence_${number}_state`).apply(given) as SymbolicTensor),
  })
  const tops = numbers.map(number => topOf(tf, sequences, number))
  const groupOfPiece = groupOfOutputs(sequences, 'sequence_cut', groups)
  const pieceCount = groupOfPiece.length
  const months = sequences.outputs[0]?.shape[1] ?? 0
  const placeOfQuantity = groupOfQuantity.map(group => monthly.indexOf(group))

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

  /** What each group adds to the pieces of some rows, then the baseline's pieces; shape `[group + 1, row, piece]`. */
  const changesOf = (pieces: Float32Array, rows: number): Float32Array => {
    const changes = new Float32Array((count + 1) * rows * pieceCount)
    for (let row = 0; row < rows; row += 1) {
      for (let piece = 0; piece < pieceCount; piece += 1) {
        const before = baselinePieces[piece] as number
        const change = (pieces[row * pieceCount + piece] as number) - before
        changes[((groupOfPiece[piece] as number) * rows + row) * pieceCount + piece] = change
        changes[(count * rows + row) * pieceCount + piece] = before
      }
    }
    return changes
  }

  /**
   * Hazard logits of a member, shape `[outer coalition · row, month]`.
   *
   * @param states - What the recurrent layer ends in, shape `[row · subset, unit]`.
   * @param stateOf - Which of them each coalition of each row has, shape `[outer coalition · row]`.
   */
  const hazardsOf = (top: Top, changes: Tensor2D, states: Tensor2D, stateOf: Tensor1D): Tensor2D => {
    const { copyScale, copyBias, second, secondBias, head, headBias } = top
    const [copies, units] = copyScale.shape
    const together = stateOf.size
    const ofPieces = tf.matMul<Tensor2D>(changes, top.ofPieces).reshape<Tensor2D>([count + 1, -1])
    const first = tf.add(
      tf.matMul<Tensor2D>(membership, ofPieces).reshape<Tensor2D>([together, units]),
      tf.gather(tf.matMul<Tensor2D>(states, top.ofState), stateOf),
    )
    const apart = tf.relu(tf.add<Tensor3D>(tf.mul(first.reshape([together, 1, units]), copyScale), copyBias))
    const above = tf.fused.matMul({
      a: apart.reshape<Tensor2D>([together * copies, units]),
      b: second,
      bias: secondBias,
      activation: 'relu',
    })
    return tf.fused.matMul({
      a: above.reshape<Tensor2D>([together, copies * units]),
      b: head,
      bias: headBias,
    }) as Tensor2D // of two matrices
  }

  const partsOf = (inputs: Float32Array, rows: number): [Float32Array, Float32Array] => {
    const [pieces, quantities] = parts.predictOnBatch(tf.tensor2d(inputs, [rows, width])) as [Tensor2D, Tensor3D]
    return [pieces.dataSync<'float32'>(), quantities.dataSync<'float32'>()]
  }
  const [baselinePieces, baselineMonths] = tf.tidy(() => partsOf(Float32Array.from(baseline), 1))

  return {
    coalitions: (inputs, rows, share) => {
      const size = (1 << count) * months
      const worths = new Float64Array(rows * size)
      tf.tidy(() => {
        const [pieces, quantities] = partsOf(inputs, rows)
        const variants = tf.tensor3d(variantsOf(quantities, rows), [rows * subsets, ...monthShape])
        const states = [ends.predictOnBatch(variants)].flat()
        for (let from = 0; from < rows; from += rowsTogether) {
          const here = Math.min(rowsTogether, rows - from)
          const mean = tidyNumbers(tf, () => {
            const own = pieces.subarray(from * pieceCount, (from + here) * pieceCount)
            const changes = tf.tensor2d(changesOf(own, here), [(count + 1) * here, pieceCount])
            const which = Int32Array.from(
              { length: outer.length * here },
              (_, at) => (at % here) * subsets + (keys[Math.floor(at / here)] as number),
            )
            const stateOf = tf.tensor1d(which, 'int32')
            const each = tops.map((top, index) => {
              const state = tf.slice(states[index] as Tensor2D, [from * subsets], [here * subsets])
              return hazardsOf(top, changes, state, stateOf)
            })
            return tf.mul(tf.addN(each), share / tops.length).dataSync<'float32'>()
          })
          for (let row = 0; row < here; row += 1) {
            const own = worths.subarray((from + row) * size, (from + row + 1) * size)
            outer.forEach((coalition, place) => {
              const start = (place * here + row) * months
              own.set(mean.subarray(start, start + months), coalition * months)
            })
            fillMiddle(own, count, months)
          }
        }
      })
      return worths
    },
    dispose: () => {
      membership.dispose()
      for (const top of tops) {
        for (const tensor of [top.ofPieces, top.ofState, top.copyScale, top.copyBias]) tensor.dispose()
      }
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

function topOf(tf: TensorFlow, sequences: LayersModel, number: string): Top {
  const weights = (part: string) => weightsOf(sequences, `sequence_${number}_${part}`)
  const [first] = weights('first')
  const [diagonals, copyBias] = weights('copies')
  const [second, secondBias] = weights('second')
  const [head, headBias] = weights('hazards')
  const [units = 0, all = 0] = diagonals.shape
  const copies = all / units
  const pieces = (first.shape[0] ?? 0) - (weights('state')[1].shape[0] ?? 0)
  const diagonal = diagonals.dataSync<'float32'>()
  const scale = Float32Array.from({ length: all }, (_, at) => diagonal[(at % units) * all + at] as number)
  return {
    ofPieces: tf.slice(first as Tensor2D, [0, 0], [pieces, units]),
    ofState: tf.slice(first as Tensor2D, [pieces, 0], [-1, units]),
    copyScale: tf.tensor2d(scale, [copies, units]),
    copyBias: copyBias.reshape<Tensor2D>([copies, units]),
    second: second as Tensor2D,
    secondBias: secondBias as Tensor1D,
    head: head as Tensor2D,
    headBias: headBias as Tensor1D,
  }
}

/** A layer's weights, the first two of which are there. */
function weightsOf(model: LayersModel, name: string) {
  const [first, second = first] = model.getLayer(name).getWeights()
  if (first === undefined || second === undefined) throw new Error(`the layer ${name} has no weights`)
  return [first, second] as const
}
