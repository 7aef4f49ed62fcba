/** May an account be made current again by a plan? The limits of the rule packs. */

import { addMonths, type Day, datedLedger, isKnown, type LedgerAccount, monthOf, toDay } from '../../data/index.ts'
import type { RulePack } from '../overdue/index.ts'

/** What a pack says to a plan. */
export interface ReAgeVerdict {
  readonly pack: string
  readonly allowed: boolean
  /** What is against it, in words. */
  readonly against: readonly string[]
}

/**
 * Checks the re-age limits of packs; a pack without limits says nothing.
 *
 * @param packs - Those in force for the product.
 * @param agreedOn - Day on which the account would be made current.
 */
export function reAgeVerdicts(packs: readonly RulePack[], account: LedgerAccount, agreedOn: Day): ReAgeVerdict[] {
  return packs.flatMap(({ id, reAge }) => {
    if (reAge === undefined) return []
    const against: string[] = []
    const months = monthsOnBook(account, agreedOn)
    if (months === null || months < reAge.monthsOnBookAtLeast) {
      against.push(
        `open for ${months ?? 'an unknown number of'} months, expected at least ${reAge.monthsOnBookAtLeast}`,
      )
    }
    const paid = instalmentsPaidLately(account, agreedOn, reAge.paymentsInARowAtLeast)
    if (paid < reAge.paymentsInARowAtLeast) {
      const window = reAge.paymentsInARowAtLeast
      against.push(`${paid} instalments’ worth paid in the last ${window} months, expected at least ${window}`)
    }
    const earlier = earlierReAges(account, agreedOn)
    for (const { times, months: window } of reAge.atMost) {
      const count = earlier.filter(on => addMonths(on, window) > agreedOn).length
      if (count + 1 > times) {
        against.push(`re-aged ${count} times in ${window} months already, expected at most ${times} with this one`)
      }
    }
    return [{ pack: id, allowed: against.length === 0, against }]
  })
}

function monthsOnBook(account: LedgerAccount, on: Day): number | null {
  if ((account.openedOn ?? null) === null) return null
  const openedOn = toDay(account.openedOn ?? '')
  const months = monthOf(on) - monthOf(openedOn)
  return addMonths(openedOn, months) > on ? months - 1 : months
}

/** Whole instalments, at the size of the latest one due, that the money of the last months comes to. */
function instalmentsPaidLately(account: LedgerAccount, on: Day, months: number): number {
  const { instalments, payments } = datedLedger(account)
  const latest = instalments.filter(({ dueOn, cancelledOn }) => dueOn <= on && cancelledOn >= on).at(-1)
  if (latest === undefined || latest.cents === 0) return 0
  const since = addMonths(on, -months)
  const recent = payments.filter(payment => isKnown(payment, on) && payment.paidOn > since && payment.paidOn <= on)
  return Math.floor(recent.reduce((sum, { cents }) => sum + cents, 0) / latest.cents)
}

/** Days on which instalments were replaced before. */
function earlierReAges(account: LedgerAccount, on: Day): Day[] {
  const days = account.instalments.flatMap(({ cancelledOn }) => (cancelledOn ? [toDay(cancelledOn)] : []))
  return [...new Set(days)].filter(day => day < on)
}
