/** Boosting of oblivious trees on one set of outputs, with early stopping. */

import { type Random, random } from '../../data/index.ts'
import { sigmoid } from '../../models/index.ts'
import { meanLoss, type TrainingRows } from '../hazard-loss.ts'
import { forEachTarget, hazardsAmong, logitsSeen, outputsOf } from '../tasks.ts'
import type { Epoch } from '../trained-member.ts'
import { type GrownTree, growTree } from './grow-tree.ts'
import { type RowSample, sampleByGradient, sampleEvenly, sampleOf } from './sample-rows.ts'

/** How trees are boosted. */
export interface BoostingSettings {
  /** Questions per tree. */
  readonly depth: number
  /** Share of a Newton step that a tree takes. */
  readonly learningRate: number
  readonly treesAtMost: number
  /** Trees without a better validation loss after which boosting stops. */
  readonly patience: number
  /** Share of the rows that a tree is grown on. */
  readonly rowShare: number
  /** Rows that a tree is grown on, at most. */
  readonly rowsPerTree: number
  /** Are they drawn with the same probability, or in proportion to what each has still to teach? */
  readonly drawn: 'evenly' | 'by-gradient'
  /** Share of the candidates that a tree may ask about. */
  readonly candidateShare: number
  /** Added to the second derivatives' sum of a leaf: small leaves take small steps. */
  readonly l2: number
}

/** Rows in bins. */
export interface BinnedRows {
  /** Row numbers of the data, shape `[row]`. */
  readonly rows: Int32Array
  /** Their bins, shape `[candidate, row]`. */
  readonly bins: Uint8Array
}

/** What trees are boosted on. */
export interface Boosting {
  readonly learning: BinnedRows
  /** Rows to stop early on. */
  readonly judging: BinnedRows
  /** How many thresholds each candidate has, shape `[candidate]`. */
  readonly thresholds: Int32Array
}

/** Trees, and how well they do. */
export interface Boosted {
  /** With leaves of all outputs. */
  readonly trees: readonly GrownTree[]
  /** Logits before any tree, shape `[output]`. */
  readonly bias: Float32Array
  readonly curve: readonly Epoch[]
  /** Of the judging rows. */
  readonly loss: number
  /** Hazard logits of the judging rows, shape `[row, H]`. */
  readonly logits: Float32Array
}

/** Trees between two entries of the learning curve. */
const treesPerEpoch = 25

/**
 * Boosts trees, keeping as many as have the best loss on the judging rows.
 *
 * @param name - Sets what is drawn here apart from what else the seed draws.
 * @param onProgress - Trees grown.
 * @see Friedman (2002), Stochastic Gradient Boosting
 */
export function boost(
  data: TrainingRows,
  { learning, judging, thresholds }: Boosting,
  settings: BoostingSettings,
  { seed, name }: { readonly seed: number; readonly name: string },
  onProgress: (trees: number) => void,
): Boosted {
  const { rows } = learning
  const bias = logitsSeen(data, rows)
  const learnt = boostedRows(data, learning, bias)
  const judged = boostedRows(data, judging, bias.subarray(0, data.horizonMonths))
  const candidates = Int32Array.from(thresholds.keys())
  const trees: GrownTree[] = []
  const curve: Epoch[] = []
  const standing = (loss: number) => ({ loss, count: trees.length, logits: judged.logits.slice() })
  let best = standing(meanLoss(data, judging.rows, judged.logits))
  const draw = drawRows(settings, rows.length, learnt.gradientSizes)
  while (
    trees.length < settings.treesAtMost &&
    trees.length - best.count < settings.patience &&
    candidates.length > 0
  ) {
    const source = random(seed, name, trees.length + 1)
    const sample = draw(source)
    const asked = sampleOf(candidates, settings.candidateShare, source)
    const derivatives = learnt.derivatives(sample)
    const grownOn = { ...learning, rows: rows.length, sample: sample.places, derivatives, outputs: bias.length }
    const tree = growTree(grownOn, asked, thresholds, settings)
    for (let at = 0; at < tree.leaves.length; at += 1) {
      tree.leaves[at] = Math.fround(settings.learningRate * (tree.leaves[at] as number))
    }
    trees.push(tree)
    learnt.add(tree)
    judged.add(tree)
    const loss = meanLoss(data, judging.rows, judged.logits)
    if (loss < best.loss) best = standing(loss)
    if (trees.length % treesPerEpoch === 0) {
      curve.push({
        epoch: trees.length / treesPerEpoch,
        trainLoss: meanLoss(data, rows, hazardsAmong(data, learnt.logits)),
        validationLoss: loss,
      })
      onProgress(trees.length)
    }
  }
  return { trees: trees.slice(0, best.count), bias, curve, loss: best.loss, logits: best.logits }
}

/** How the rows of a tree are drawn. */
function drawRows(
  { drawn, rowShare, rowsPerTree }: BoostingSettings,
  count: number,
  gradientSizes: () => Float64Array,
): (source: Random) => RowSample {
  const share = Math.min(rowShare, rowsPerTree / count)
  return drawn === 'evenly'
    ? source => sampleEvenly(count, share, source)
    : source => sampleByGradient(gradientSizes(), share, source)
}

/** Rows with logits of as many of the outputs as `bias` has. */
function boostedRows(data: TrainingRows, { rows, bins }: BinnedRows, bias: Float32Array) {
  const outputs = outputsOf(data)
  const kept = bias.length
  const logits = new Float32Array(rows.length * kept)
  for (let row = 0; row < rows.length; row += 1) logits.set(bias, row * kept)
  const leafOf = new Uint16Array(rows.length)
  return {
    logits,
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
    /** σ(z) − y and σ(z) · (1 − σ(z)), times a row's weight, where y is known, else 0; shape `[sample, output, 2]`. */
    derivatives: ({ places, weights }: RowSample): Float64Array => {
      const found = new Float64Array(places.length * outputs * 2)
      places.forEach((place, index) => {
        const weight = weights[index] as number
        forEachTarget(data, rows[place] as number, (output, target) => {
          const probability = sigmoid(logits[place * outputs + output] as number)
          const at = 2 * (index * outputs + output)
          found[at] = weight * (probability - target)
          found[at + 1] = weight * (probability * (1 - probability))
        })
      })
      return found
    },
    /** Length of the vector of the outputs' σ(z) − y where y is known; shape `[row]`. */
    gradientSizes: (): Float64Array => {
      const found = new Float64Array(rows.length)
      rows.forEach((row, place) => {
        let squares = 0
        forEachTarget(data, row, (output, target) => {
          squares += (sigmoid(logits[place * outputs + output] as number) - target) ** 2
        })
        found[place] = Math.sqrt(squares)
      })
      return found
    },
  }
}
