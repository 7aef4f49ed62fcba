/**
 * Fits a member of boosted oblivious trees, stopping early on borrowers that it never learned from.
 *
 * Where there are several months, trees are boosted on all of them together, and others on the first month alone. What
 * comes of the first month may hang on who is late today, as that of no other month does: then a few rows have all that
 * is uncertain of it and a few inputs tell it, and trees for all months leave some of it unsaid. Where it doesn't, the
 * other months teach more about it. So the validation rows decide whose logit of the first month is kept.
 */

import { random } from '../../data/index.ts'
import type { BoostedTrees } from '../../models/index.ts'
import { meanLoss, type TrainingRows } from '../hazard-loss.ts'
import { hazardsAmong } from '../tasks.ts'
import type { TrainedMember } from '../trained-member.ts'
import { type BinnedInputs, binRows, chooseThresholds } from './bins.ts'
import { type Boosted, type BoostingSettings, boost } from './boost.ts'
import { sampleOf } from './sample-rows.ts'

/** How a member of trees learns. */
export interface TreesSettings extends BoostingSettings {
  /** Inputs that may be asked about. */
  readonly candidates: Int32Array
  /** Rows in all, at most: a sample of them where there are more. */
  readonly rowsAtMost: number
  /** Where there are several months: trees for the first alone, which ask no more questions than the others. */
  readonly firstMonth: BoostingSettings
}

/**
 * Fits a member.
 *
 * @param rows - Row numbers to learn from.
 * @param validation - Row numbers to stop early on; none of them in `rows`.
 * @param seed - Same seed and data give the same trees, on any engine.
 * @param onProgress - Share done, in [0, 1].
 */
export function fitTrees(
  data: TrainingRows,
  rows: Int32Array,
  validation: Int32Array,
  settings: TreesSettings,
  seed: number,
  onProgress: (share: number) => void = () => {},
): TrainedMember {
  const { horizonMonths } = data
  const { depth, treesAtMost, firstMonth } = settings
  const chosen = sampleOf(rows, settings.rowsAtMost / rows.length, random(seed, 'rows of trees'))
  const binned = chooseThresholds(data, chosen, settings.candidates)
  const boosting = {
    learning: { rows: chosen, bins: binRows(binned, data, chosen) },
    judging: { rows: validation, bins: binRows(binned, data, validation) },
    thresholds: Int32Array.from(binned.thresholds, ({ length }) => length),
  }
  const atMost = treesAtMost + (horizonMonths > 1 ? firstMonth.treesAtMost : 0)
  const all = boost(data, boosting, settings, { seed, name: 'tree' }, grown => onProgress(grown / atMost))
  const shared = tables(data, all, binned, depth)
  if (horizonMonths > 1) {
    const month = firstMonthOf(data)
    const alone = boost(month, boosting, firstMonth, { seed, name: 'tree of the first month' }, grown =>
      onProgress((treesAtMost + grown) / atMost),
    )
    const column = all.logits.filter((_, at) => at % horizonMonths === 0)
    if (alone.loss < meanLoss(month, validation, column)) {
      alone.logits.forEach((logit, row) => {
        all.logits[row * horizonMonths] = logit
      })
      const member = withFirstMonth(shared, tables(month, alone, binned, depth))
      onProgress(1)
      return { member, curve: all.curve, validationLogits: all.logits }
    }
  }
  onProgress(1)
  return { member: shared, curve: all.curve, validationLogits: all.logits }
}

/** The same rows, followed for one month. */
function firstMonthOf(data: TrainingRows): TrainingRows {
  return {
    inputs: data.inputs,
    width: data.width,
    horizonMonths: 1,
    observedMonths: data.observedMonths.map(months => Math.min(1, months)),
    eventMonth: data.eventMonth.map(month => (month === 1 ? 1 : 0)),
  }
}

/** Trees with another logit of the first month: their own is taken out, and trees that know nothing else are added. */
function withFirstMonth(trees: BoostedTrees, first: BoostedTrees): BoostedTrees {
  const horizon = trees.bias.length
  const leaves = new Float32Array(trees.leaves.length + first.leaves.length * horizon)
  leaves.set(trees.leaves.map((leaf, at) => (at % horizon === 0 ? 0 : leaf)))
  first.leaves.forEach((leaf, at) => {
    leaves[trees.leaves.length + at * horizon] = leaf
  })
  return {
    ...trees,
    splitInput: Int32Array.of(...trees.splitInput, ...first.splitInput),
    threshold: Float32Array.of(...trees.threshold, ...first.threshold),
    leaves,
  }
}

/** Above any encoded input that trees ask about: ranks as normal quantiles, indicators, levels. */
const never = 2 ** 20

/**
 * Trees in the saved form.
 *
 * @param depth - Questions of each tree. One that asked fewer has others after them to which every answer is no, so that
 *   explaining it costs no more; no row comes to the leaves beyond.
 */
function tables(
  data: TrainingRows,
  { trees, bias }: Boosted,
  { inputs, thresholds }: BinnedInputs,
  depth: number,
): BoostedTrees {
  const questions = trees.flatMap(({ candidate, bin }) =>
    Array.from({ length: depth }, (_, question) => {
      const one = candidate[Math.min(question, candidate.length - 1)] as number
      const threshold = question < candidate.length ? thresholds[one]?.[bin[question] as number] : never
      return { input: inputs[one] as number, threshold: threshold as number }
    }),
  )
  const all = trees.flatMap(({ leaves, candidate }) =>
    Array.from({ length: leaves.length << (depth - candidate.length) }, (_, at) => leaves[at] ?? 0),
  )
  return {
    depth,
    inputs: data.width,
    splitInput: Int32Array.from(questions, ({ input }) => input),
    threshold: Float32Array.from(questions, ({ threshold }) => threshold),
    leaves: hazardsAmong(data, Float32Array.from(all)),
    bias: hazardsAmong(data, bias),
  }
}
