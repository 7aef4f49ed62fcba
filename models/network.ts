/** The hazard network: an ensemble in one standard LayersModel, whose output is the members' mean logit. */

import type { LayersModel, SymbolicTensor, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import { type BoostedTrees, treeBranch, treesOf } from './boosted-trees.ts'
import type { TensorFlow } from './engine.ts'
import { type SequenceMember, sequenceBranches, sequenceOutputs } from './sequence-network.ts'
import { tidyNumbers } from './tidy-numbers.ts'
import { addTreeLogits } from './tree-logits.ts'

/** One dense layer. */
export interface DenseLayer {
  readonly inputs: number
  readonly outputs: number
  /** Row-major, shape `[inputs, outputs]`. */
  readonly kernel: Float32Array
  /** Shape `[outputs]`. */
  readonly bias: Float32Array
}

/** One member: dense layers with ReLU between them; the last gives hazard logits for months 1…H, shape `[batch, H]`. */
export type Member = readonly DenseLayer[]

/** A member of any kind: a perceptron, boosted trees, or one that reads the months in their order. */
export type NetworkMember = Member | BoostedTrees | SequenceMember

/** Rows per product: large enough to be fast, small enough to stay in cache. */
const rowsPerBatch = 2048

/**
 * Joins members into one LayersModel that any TensorFlow.js loads: inputs `[batch, input]` → mean hazard logits `[batch, H]`.
 *
 * @throws Error if there is no member, or a member has no layer.
 */
export function assembleNetwork(tf: TensorFlow, members: readonly NetworkMember[]): LayersModel {
  const flat = members.filter(isPerceptron)
  const trees = members.filter(isTrees)
  const sequences = members.filter(isSequence)
  const inputs = flat[0]?.[0]?.inputs ?? trees[0]?.inputs ?? sequences[0]?.layout.inputs
  if (inputs === undefined) throw new Error('a network needs a member with a layer')
  const input = tf.input({ shape: [inputs], name: 'inputs' })
  const dense = flat.map((member, index) =>
    member.reduce<SymbolicTensor>((below, layer, depth) => {
      const dense = tf.layers.dense({
        units: layer.outputs,
        activation: depth === member.length - 1 ? 'linear' : 'relu',
        name: layerName(index, depth),
      })
      const above = dense.apply(below) as SymbolicTensor
      tf.tidy(() =>
        dense.setWeights([tf.tensor2d(layer.kernel, [layer.inputs, layer.outputs]), tf.tensor1d(layer.bias)]),
      )
      return above
    }, input),
  )
  const outputs = [
    ...dense,
    ...trees.map((member, index) => treeBranch(tf, input, member, index + 1)),
    ...sequenceBranches(tf, input, sequences),
  ]
  const output = outputs.length === 1 ? outputs : [tf.layers.average({ name: 'mean' }).apply(outputs) as SymbolicTensor]
  return tf.model({ inputs: input, outputs: output, name: 'hazard' })
}

function isPerceptron(member: NetworkMember): member is Member {
  return !isSequence(member) && !isTrees(member)
}

function isTrees(member: NetworkMember): member is BoostedTrees {
  return 'splitInput' in member
}

function isSequence(member: NetworkMember): member is SequenceMember {
  return 'layout' in member
}

/** A network taken apart again: its members' mean is its output. */
export interface NetworkParts {
  readonly perceptrons: readonly Member[]
  readonly trees: readonly BoostedTrees[]
  /** Inputs `[batch, input]` → mean hazard logits of the sequence members `[batch, H]`; null if there are none. */
  readonly sequences: LayersModel | null
  /** How many sequence members there are. */
  readonly sequenceCount: number
  /** Members in all. */
  readonly count: number
}

/**
 * Takes a network apart, as {@link assembleNetwork} made it.
 *
 * The parts live as long as the network: disposing of it frees them all.
 *
 * @throws Error if there is a layer in it that {@link assembleNetwork} doesn't make.
 */
export function networkParts(tf: TensorFlow, model: LayersModel): NetworkParts {
  const { dense, trees, sequences, sequenceCount, count } = scoringParts(tf, model)
  const perceptrons = dense.map(layers =>
    layers.map(({ kernel, bias }) => ({
      inputs: kernel.shape[0],
      outputs: kernel.shape[1],
      kernel: kernel.dataSync<'float32'>().slice(),
      bias: bias.dataSync<'float32'>().slice(),
    })),
  )
  return { perceptrons, trees, sequences, sequenceCount, count }
}

/**
 * Hazard logits of encoded rows, the members' mean.
 *
 * The members are computed one by one, each the cheapest way: running their layers costs a score of a few rows several
 * times what its products do, and trees as products are mostly zeros.
 *
 * @param inputs - Row-major, shape `[row, input]`.
 * @returns Row-major, shape `[row, H]`.
 */
export function hazardLogits(tf: TensorFlow, model: LayersModel, inputs: Float32Array, rows: number): Float32Array {
  const width = model.inputs[0]?.shape[1] ?? 0
  const horizon = model.outputs[0]?.shape[1] ?? 0
  const logits = new Float32Array(rows * horizon)
  const parts = scoringParts(tf, model)
  if (parts.dense.length + parts.sequenceCount > 0) {
    for (let first = 0; first < rows; first += rowsPerBatch) {
      const count = Math.min(rowsPerBatch, rows - first)
      const here = inputs.subarray(first * width, (first + count) * width)
      logits.set(
        tidyNumbers(tf, () => meanOfNetworks(tf, parts, tf.tensor2d(here, [count, width])).dataSync<'float32'>()),
        first * horizon,
      )
    }
  }
  addTreeLogits(parts.trees, inputs, rows, logits, 1 / parts.count)
  return logits
}

interface DenseTensors {
  readonly kernel: Tensor2D
  readonly bias: Tensor1D
  readonly activation: 'relu' | 'linear'
}

interface ScoringParts extends Omit<NetworkParts, 'perceptrons'> {
  /** Weights of the perceptrons, `[member][layer]`. */
  readonly dense: readonly (readonly DenseTensors[])[]
}

const known = new WeakMap<LayersModel, ScoringParts>()

function scoringParts(tf: TensorFlow, model: LayersModel): ScoringParts {
  const before = known.get(model)
  if (before !== undefined) return before
  const dense = perceptronTensors(model)
  const trees = treesOf(model)
  const outputs = sequenceOutputs(model)
  const [first] = outputs
  const sequences =
    first === undefined
      ? null
      : tf.model({
          inputs: model.inputs,
          outputs: outputs.length === 1 ? first : (tf.layers.average({}).apply(outputs) as SymbolicTensor),
        })
  const sequenceCount = outputs.length
  const count = dense.length + trees.length + sequenceCount
  if (count === 0) throw new Error('the network has no member')
  const stranger = model.layers.find(({ name }) => !/^(inputs$|mean$|member_|trees_|sequence_)/.test(name))
  if (stranger !== undefined) throw new Error(`the layer ${stranger.name} belongs to no member`)
  const parts = { dense, trees, sequences, sequenceCount, count }
  known.set(model, parts)
  return parts
}

function perceptronTensors(model: LayersModel): DenseTensors[][] {
  const members: DenseTensors[][] = []
  for (const layer of model.layers) {
    const place = /^member_(\d+)_layer_(\d+)$/.exec(layer.name)
    if (place === null) continue
    const [kernel, bias] = layer.getWeights()
    const { activation } = layer.getConfig()
    if (kernel === undefined || bias === undefined || (activation !== 'relu' && activation !== 'linear')) {
      throw new Error(`the layer ${layer.name} is no layer of a perceptron`)
    }
    members[Number(place[1]) - 1] ??= []
    ;(members[Number(place[1]) - 1] as DenseTensors[])[Number(place[2]) - 1] = {
      kernel: kernel as Tensor2D,
      bias: bias as Tensor1D,
      activation,
    }
  }
  return members
}

/** What perceptrons and sequence members add to the mean of all members; shape `[row, H]`. */
function meanOfNetworks(
  tf: TensorFlow,
  { dense, sequences, sequenceCount, count }: ScoringParts,
  batch: Tensor2D,
): Tensor {
  const parts = dense.map(layers =>
    layers.reduce<Tensor2D>(
      (below, { kernel, bias, activation }) => tf.fused.matMul({ a: below, b: kernel, bias, activation }) as Tensor2D, // of two matrices
      batch,
    ),
  )
  if (sequences !== null) parts.push(tf.mul(sequences.predictOnBatch(batch) as Tensor2D, sequenceCount))
  return tf.mul(parts.length === 1 ? (parts[0] as Tensor2D) : tf.addN(parts), 1 / count)
}

function layerName(member: number, layer: number): string {
  return `member_${member + 1}_layer_${layer + 1}`
}
