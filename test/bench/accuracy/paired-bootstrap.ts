/** Intervals of AUC and of its differences between models on the same rows, whole borrowers drawn with replacement. */

import { random } from '../../../data/index.ts'
import { rank, rankStatistics } from '../../../models/index.ts'
import { clusterDraws } from '../../../training/draw-clusters.ts'

/** An estimate with its 95 % percentile interval. */
export interface Estimate {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** Samples drawn. */
const samples = 400

/**
 * AUC of each model, and a figure of all of them, with paired intervals: every sample draws the same borrowers for all.
 *
 * @param models - Scores by model, each of shape `[row]`.
 * @param cluster - Borrower of each row, shape `[row]`.
 * @param strata - Rows of one stratum, such as a test fold, are ranked apart and averaged; shape `[row]`.
 * @param figure - What to make of the models' AUCs.
 * @param rowWeights - How much each row counts, ≥ 0; left out, all alike. Shape `[row]`.
 */
export function pairedBootstrap<Name extends string>(
  models: Readonly<Record<Name, Float64Array>>,
  events: Uint8Array,
  cluster: ArrayLike<number>,
  strata: ArrayLike<number>,
  figure: (auc: Readonly<Record<Name, number>>) => Readonly<Record<string, number>>,
  rowWeights?: Float64Array,
): Record<string, Estimate> {
  const names = Object.keys(models) as Name[]
  const source = random(1, 'paired bootstrap')
  const parts = [...new Set(Array.from(strata))].map(stratum => {
    const rows = Int32Array.from(events.keys()).filter(row => strata[row] === stratum)
    const draw = clusterDraws(
      rows.map(row => cluster[row] as number),
      source,
    )
    const own = Uint8Array.from(rows, row => events[row] as number)
    const rankings = names.map(name =>
      rank(
        Float64Array.from(rows, row => models[name][row] as number),
        own,
      ),
    )
    const counts = Float64Array.from(rows, row => rowWeights?.[row] ?? 1)
    return { draw: () => draw().map((times, row) => times * (counts[row] as number)), counts, rankings }
  })
  const measure = (weightsOf: (part: number) => Float64Array): Record<string, number> => {
    const sums = Object.fromEntries(names.map(name => [name, 0])) as Record<Name, number>
    parts.forEach(({ rankings }, part) => {
      const weights = weightsOf(part)
      names.forEach((name, index) => {
        const ranking = rankings[index]
        if (ranking !== undefined) sums[name] += rankStatistics(ranking, weights, []).auc / parts.length
      })
    })
    return { ...sums, ...figure(sums) }
  }
  const point = measure(part => parts[part]?.counts as Float64Array)
  const drawn = Array.from({ length: samples }, () => {
    const weights = parts.map(({ draw }) => draw())
    return measure(part => weights[part] as Float64Array)
  })
  return Object.fromEntries(
    Object.entries(point).map(([name, value]) => {
      const sorted = drawn.map(sample => sample[name] as number).sort((a, b) => a - b)
      const at = (share: number): number => sorted[Math.round(share * (samples - 1))] as number
      return [name, { value, low: at(0.025), high: at(0.975) }]
    }),
  )
}

/** `0.7921 [0.7858, 0.7979]`. */
export function written({ value, low, high }: Estimate, digits = 4): string {
  return `${value.toFixed(digits)} [${low.toFixed(digits)}, ${high.toFixed(digits)}]`
}
