/** What a network consists of and what it learnt, in words. */

import type { Manifest } from '../../models/index.ts'
import { earlyDaysPastDue } from '../population.ts'

/** Such as `5 perceptrons 198–256–64–6, 5 members of boosted trees (1,016 trees of 4 questions)`. */
export function membersText(
  { inputs, hidden, members, trees, sequence }: Manifest['network'],
  horizon: number,
): string {
  const perceptrons = members - (trees?.members ?? 0) - (sequence?.members ?? 0)
  const counted = (count: number, one: string, several: string): string => `${count} ${count === 1 ? one : several}`
  return [
    `${counted(perceptrons, 'perceptron', 'perceptrons')} ${[inputs, ...hidden, horizon].join('–')}`,
    ...(trees === undefined
      ? []
      : [
          `${counted(trees.members, 'member', 'members')} of boosted trees (${trees.trees.toLocaleString('en')} trees of ${trees.depth} questions)`,
        ]),
    ...(sequence === undefined
      ? []
      : [
          `${counted(sequence.members, 'sequence member', 'sequence members')} over ${sequence.steps} months of ${sequence.quantities} quantities`,
        ]),
  ].join(', ')
}

/** Such as `hazards of months 1 to 6, with 10+ days past due month by month as an auxiliary task`. */
export function tasksText(label: Manifest['label']): string {
  const hazards = `hazards of months 1 to ${label.horizonMonths}`
  // labels that a data set brings say nothing of days past due
  return label.given
    ? hazards
    : `${hazards}, with ${earlyDaysPastDue(label)}+ days past due month by month as an auxiliary task`
}
