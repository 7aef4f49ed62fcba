/** Which payment pays which instalment, by what was known on a day. */

import type { Day } from './calendar.ts'

/** An instalment with its dates as day numbers and its amount in hundredths. */
export interface DatedInstalment {
  readonly id: string
  readonly dueOn: Day
  readonly cents: number
  /** From this day it was agreed. */
  readonly issuedOn: Day
  /** From this day it no longer stands; Infinity if it always does. */
  readonly cancelledOn: Day
  /** Balance after its statement, for lines; NaN if it has none. */
  readonly balance: number
}

/** A payment with its dates as day numbers and its amount in hundredths. */
export interface DatedPayment {
  readonly id: string
  readonly paidOn: Day
  readonly recordedOn: Day
  /** From this day it was known to be reversed; Infinity if it wasn't. */
  readonly reversedOn: Day
  readonly cents: number
  /** Place of the instalment it names; −1 if it names none. */
  readonly instalment: number
  readonly channel: string | null
  /** Bank whose account it was drawn on; null if not known. */
  readonly bank: string | null
  /** Hour of the day of the attempt, 0–23; NaN if not known. */
  readonly hour: number
  readonly failed: boolean
}

/** What a day's knowledge says of each instalment; shapes `[instalment]`. */
export interface Allocation {
  /** Not yet paid, in hundredths. */
  readonly unpaidCents: Float64Array
  /** Day on which it was fully paid; NaN if it isn't. */
  readonly paidOffOn: Float64Array
  /** Money that found no instalment to pay, in hundredths. */
  readonly surplusCents: number
}

/**
 * Told of each known payment in order.
 *
 * @param instalment - Place of the first instalment that it paid into; −1 if none.
 * @param partial - True if the instalment that it paid last was left partly unpaid.
 * @param unpaidCents - What is unpaid of each instalment after it; the allocation's own array, so copy what must last.
 */
export type PaymentVisitor = (
  payment: DatedPayment,
  instalment: number,
  partial: boolean,
  unpaidCents: Float64Array,
) => void

/** Did the instalment stand on a day: agreed by then, and not replaced by then? */
export function stands(instalment: DatedInstalment, knownOn: Day): boolean {
  return instalment.issuedOn <= knownOn && knownOn < instalment.cancelledOn
}

/** Was money known to be received on a day? A failed debit moves none, a reversed payment none any more. */
export function isKnown(payment: DatedPayment, knownOn: Day): boolean {
  return !payment.failed && payment.recordedOn <= knownOn && knownOn < payment.reversedOn
}

/**
 * Allocates the payments known on a day: each to the instalment that it names while that stands unpaid, the rest to the
 * oldest unpaid instalment, due or not (so that surplus becomes prepayment).
 *
 * @param instalments - By due date, then id.
 * @param payments - By the day of payment, then id.
 * @param visit - Called for each known payment in order.
 */
export function allocatePayments(
  instalments: readonly DatedInstalment[],
  payments: readonly DatedPayment[],
  knownOn: Day,
  visit?: PaymentVisitor,
): Allocation {
  const count = instalments.length
  const unpaidCents = new Float64Array(count)
  const paidOffOn = new Float64Array(count)
  for (let place = 0; place < count; place += 1) {
    const { cents, dueOn } = instalments[place] as DatedInstalment
    unpaidCents[place] = cents
    paidOffOn[place] = cents === 0 ? dueOn : Number.NaN
  }
  let surplusCents = 0
  let oldest = 0
  let [cents, first, last] = [0, -1, -1]
  const pay = (place: number, paidOn: Day): void => {
    const owed = unpaidCents[place] as number
    const paid = Math.min(owed, cents)
    if (paid <= 0) return
    unpaidCents[place] = owed - paid
    cents -= paid
    if (first === -1) first = place
    last = place
    if (paid === owed) paidOffOn[place] = paidOn
  }

  for (let index = 0; index < payments.length; index += 1) {
    const payment = payments[index] as DatedPayment
    if (!isKnown(payment, knownOn)) continue
    cents = payment.cents
    first = -1
    last = -1
    const named = instalments[payment.instalment]
    if (named !== undefined && stands(named, knownOn)) pay(payment.instalment, payment.paidOn)
    while (cents > 0 && oldest < count) {
      if ((unpaidCents[oldest] as number) > 0 && stands(instalments[oldest] as DatedInstalment, knownOn)) {
        pay(oldest, payment.paidOn)
      }
      if (cents > 0 || (unpaidCents[oldest] as number) === 0) oldest += 1
    }
    surplusCents += cents
    visit?.(payment, first, last !== -1 && (unpaidCents[last] as number) > 0, unpaidCents)
  }
  return { unpaidCents, paidOffOn, surplusCents }
}
