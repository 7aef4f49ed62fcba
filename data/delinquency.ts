/** Days past due, by what was known on a day: written once, for features, labels, the simulator's truth and rules. */

import { type Allocation, type DatedInstalment, stands } from './allocation.ts'
import type { Day } from './calendar.ts'

/**
 * Days past due on a day: the day minus the due date of the oldest instalment that isn't fully paid; 0 if there is none.
 *
 * On the due date itself nothing is past due; the day after it is 1.
 *
 * @param instalments - By due date.
 * @param allocation - Of the payments known on `knownOn`; an instalment paid off after `day` counts as unpaid on it.
 * @param first - Place of the first instalment to look at; those before are paid or cancelled by then.
 */
export function daysPastDue(
  instalments: readonly DatedInstalment[],
  allocation: Allocation,
  day: Day,
  knownOn: Day = day,
  first = 0,
): number {
  for (let place = first; place < instalments.length; place += 1) {
    const instalment = instalments[place] as DatedInstalment
    if (instalment.dueOn >= day) return 0
    const paidOffOn = allocation.paidOffOn[place] as number
    if (stands(instalment, knownOn) && !(paidOffOn <= day)) return day - instalment.dueOn
  }
  return 0
}

/**
 * Most days past due on any day of a period.
 *
 * An instalment that was cancelled counts until the day before its cancellation.
 *
 * @param from - First day of the period.
 * @param to - Last day of the period, included.
 * @param first - Place of the first instalment to look at; those before were paid or cancelled before the period.
 */
export function worstDaysPastDue(
  instalments: readonly DatedInstalment[],
  allocation: Allocation,
  from: Day,
  to: Day,
  knownOn: Day,
  first = 0,
): number {
  let worst = 0
  for (let place = first; place < instalments.length; place += 1) {
    const { dueOn, issuedOn, cancelledOn } = instalments[place] as DatedInstalment
    if (dueOn >= to) break
    if (issuedOn > knownOn) continue
    const paidOffOn = allocation.paidOffOn[place] as number
    const settledOn = Math.min(Number.isNaN(paidOffOn) ? Number.POSITIVE_INFINITY : paidOffOn, cancelledOn)
    const lastUnpaidOn = Math.min(to, settledOn - 1)
    if (lastUnpaidOn >= from) worst = Math.max(worst, lastUnpaidOn - dueOn)
  }
  return worst
}
