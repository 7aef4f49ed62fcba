/** Quantities that several families speak of, each defined once. */

import { above, clamp, column, firstKnown, lag, monthsSinceDate, ratio } from '../combinators.ts'
import type { Condition, NumberExpression } from '../expression.ts'

/**
 * Worst days past due of the month; where only the month's end is known, that. Beyond a year there is nothing left to
 * learn from a day more.
 */
export const delay: NumberExpression = clamp(firstKnown(column('worstDaysPastDue'), column('daysPastDue')), 0, 360)

/** Was any payment late in the month? */
export const late: Condition = above(delay, 0)

/** Share of the limit, or of the amount financed, that is owed. Below 0 when overpaid. */
export const utilisation: NumberExpression = clamp(ratio(column('balance'), column('creditLimit')), -1, 3)

/** Share of the earlier month's balance that was paid in the month. */
export const paidOfBalance: NumberExpression = clamp(ratio(column('amountPaid'), lag(1, column('balance'))), 0, 2)

/** Share of what fell due in the month that was paid in the month. */
export const paidOfDue: NumberExpression = clamp(ratio(column('amountPaid'), column('amountDue')), 0, 3)

/** What falls due in the next month; where that isn't known, what fell due in this one. */
export const monthlyDue: NumberExpression = firstKnown(column('nextAmountDue'), column('amountDue'))

/** Age of the borrower in years, to the month. */
export const ageYears: NumberExpression = ratio(monthsSinceDate('bornOn'), 12)
