/** What a decision is made from, and what it is: plain data, so that a decision can be logged and made again. */

import type { Day } from '../../../data/index.ts'
import type { Permit, PermitFacts } from '../contact/permit.ts'
import type { creditActions, WarningLevel } from '../file/policy-schema.ts'
import type { Cause, ContactPurpose, ResponseSoFar, StopName, TreatmentName } from '../file/treatment-schema.ts'
import type { Arm } from './hold-out.ts'
import type { Standing } from './ladder.ts'

/** What the next decision about an account needs to know of this one. */
export interface AccountState {
  /** As-of day of the decision. */
  readonly day: Day
  /** PD at the horizon of the warning level. */
  readonly pd: number | null
  readonly grade: Standing | null
  readonly level: Standing<WarningLevel> | null
}

/** All that a decision about one account depends on, beside the policy. */
export interface DecisionFacts {
  readonly borrowerId: string
  readonly accountId: string
  /** As-of day. */
  readonly day: Day
  /** PD(1…H); null if the model gives none. */
  readonly pd: readonly number[] | null
  /** Null = not known. */
  readonly daysPastDue: number | null
  /** Class by each legal clock. */
  readonly classes: Readonly<Record<string, string>>
  /** The account is late because of a technical fault, such as a bank whose debits fail. */
  readonly technical: boolean
  /** Part payments in the last three months. */
  readonly partialPayments: number
  readonly brokenPromises: number
  readonly response: ResponseSoFar
  /** Family of the gravest reason; null = no reason. */
  readonly reasonFamily: string | null
  readonly product: string | null
  readonly stops: readonly StopName[]
  /** What the decision before left; null = there is none. */
  readonly previous: AccountState | null
  /** PD from which there are people to act on a warning; null = no limit. */
  readonly budgetCutoff: number | null
  /** Where, when and how the borrower may be contacted. */
  readonly contact: Omit<PermitFacts, 'channel' | 'purpose' | 'accountId' | 'party' | 'stop'>
}

/** The treatment chosen, and why. */
export interface ChosenTreatment {
  readonly name: TreatmentName
  /** The rule that chose it: `table.<id>`, `exceptions.<id>` or `stops.<name>`. */
  readonly rule: string
  /** What the rule says about itself. */
  readonly says: string | null
  readonly purpose: ContactPurpose | null
  /** True: nothing happens before a person has signed. */
  readonly signOff: boolean
  readonly arm: Arm
  /** What is held back because of the arm; null = nothing. */
  readonly withheld: TreatmentName | null
}

/** The decision about one account. */
export interface Decision {
  readonly grade: string | null
  /** Whole points; more points, less risk. */
  readonly points: number | null
  readonly warningLevel: WarningLevel | null
  /** Months ahead on which grade and level look. */
  readonly horizonMonths: { readonly grade: number; readonly warning: number } | null
  readonly cause: Cause
  readonly treatment: ChosenTreatment
  /** May the borrower be contacted now for this treatment; null: it needs no contact. */
  readonly permit: Permit | null
  readonly credit: {
    readonly action: (typeof creditActions)[number]
    /** True: a current borrower is cut on an alert, so that a notice with reasons is due. */
    readonly adverseAction: boolean
    /** Days within which the notice is due. */
    readonly noticeDays: number | null
  }
}
