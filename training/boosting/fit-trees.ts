/**
 * Boosts oblivious trees on the hazards, stopping early on borrowers that they never learned from: first for all months
 * together, then for the first month alone. What comes of it hangs on who is late today, as that of no other month does,
 * and trees for all months leave some of it unsaid.
 */

import { type Random, random } from '../../data/index.ts'
import { type BoostedTrees, sigmoid } from '../../models/index.ts'
import { meanLoss, type TrainingRows } from '../hazard-loss.ts'
import { forEachTarget, hazardsAmong, logitsSeen, outputsOf } from '../tasks.ts'
import type { Epoch, TrainedMember } from '../trained-member.ts'
import { binRows, chooseThresholds } from './bins.ts'
import { type GrownTree, growTree } from './grow-tree.ts'

/** How trees are boosted. */
export interface TreesSettings {
  /** Inputs that may be asked about. */
  readonly candidates: Int32Array
  /** Questions per tree. */
  readonly depth: number
  /** Share of a Newton step that a tree takes. */
  readonly learningRate: number
  readonly treesAtMost: number
  /** Trees for the first month alone. */
  readonly firstMonthTreesAtMost: number
  /** Trees without a better validation loss after which boosting stops. */
  readonly patience: number
  /** Share of the rows that a tree is grown on. */
  readonly rowShare: number
  /** Rows that a tree is grown on, at most. */
  readonly rowsPerTree: number
  /** Rows in all, at most: a sample of them where there are more. */
  readonly rowsAtMost: number
  /** Share of the candidates that a tree may ask about. */
  readonly candidateShare: number
  /** Added to the second derivatives' sum of a leaf: small leaves take small steps. */
  readonly l2: number
}

/** Trees between two entries of the learning curve. */
const treesPerEpoch = 25

/**
 * Boosts trees, keeping as many as have the best loss on the validation rows.
 *
 * @param rows - Row numbers to learn from.
 * @param validation - Row numbers to stop early on; none of them in `rows`.
 * @param seed - Same seed and data give the same trees, on any engine.
 * @param onProgress - Share done, in [0, 1].
 * @see Friedman (2002), Stochastic Gradient Boosting
 */
export function fitTrees(
  data: TrainingRows,
  rows: Int32Array,
  validation: Int32Array,
  settings: TreesSettings,
  seed: number,
  onProgress: (share: number) => void = () => {},
): TrainedMember {
  const chosen = sampleOf(rows, settings.rowsAtMost / rows.length, random(seed, 'rows of trees'))
  const binned = chooseThresholds(data, chosen, settings.candidates)
  const { horizonMonths } = data
  const outputs = outputsOf(data)
  const learning = boostedRows(data, chosen, binRows(binned, data, chosen), outputs)
  const judging = boostedRows(data, validation, binRows(binned, data, validation), horizonMonths)
  const bias = logitsSeen(data, chosen)

  const thresholds = Int32Array.from(binned.thresholds, ({ length }) => length)
  const all = places(binned.inputs.length)
  const everyRow = places(chosen.length)
  const trees: GrownTree[] = []
  const curve: Epoch[] = []
  /** Scores all rows by the trees there are. */
  const score = (): void => {
    for (const scored of [learning, judging]) {
      scored.start(bias)
      trees.forEach(scored.add)
    }
  }
  const standing = (loss: number) => ({ loss, trees: trees.length, logits: judging.logits.slice() })
  score()
  let best = standing(meanLoss(data, validation, judging.logits))
  let grown = 0
  const grownAtMost = settings.treesAtMost + (horizonMonths > 1 ? settings.firstMonthTreesAtMost : 0)

  /** Grows trees for the first outputs until that helps the hazards no more, and throws away those that didn't. */
  const boost = (first: number, atMost: number): void => {
    for (let left = atMost; left > 0 && all.length > 0 && trees.length - best.trees < settings.patience; left -= 1) {
      grown += 1
      const source = random(seed, 'tree', grown)
      const share = Math.min(settings.rowShare, settings.rowsPerTree / chosen.length)
      const sample = sampleOf(everyRow, share, source)
      const candidates = sampleOf(all, settings.candidateShare, source)
      const derivatives = learning.derivatives(sample, first)
      const { bins } = learning
      const grownOn = { bins, rows: chosen.length, sample, derivatives, outputs }
      const tree = growTree(grownOn, candidates, thresholds, settings)
      for (let at = 0; at < tree.leaves.length; at += 1) {
        tree.leaves[at] = Math.fround(settings.learningRate * (tree.leaves[at] as number))
      }
      trees.push(tree)
      learning.add(tree)
      judging.add(tree)
      const loss = meanLoss(data, validation, judging.logits)
      if (loss < best.loss) best = standing(loss)
      if (grown % treesPerEpoch === 0) {
        curve.push({
          epoch: grown / treesPerEpoch,
          trainLoss: meanLoss(data, chosen, hazardsAmong(data, learning.logits)),
          validationLoss: loss,
        })
        onProgress(grown / grownAtMost)
      }
    }
    trees.length = best.trees
  }

  boost(outputs, settings.treesAtMost)
  if (horizonMonths > 1) {
    score()
    boost(1, settings.firstMonthTreesAtMost)
  }
  onProgress(1)
  return {
    member: tables(data, trees, binned, { depth: settings.depth, bias }),
    curve,
    validationLogits: best.logits,
  }
}

/** Rows that are boosted on or judged by, with logits of the first `kept` outputs. */
function boostedRows(data: TrainingRows, rows: Int32Array, bins: Uint8Array, kept: number) {
  const outputs = outputsOf(data)
  const logits = new Float32Array(rows.length * kept)
  const leafOf = new Uint16Array(rows.length)
  return {
    bins,
    logits,
    start: (bias: Float32Array): void => {
      const first = bias.subarray(0, kept)
      for (let row = 0; row < rows.length; row += 1) logits.set(first, row * kept)
    },
    add: ({ candidate, bin, leaves }: GrownTree): void => {
      leafOf.fill(0)
      candidate.forEach((one, question) => {
        const start = one * rows.length
        const above = bin[question] as number
        for (let row = 0; row < rows.length; row += 1) {
          if ((bins[start + row] as number) > above) leafOf[row] = (leafOf[row] as number) | (1 << question)
        }
      })
      for (let row = 0, at = 0; row < rows.length; row += 1) {
        const from = (leafOf[row] as number) * outputs
        for (let output = 0; output < kept; output += 1, at += 1) {
          logits[at] = (logits[at] as number) + (leaves[from + output] as number)
        }
      }
    },
    /** σ(z) − y and σ(z) · (1 − σ(z)) of the first outputs where y is known, else 0; shape `[sample, output, 2]`. */
    derivatives: (sample: Int32Array, first: number): Float64Array => {
      const found = new Float64Array(sample.length * outputs * 2)
      sample.forEach((place, index) => {
        forEachTarget(data, rows[place] as number, (output, target) => {
          if (output >= first) return
          const probability = sigmoid(logits[place * outputs + output] as number)
          const at = 2 * (index * outputs + output)
          found[at] = probability - target
          found[at + 1] = probability * (1 - probability)
        })
      })
      return found
    },
  }
}

/** 0 … count − 1. */
function places(count: number): Int32Array {
  const found = new Int32Array(count)
  for (let place = 0; place < count; place += 1) found[place] = place
  return found
}

/** Each with a probability, in their order; at least one. */
function sampleOf(items: Int32Array, share: number, source: Random): Int32Array {
  if (share >= 1) return items
  const sampled = items.filter(() => source.uniform() < share)
  return sampled.length === 0 ? items.slice(0, 1) : sampled
}

function tables(
  data: TrainingRows,
  trees: readonly GrownTree[],
  { inputs, thresholds }: { readonly inputs: Int32Array; readonly thresholds: readonly Float32Array[] },
  { depth, bias }: { readonly depth: number; readonly bias: Float32Array },
): BoostedTrees {
  return {
    depth,
    inputs: data.width,
    splitInput: Int32Array.from(trees.flatMap(({ candidate }) => Array.from(candidate, one => inputs[one] as number))),
    threshold: Float32Array.from(
      trees.flatMap(({ candidate, bin }) =>
        Array.from(candidate, (one, question) => thresholds[one]?.[bin[question] as number] as number),
      ),
    ),
    leaves: hazardsAmong(data, Float32Array.from(trees.flatMap(({ leaves }) => [...leaves]))),
    bias: hazardsAmong(data, bias),
  }
}
