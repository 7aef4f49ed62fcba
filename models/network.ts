/** The hazard network: an ensemble in one standard LayersModel, whose output is the members' mean logit. */

import type { LayersModel, SymbolicTensor, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import type { TensorFlow } from './engine.ts'
import { type SequenceMember, sequenceBranches } from './sequence-network.ts'

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

/** A member of any kind: a perceptron, or one that reads the months in their order. */
export type NetworkMember = Member | SequenceMember

/** Names of the layers that are no member's. */
const [inputName, meanName] = ['inputs', 'mean']

/** Rows per product: large enough to be fast, small enough to stay in cache. */
const rowsPerBatch = 2048

/**
 * Joins members into one LayersModel that any TensorFlow.js loads: inputs `[batch, input]` → mean hazard logits `[batch, H]`.
 *
 * @throws Error if there is no member, or a member has no layer.
 */
export function assembleNetwork(tf: TensorFlow, members: readonly NetworkMember[]): LayersModel {
  const flat = members.filter(isPerceptron)
  const sequences = members.filter(isSequence)
  const inputs = flat[0]?.[0]?.inputs ?? sequences[0]?.layout.inputs
  if (inputs === undefined) throw new Error('a network needs a member with a layer')
  const input = tf.input({ shape: [inputs], name: inputName })
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
  const outputs = [...dense, ...sequenceBranches(tf, input, sequences)]
  const output =
    outputs.length === 1 ? outputs : [tf.layers.average({ name: meanName }).apply(outputs) as SymbolicTensor]
  return tf.model({ inputs: input, outputs: output, name: 'hazard' })
}

function isPerceptron(member: NetworkMember): member is Member {
  return !isSequence(member)
}

function isSequence(member: NetworkMember): member is SequenceMember {
  return 'layout' in member
}

/**
 * The members of a network that consists of perceptrons alone, as {@link assembleNetwork} makes it.
 *
 * @returns undefined if there is any other layer in it.
 */
export function perceptrons(model: LayersModel): Member[] | undefined {
  return denseLayers(model)?.map(layers =>
    layers.map(({ kernel, bias }) => ({
      inputs: kernel.shape[0],
      outputs: kernel.shape[1],
      kernel: kernel.dataSync<'float32'>().slice(),
      bias: bias.dataSync<'float32'>().slice(),
    })),
  )
}

/**
 * Hazard logits of encoded rows.
 *
 * @param inputs - Row-major, shape `[row, input]`.
 * @returns Row-major, shape `[row, H]`.
 */
export function hazardLogits(tf: TensorFlow, model: LayersModel, inputs: Float32Array, rows: number): Float32Array {
  const width = model.inputs[0]?.shape[1] ?? 0
  const horizon = model.outputs[0]?.shape[1] ?? 0
  const logits = new Float32Array(rows * horizon)
  const layers = denseLayers(model)
  for (let first = 0; first < rows; first += rowsPerBatch) {
    const count = Math.min(rowsPerBatch, rows - first)
    tf.tidy(() => {
      const batch = tf.tensor2d(inputs.subarray(first * width, (first + count) * width), [count, width])
      const output = layers === null ? model.predictOnBatch(batch) : meanOfMembers(tf, layers, batch)
      if (Array.isArray(output)) throw new Error('the network has one output')
      logits.set(output.dataSync<'float32'>(), first * horizon)
    })
  }
  return logits
}

interface DenseTensors {
  readonly kernel: Tensor2D
  readonly bias: Tensor1D
  readonly activation: 'relu' | 'linear'
}

const known = new WeakMap<LayersModel, readonly (readonly DenseTensors[])[] | null>()

/**
 * Weights of a network of perceptrons, `[member][layer]`; null if there is any other layer in it.
 *
 * Running the layers one by one costs a score of a few rows several times what its products do.
 */
function denseLayers(model: LayersModel): readonly (readonly DenseTensors[])[] | null {
  const before = known.get(model)
  if (before !== undefined) return before
  const members: DenseTensors[][] = []
  let dense = true
  for (const layer of model.layers) {
    if (layer.name === inputName || layer.name === meanName) continue
    const place = /^member_(\d+)_layer_(\d+)$/.exec(layer.name)
    const [kernel, bias] = layer.getWeights()
    const { activation } = layer.getConfig()
    if (
      place === null ||
      layer.getClassName() !== 'Dense' ||
      kernel === undefined ||
      bias === undefined ||
      (activation !== 'relu' && activation !== 'linear')
    ) {
      dense = false
      break
    }
    members[Number(place[1]) - 1] ??= []
    ;(members[Number(place[1]) - 1] as DenseTensors[])[Number(place[2]) - 1] = {
      kernel: kernel as Tensor2D,
      bias: bias as Tensor1D,
      activation,
    }
  }
  const found = dense ? members : null
  known.set(model, found)
  return found
}

/** The mean of the members' hazard logits; shape `[row, H]`. */
function meanOfMembers(tf: TensorFlow, members: readonly (readonly DenseTensors[])[], batch: Tensor2D): Tensor {
  let sum: Tensor | undefined
  for (const layers of members) {
    let output = batch
    for (const { kernel, bias, activation } of layers) {
      output = tf.fused.matMul({ a: output, b: kernel, bias, activation }) as Tensor2D // of two matrices
    }
    sum = sum === undefined ? output : tf.add(sum, output)
  }
  if (sum === undefined) throw new Error('a network has members')
  return members.length === 1 ? sum : tf.mul(sum, 1 / members.length)
}

function layerName(member: number, layer: number): string {
  return `member_${member + 1}_layer_${layer + 1}`
}
