/** Promises to pay: kept, broken or still open; and what came of the contacts so far. */

import { Decimal } from 'decimal.js'
import type { Day } from '../../data/index.ts'
import type { ContactAttempt } from './contact/permit.ts'
import type { ResponseSoFar } from './file/treatment-schema.ts'

/** A promise to pay. */
export interface PaymentPromise {
  readonly accountId: string
  readonly madeOn: Day
  readonly dueOn: Day
  /** In the currency of the data set. */
  readonly amount: number
}

/** Money that came. */
export interface MoneyReceived {
  readonly accountId: string
  readonly paidOn: Day
  readonly amount: number
}

/** What became of a promise. */
export type PromiseStatus = 'open' | 'kept' | 'broken'

/**
 * What became of promises by a day. Kept: all of it was paid from the day it was made to its date and the grace days
 * after. A payment counts for one promise only, the one due first.
 *
 * @param asOf - Payments after it don't count.
 * @param graceDays - Days after the promised date.
 * @returns One status per promise, in their order.
 */
export function promiseStatuses(
  promises: readonly PaymentPromise[],
  payments: readonly MoneyReceived[],
  asOf: Day,
  graceDays: number,
): PromiseStatus[] {
  const left = payments
    .filter(({ paidOn }) => paidOn <= asOf)
    .sort((a, b) => a.paidOn - b.paidOn)
    .map(payment => ({ ...payment, left: new Decimal(payment.amount) }))
  const statuses = new Array<PromiseStatus>(promises.length).fill('open')
  const order = promises.map((_, place) => place)
  order.sort((a, b) => (promises[a] as PaymentPromise).dueOn - (promises[b] as PaymentPromise).dueOn || a - b)
  for (const place of order) {
    const promise = promises[place] as PaymentPromise
    const lastDay = promise.dueOn + graceDays
    let missing = new Decimal(promise.amount)
    for (const payment of left) {
      const counts =
        payment.accountId === promise.accountId && payment.paidOn >= promise.madeOn && payment.paidOn <= lastDay
      if (!counts) continue
      const used = Decimal.min(missing, payment.left)
      missing = missing.minus(used)
      payment.left = payment.left.minus(used)
    }
    statuses[place] = missing.lessThanOrEqualTo(0) ? 'kept' : asOf > lastDay ? 'broken' : 'open'
  }
  return statuses
}

/** Kept promises among those that are kept or broken; null if none is yet. */
export function keptRate(statuses: readonly PromiseStatus[]): number | null {
  const due = statuses.filter(status => status !== 'open').length
  return due === 0 ? null : statuses.filter(status => status === 'kept').length / due
}

/** What came of the contacts so far: the latest promise speaks first, then conversations, then attempts. */
export function responseSoFar(
  attempts: readonly Pick<ContactAttempt, 'conversation'>[],
  promises: readonly PaymentPromise[],
  statuses: readonly PromiseStatus[],
): ResponseSoFar {
  let latest = -1
  promises.forEach((promise, place) => {
    if (latest === -1 || promise.madeOn >= (promises[latest] as PaymentPromise).madeOn) latest = place
  })
  const status = statuses[latest]
  if (status !== undefined) return status === 'open' ? 'promised' : `promise-${status}`
  if (attempts.some(({ conversation }) => conversation)) return 'reached'
  return attempts.length > 0 ? 'no-answer' : 'none'
}
