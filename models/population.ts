/** Who is asked about: the LabelSpec's entry conditions, the same for training rows and for requests. */

import { accountStateNames, type HistoryBlock, type LabelSpec } from '../data/index.ts'

/** Why an account-month is or isn't in the population. */
export type PopulationStatus = 'scored' | 'overdue' | 'excluded' | 'unknown'

/**
 * Is an account-month in the population?
 *
 * @returns `scored` if it is; `overdue` if it is too many days past due already; `excluded` if its state or a
 *   restructuring keeps it out; `unknown` if the month wasn't seen, or its state or days past due isn't known.
 */
export function populationStatus(spec: LabelSpec, history: HistoryBlock, row: number): PopulationStatus {
  const { state, daysPastDue, restructured } = history.numbers
  const name = accountStateNames[state[row] ?? Number.NaN]
  const overdue = daysPastDue[row] as number
  if (history.observed[row] !== 1 || name === undefined || Number.isNaN(overdue)) return 'unknown'
  if (spec.entryDaysPastDueAtMost !== null && overdue > spec.entryDaysPastDueAtMost) return 'overdue'
  if (!spec.entryStates.includes(name)) return 'excluded'
  return spec.exclusions.includes('restructured') && restructured[row] === 1 ? 'excluded' : 'scored'
}
