/** How far a distribution has moved from a reference. */

import { InputError } from '../../data/index.ts'

/** A share of nothing counts as this, so that an empty bin gives a large number and not an infinite one. */
const leastShare = 1e-4

/**
 * Population stability index: Σ (actual − expected) · ln(actual / expected) over bins.
 *
 * @param expected - Shares of the reference, summing to 1; shape `[bin]`.
 * @param actual - Shares now; same length.
 * @returns At least 0; below 0.1 little has moved, above 0.25 much has (a custom of the field).
 * @throws InputError if lengths differ.
 * @see Siddiqi (2006), Credit Risk Scorecards
 */
export function populationStabilityIndex(expected: readonly number[], actual: readonly number[]): number {
  if (expected.length !== actual.length) {
    throw new InputError({
      source: 'metric',
      found: `${expected.length} and ${actual.length} bins`,
      expected: 'equal lengths',
    })
  }
  return expected.reduce((sum, share, bin) => {
    const e = Math.max(leastShare, share)
    const a = Math.max(leastShare, actual[bin] as number)
    return sum + (a - e) * Math.log(a / e)
  }, 0)
}
