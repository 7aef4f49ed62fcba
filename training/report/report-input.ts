/** All that a report and a model card say, gathered once. */

import type { TableName } from '../../data/index.ts'
import type { Manifest } from '../../models/index.ts'
import type { ScoredTest } from '../evaluation.ts'
import type { TraitFairness } from '../fairness.ts'
import type { FeatureDescription } from '../feature-table.ts'
import type { LeadTime } from '../lead-time.ts'
import type { PairedComparison } from '../paired-bootstrap.ts'
import type { MonthStability } from '../stability.ts'
import type { Epoch } from '../trained-member.ts'

/** What a report is made of. */
export interface ReportInput {
  readonly manifest: Omit<Manifest, 'files'>
  /** Rows by table of the data set. */
  readonly counts: Readonly<Partial<Record<TableName, number>>>
  readonly quarantined: number
  readonly scored: ScoredTest
  readonly leadTime: LeadTime
  /** One curve per member. */
  readonly learningCurves: readonly (readonly Epoch[])[]
  /** Most important first. */
  readonly features: readonly FeatureDescription[]
  /** Traits of borrowers and how evenly the model treats their groups, at the middle horizon. */
  readonly fairness: readonly TraitFairness[]
  /** The scorecard (a) beside the network (b), by horizon; empty if no scorecard was trained. */
  readonly challenger: Readonly<Record<string, PairedComparison>>
  /** PSI of the PD by as-of month of the test rows. */
  readonly stability: readonly MonthStability[]
  /** Seconds by step. */
  readonly seconds: Readonly<Record<string, number>>
}

/** The horizon that one-horizon figures are drawn at: the middle one. */
export function mainHorizon({ manifest }: { readonly manifest: Pick<ReportInput['manifest'], 'evaluation'> }): string {
  const horizons = Object.keys(manifest.evaluation.test)
  return horizons[Math.floor((horizons.length - 1) / 2)] ?? '1'
}

/** Limits that hold for every model of this kind; the report and the card say the same. */
export function limits({ manifest }: Pick<ReportInput, 'manifest'>): string[] {
  const { data, label } = manifest
  return [
    `It estimates the probability of reaching ${label.targetDaysPastDue}+ days past due, not whether a borrower can or wants to pay, and not what a treatment would change.`,
    'Contributions say what moved this model’s score; they are no causes.',
    'Accounts that are paid off or leave the data are censored: probabilities of long horizons speak of accounts that stay.',
    ...(data.split.kind === 'folds'
      ? ['The data has no later months to judge on: the figures say nothing about how the model ages.']
      : [
          `Judged on as-of months ${data.parts.test.firstMonth} to ${data.parts.test.lastMonth}; a change of the economy or of the product can make it worse.`,
        ]),
    ...(data.calendar === 'relative'
      ? ['The data’s calendar is relative: months are in order, but stand for no real dates.']
      : []),
    ...(manifest.evaluation.truth === null
      ? []
      : ['The data is simulated: the figures show that the method works, not how well it works for a lender.']),
  ]
}
