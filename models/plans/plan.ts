/** What an instalment plan is, and which are looked at. */

import { z } from 'zod'
import type { Day } from '../../data/index.ts'
import type { Exact } from './money.ts'

/** Which plans to search, and what they must keep to. */
export const planSearchSchema = z
  .strictObject({
    affordability: z
      .number()
      .positive()
      .max(1e12)
      .describe('Most that the borrower can pay a month: no instalment of a plan is higher.'),
    instalmentsAtMost: z.int().min(1).max(120).default(60).describe('Longest plan, in monthly instalments.'),
    holidaysAtMost: z
      .int()
      .min(0)
      .max(12)
      .default(2)
      .describe('Months without a payment before the first instalment, at most; interest goes on.'),
    rateCuts: z
      .array(z.number().min(0).max(1))
      .min(1)
      .max(10)
      .default([0, 0.25, 0.5, 1])
      .describe('Shares of the original rate that may be given up; 1 is no interest. The default is an example.'),
    plansAtMost: z.int().min(1).max(20).default(5),
  })
  .meta({ id: 'PlanSearch' })

/** Which plans to search. */
export type PlanSearch = z.infer<typeof planSearchSchema>

/** What is owed, and on what terms it was. */
export interface Debt {
  readonly currency: string
  /** Day of the agreement. */
  readonly agreedOn: Day
  /** Unpaid instalments: on each due date what is unpaid of it, overdue ones included. */
  readonly owed: readonly { readonly on: Day; readonly amount: Exact }[]
  /** Original effective yearly rate, as a fraction. */
  readonly effectiveRate: Exact
}

/** A plan: what is due when, what it costs whom. */
export interface Plan {
  readonly instalments: readonly {
    readonly dueOn: Day
    readonly payment: Exact
    readonly interest: Exact
    readonly principal: Exact
    readonly balance: Exact
  }[]
  /** Months without a payment at the beginning. */
  readonly holidayMonths: number
  /** Share of the original rate that is given up. */
  readonly rateCut: number
  /** Interest a month, as a fraction. */
  readonly monthlyRate: Exact
  /** What the plan is made for: the present value of what is owed, at the original effective rate. */
  readonly principal: Exact
  readonly totalPayment: Exact
  readonly totalInterest: Exact
  /** What the borrower pays more (or less) than the unpaid instalments come to. */
  readonly extraCost: Exact
  /** (NPV₀ − NPV₁) / NPV₀ at the original effective rate; below 0 the lender gains. */
  readonly npvLoss: Exact
}
