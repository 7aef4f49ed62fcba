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
  const allocation = new RunningAllocation(instalments, payments)
  allocation.advance(knownOn, () => {}, visit)
  return allocation
}

/**
 * An allocation that is brought from day to day.
 *
 * Most days only add payments after all that are allocated already, and those are all that is done then. Where a day
 * changes what came before (a payment recorded late, a reversal, an instalment agreed or cancelled under payments that
 * would have gone elsewhere), everything is allocated anew. Either way the result is {@link allocatePayments}' own, to
 * the bit.
 */
export class RunningAllocation implements Allocation {
  readonly unpaidCents: Float64Array
  readonly paidOffOn: Float64Array
  surplusCents = 0
  readonly #instalments: readonly DatedInstalment[]
  readonly #payments: readonly DatedPayment[]
  /** The day before; NaN before the first. */
  #knownOn: Day = Number.NaN
  /** What may change under what is allocated, and how much of it lies behind; made when it is first asked for. */
  #changes: readonly Change[] | null = null
  #changed = 0
  /** Place of the oldest instalment that a payment which names none may still pay. */
  #oldest = 0
  /** Place after the last payment allocated. */
  #next = 0
  /** A payment named an instalment that didn't stand. */
  #missedNamed = false
  /** What the payment being allocated has left, and the first and last instalment that it paid; −1 if none. */
  #cents = 0
  #firstPaid = -1
  #lastPaid = -1

  /**
   * @param instalments - By due date, then id.
   * @param payments - By the day of payment, then id.
   */
  constructor(instalments: readonly DatedInstalment[], payments: readonly DatedPayment[]) {
    this.#instalments = instalments
    this.#payments = payments
    this.unpaidCents = new Float64Array(instalments.length)
    this.paidOffOn = new Float64Array(instalments.length)
  }

  /** Place after the last payment that was known: those from there on aren't. */
  get allocated(): number {
    return this.#next
  }

  /**
   * Brings the allocation to what is known on a day.
   *
   * @param knownOn - Not before the day of the last call.
   * @param anew - Called if everything is allocated anew, before payments are visited again.
   * @param visit - Called for each payment that is allocated now, in order.
   */
  advance(knownOn: Day, anew: () => void, visit?: PaymentVisitor): void {
    if (!this.#continues(knownOn)) {
      this.#begin()
      anew()
    }
    for (let place = this.#next; place < this.#payments.length; place += 1) {
      const payment = this.#payments[place] as DatedPayment
      if (!isKnown(payment, knownOn)) continue
      this.#allocate(payment, knownOn)
      this.#next = place + 1
      const partial = this.#lastPaid !== -1 && (this.unpaidCents[this.#lastPaid] as number) > 0
      visit?.(payment, this.#firstPaid, partial, this.unpaidCents)
    }
    this.#knownOn = knownOn
  }

  /** Does all that was allocated stay as it is? */
  #continues(knownOn: Day): boolean {
    const before = this.#knownOn
    if (Number.isNaN(before)) return false
    this.#changes ??= changesOf(this.#instalments, this.#payments, before)
    for (; this.#changed < this.#changes.length; this.#changed += 1) {
      const { day, payment, instalment } = this.#changes[this.#changed] as Change
      if (day > knownOn) break
      if (day <= before) continue
      if (payment !== -1 && this.#changesPayment(payment, before, knownOn)) return false
      if (instalment !== -1 && this.#changesInstalment(instalment, before, knownOn)) return false
    }
    return true
  }

  #changesPayment(place: number, before: Day, knownOn: Day): boolean {
    const payment = this.#payments[place] as DatedPayment
    return place < this.#next && isKnown(payment, before) !== isKnown(payment, knownOn)
  }

  #changesInstalment(place: number, before: Day, knownOn: Day): boolean {
    const instalment = this.#instalments[place] as DatedInstalment
    const stood = stands(instalment, before)
    if (stood === stands(instalment, knownOn)) return false
    if (place < this.#oldest) return true // money has gone past it
    return stood ? this.unpaidCents[place] !== instalment.cents : this.#missedNamed
  }

  #begin(): void {
    for (let place = 0; place < this.#instalments.length; place += 1) {
      const { cents, dueOn } = this.#instalments[place] as DatedInstalment
      this.unpaidCents[place] = cents
      this.paidOffOn[place] = cents === 0 ? dueOn : Number.NaN
    }
    this.surplusCents = 0
    this.#oldest = 0
    this.#next = 0
    this.#missedNamed = false
  }

  #allocate(payment: DatedPayment, knownOn: Day): void {
    this.#cents = payment.cents
    this.#firstPaid = -1
    this.#lastPaid = -1
    const named = this.#instalments[payment.instalment]
    if (named !== undefined) {
      if (stands(named, knownOn)) this.#pay(payment.instalment, payment.paidOn)
      else this.#missedNamed = true
    }
    while (this.#cents > 0 && this.#oldest < this.#instalments.length) {
      const owed = this.unpaidCents[this.#oldest] as number
      if (owed > 0 && stands(this.#instalments[this.#oldest] as DatedInstalment, knownOn)) {
        this.#pay(this.#oldest, payment.paidOn)
      }
      if (this.#cents > 0 || (this.unpaidCents[this.#oldest] as number) === 0) this.#oldest += 1
    }
    this.surplusCents += this.#cents
  }

  #pay(place: number, paidOn: Day): void {
    const owed = this.unpaidCents[place] as number
    const paid = Math.min(owed, this.#cents)
    if (paid <= 0) return
    this.unpaidCents[place] = owed - paid
    this.#cents -= paid
    if (this.#firstPaid === -1) this.#firstPaid = place
    this.#lastPaid = place
    if (paid === owed) this.paidOffOn[place] = paidOn
  }
}

/** A day on which a payment or an instalment starts or ceases to count, whatever comes after it; −1 where it is neither. */
interface Change {
  readonly day: Day
  readonly payment: number
  readonly instalment: number
}

/**
 * Those after a day, in ascending order. A payment recorded before all that follow it is no change, but the next to be
 * allocated.
 */
function changesOf(instalments: readonly DatedInstalment[], payments: readonly DatedPayment[], after: Day): Change[] {
  const changes: Change[] = []
  const add = (day: Day, payment: number, instalment: number): void => {
    if (day > after && day !== Number.POSITIVE_INFINITY) changes.push({ day, payment, instalment })
  }
  for (let instalment = 0; instalment < instalments.length; instalment += 1) {
    const { issuedOn, cancelledOn } = instalments[instalment] as DatedInstalment
    add(issuedOn, -1, instalment)
    add(cancelledOn, -1, instalment)
  }
  let recordedAfter = Number.POSITIVE_INFINITY
  for (let payment = payments.length - 1; payment >= 0; payment -= 1) {
    const { recordedOn, reversedOn, failed } = payments[payment] as DatedPayment
    if (failed) continue
    if (recordedOn > recordedAfter) add(recordedOn, payment, -1)
    add(reversedOn, payment, -1)
    recordedAfter = Math.min(recordedAfter, recordedOn)
  }
  return changes.sort((a, b) => a.day - b.day)
}
