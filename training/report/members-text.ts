/** What a network consists of, in words. */

import type { Manifest } from '../../models/index.ts'

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
