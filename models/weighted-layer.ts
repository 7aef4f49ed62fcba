/** Layers that are made with their weights. */

import type { LayersModel, layers, SymbolicTensor, Tensor } from '@tensorflow/tfjs'
import type { TensorFlow } from './engine.ts'

/** A layer of a LayersModel. */
type Layer = ReturnType<typeof layers.dense> | ReturnType<typeof layers.reshape> | LayersModel['layers'][number]

/** Applies a layer to what lies below it. */
export function apply(layer: Layer, below: SymbolicTensor): SymbolicTensor {
  return layer.apply(below) as SymbolicTensor
}

/** Applies a layer and gives it its weights, row-major. */
export function weighted(
  tf: TensorFlow,
  layer: Layer,
  below: SymbolicTensor,
  weights: readonly (readonly [values: Float32Array, shape: number[]])[],
): SymbolicTensor {
  const above = apply(layer, below)
  const tensors: Tensor[] = weights.map(([values, shape]) => tf.tensor(values, shape))
  layer.setWeights(tensors)
  for (const tensor of tensors) tensor.dispose()
  return above
}
