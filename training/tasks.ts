/**
 * What members learn: the hazards, and beside them, where it is known how rows went on, early delinquency month by month
 * as an auxiliary task. A member has outputs for both while it learns and keeps those of the hazards: the other task only
 * bends what they are made of towards what more accounts tell.
 *
 * @see Caruana (1997), Multitask Learning
 */

import type { TrainingRows } from './hazard-loss.ts'

/** What a month of the auxiliary task weighs in the loss of a network, where one of the hazards weighs 1. */
const auxiliaryWeight = 0.3

/** Outputs of a member while it learns: H hazards, then as many of the auxiliary task if there is one. */
export function outputsOf({ horizonMonths, followUp }: TrainingRows): number {
  return followUp === undefined ? horizonMonths : 2 * horizonMonths
}

/** What belongs to the hazards of values whose last dimension is outputs. */
export function hazardsAmong(data: TrainingRows, values: Float32Array): Float32Array {
  const outputs = outputsOf(data)
  return outputs === data.horizonMonths ? values : values.filter((_, at) => at % outputs < data.horizonMonths)
}

/** Visits the outputs of which it is known, for a row, whether what they stand for came: 1 or 0. */
export function forEachTarget(data: TrainingRows, row: number, visit: (output: number, target: number) => void): void {
  const { horizonMonths, followUp } = data
  const observed = data.observedMonths[row] as number
  const event = data.eventMonth[row] as number
  for (let month = 0; month < observed; month += 1) visit(month, event === month + 1 ? 1 : 0)
  if (followUp === undefined) return
  const followed = followUp.followedMonths[row] as number
  const early = followUp.earlyDelinquency[row] as number
  for (let month = 0; month < followed; month += 1) visit(horizonMonths + month, (early >> month) & 1)
}

/** Targets of rows and what each weighs in the loss, 0 where nothing is known; shape `[row, output]`. */
export function targetsOf(data: TrainingRows, chosen: Int32Array): { targets: Float32Array; weights: Float32Array } {
  const outputs = outputsOf(data)
  const targets = new Float32Array(chosen.length * outputs)
  const weights = new Float32Array(chosen.length * outputs)
  chosen.forEach((row, place) => {
    forEachTarget(data, row, (output, target) => {
      targets[place * outputs + output] = target
      weights[place * outputs + output] = output < data.horizonMonths ? 1 : auxiliaryWeight
    })
  })
  return { targets, weights }
}

/** Logit of how often each output's target came, with half a case added on either side; shape `[output]`. */
export function logitsSeen(data: TrainingRows, rows: Int32Array): Float32Array {
  const seen = new Float64Array(outputsOf(data))
  const came = new Float64Array(seen.length)
  for (const row of rows) {
    forEachTarget(data, row, (output, target) => {
      seen[output] = (seen[output] as number) + 1
      came[output] = (came[output] as number) + target
    })
  }
  return Float32Array.from(seen, (count, output) => {
    const events = came[output] as number
    return Math.log((events + 0.5) / (count - events + 0.5))
  })
}
