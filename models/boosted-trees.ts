/**
 * Boosted oblivious trees as a part of a network: every tree asks the same `depth` questions of a row, whatever the
 * answers, so that it is a table of 2^depth leaves. That makes it expressible by standard layers:
 *
 * 1. Dense: input less threshold of every question, times 2¹⁰⁰; cut off at 0 and 1: exactly 1 where the input is above its
 *    threshold, exactly 0 elsewhere (a power of two rounds nothing).
 * 2. Depthwise convolution over the questions of each tree, cut off at 0: 1 for the leaf that the answers lead to, else 0.
 * 3. Dense: the sum of the leaves' hazard logits.
 *
 * Tables and layers give the same logits; the tables are what is computed with here, since looking up is far cheaper
 * than multiplying by zeros.
 *
 * @see Friedman (2001), Greedy Function Approximation: A Gradient Boosting Machine
 * @see Prokhorenkova et al. (2018), CatBoost: Unbiased Boosting with Categorical Features, for oblivious trees
 */

import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs'
import type { TensorFlow } from './engine.ts'
import { apply, weighted } from './weighted-layer.ts'

/** Trees whose leaves sum to hazard logits. */
export interface BoostedTrees {
  /** Questions per tree. */
  readonly depth: number
  /** Inputs of the network. */
  readonly inputs: number
  /** Input that each question looks at, shape `[tree, depth]`. */
  readonly splitInput: Int32Array
  /** The answer is yes where the input is above it, shape `[tree, depth]`. */
  readonly threshold: Float32Array
  /** Hazard logits of the leaves, shape `[tree, 2^depth, H]`; bit d of a leaf's number is the answer to question d. */
  readonly leaves: Float32Array
  /** Hazard logits before any tree, shape `[H]`. */
  readonly bias: Float32Array
}

/** Makes an input above its threshold at least 1, however little it is above. */
const steepness = 2 ** 100

/** Layers of the trees with a number; the same for writing and reading. */
const layerNames = (number: number) => ({
  questions: `trees_${number}_questions`,
  answers: `trees_${number}_answers`,
  paths: `trees_${number}_paths`,
  leaf: `trees_${number}_leaf`,
  flat: `trees_${number}_flat`,
  hazards: `trees_${number}_hazards`,
})

/** How many trees there are. */
export function treeCount({ splitInput, depth }: BoostedTrees): number {
  return splitInput.length / depth
}

/** Puts trees on a network's input. */
export function treeBranch(tf: TensorFlow, input: SymbolicTensor, trees: BoostedTrees, number: number): SymbolicTensor {
  const { depth, inputs, splitInput, threshold, leaves, bias } = trees
  const count = treeCount(trees)
  const paths = 1 << depth
  const name = layerNames(number)
  const unset = { kernelInitializer: 'zeros' } as const

  const kernel = new Float32Array(inputs * count * depth)
  const shift = new Float32Array(count * depth)
  // Questions lie [question, tree], as the convolution wants them.
  for (let tree = 0; tree < count; tree += 1) {
    for (let question = 0; question < depth; question += 1) {
      const column = question * count + tree
      kernel[(splitInput[tree * depth + question] as number) * count * depth + column] = steepness
      shift[column] = -(threshold[tree * depth + question] as number) * steepness
    }
  }
  const asked = weighted(tf, tf.layers.dense({ units: count * depth, ...unset, name: name.questions }), input, [
    [kernel, [inputs, count * depth]],
    [shift, [count * depth]],
  ])
  const answers = apply(tf.layers.reLU({ maxValue: 1, name: name.answers }), asked)
  const grid = apply(tf.layers.reshape({ targetShape: [depth, 1, count], name: name.paths }), answers)

  // A path matches if all its yeses are 1 and all its noes are 0: then the sum is the number of yeses, else at most 1 less.
  const filter = new Float32Array(depth * count * paths)
  const missing = new Float32Array(count * paths)
  for (let tree = 0; tree < count; tree += 1) {
    for (let path = 0; path < paths; path += 1) {
      let yeses = 0
      for (let question = 0; question < depth; question += 1) {
        const isYes = (path >> question) & 1
        yeses += isYes
        filter[(question * count + tree) * paths + path] = isYes === 1 ? 1 : -1
      }
      missing[tree * paths + path] = 1 - yeses
    }
  }
  const match = tf.layers.depthwiseConv2d({
    kernelSize: [depth, 1],
    depthMultiplier: paths,
    activation: 'relu',
    depthwiseInitializer: 'zeros',
    name: name.leaf,
  })
  const matched = weighted(tf, match, grid, [
    [filter, [depth, 1, count, paths]],
    [missing, [count * paths]],
  ])
  const flat = apply(tf.layers.flatten({ name: name.flat }), matched)
  return weighted(tf, tf.layers.dense({ units: bias.length, ...unset, name: name.hazards }), flat, [
    [leaves, [count * paths, bias.length]],
    [bias, [bias.length]],
  ])
}

/** Reads the tables back from a network's layers; empty if it has no trees. */
export function treesOf(model: LayersModel): BoostedTrees[] {
  const found: BoostedTrees[] = []
  const byName = new Map(model.layers.map(layer => [layer.name, layer]))
  for (let number = 1; byName.has(layerNames(number).questions); number += 1) {
    const name = layerNames(number)
    const weights = (layer: string) => byName.get(layer)?.getWeights() ?? []
    const [kernel, shift] = weights(name.questions)
    const [filter] = weights(name.leaf)
    const [leaves, bias] = weights(name.hazards)
    if (!(kernel && shift && filter && leaves && bias)) throw new Error(`the layers of ${name.questions} are not whole`)
    const [inputs, columns] = kernel.shape as [number, number]
    const depth = filter.shape[0] as number
    const count = columns / depth
    const splitInput = new Int32Array(columns)
    const threshold = new Float32Array(columns)
    const steps = kernel.dataSync<'float32'>()
    const shifts = shift.dataSync<'float32'>()
    for (let input = 0; input < inputs; input += 1) {
      for (let column = 0; column < columns; column += 1) {
        if (steps[input * columns + column] === 0) continue
        splitInput[(column % count) * depth + Math.floor(column / count)] = input
      }
    }
    shifts.forEach((value, column) => {
      threshold[(column % count) * depth + Math.floor(column / count)] = -value / steepness
    })
    found.push({
      depth,
      inputs,
      splitInput,
      threshold,
      leaves: leaves.dataSync<'float32'>().slice(),
      bias: bias.dataSync<'float32'>().slice(),
    })
  }
  return found
}
