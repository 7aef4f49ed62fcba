/** What must hold before a figure may be believed: no borrower on both sides of a split, no feature that knows the answer. */

import { InputError } from '../data/index.ts'
import type { DesignMatrix } from './design-matrix.ts'
import type { FeatureDescription } from './feature-table.ts'
import type { Split } from './splits.ts'

/**
 * AUC alone at and above which a feature is taken for a leak until shown otherwise: no fact known in time tells this
 * much of what comes months later. A bound of ours, not a rule of the field.
 */
export const leakAuc = 0.95

/** Features whose AUC alone is too good to be known in time. */
export function suspectedLeaks(features: readonly FeatureDescription[]): FeatureDescription[] {
  return features.filter(({ singleAuc }) => singleAuc !== null && singleAuc >= leakAuc)
}

/**
 * Refuses a split in which what judges has been learned from.
 *
 * @throws InputError if a borrower that counts as unseen has a training row, or an account-month lies in both parts.
 */
export function requireSeparateParts(
  matrix: Pick<DesignMatrix, 'borrowerIndex' | 'borrowerIds' | 'accountIds' | 'accountIndex'>,
  split: Pick<Split, 'train' | 'test' | 'unseen'>,
): void {
  const learnedFrom = new Set(Array.from(split.train, row => matrix.borrowerIndex[row] as number))
  const trained = new Set(split.train)
  for (const row of split.test) {
    const borrower = matrix.borrowerIndex[row] as number
    if (split.unseen[row] === 1 && learnedFrom.has(borrower)) {
      throw new InputError({
        source: 'split',
        field: 'borrowerId',
        found: matrix.borrowerIds[borrower] ?? '',
        expected: 'borrowers that count as unseen in no training row',
        rule: 'borrower-in-both-parts',
      })
    }
    if (trained.has(row)) {
      throw new InputError({
        source: 'split',
        field: 'accountId',
        found: matrix.accountIds[matrix.accountIndex[row] as number] ?? '',
        expected: 'account-months in training or in test, not in both',
        rule: 'row-in-both-parts',
      })
    }
  }
}
