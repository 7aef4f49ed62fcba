/** The one timeline that every legal clock reads: what was overdue on each day, by what is known on one day. */

import {
  allocatePayments,
  type DatedInstalment,
  type DatedLedger,
  type Day,
  failedTechnically,
  isAttemptFor,
  isKnown,
  type Outage,
} from '../../data/index.ts'
import { knownPauses, type Pause, pausedDays } from './pauses.ts'

/** A restructuring of an account. */
export interface Restructuring {
  readonly on: Day
  /** Share of the net present value that the lender gave up, at the original effective rate; null if not known. */
  readonly npvLoss: number | null
}

/** Observations of an account in ascending order of days, most often one a day; all of shape `[observation]`. */
export interface OverdueTimeline {
  readonly day: Int32Array
  /** Due date of the oldest instalment not fully paid that was past due; NaN where nothing was. */
  readonly oldestDueOn: Float64Array
  /** Amount past due, in hundredths; NaN where not known. */
  readonly arrearsCents: Float64Array
  /** Everything owed, in hundredths; NaN where not known, and before the last day where nothing is past due. */
  readonly exposureCents: Float64Array
  /** Paused days after the oldest due date up to the day. */
  readonly pausedDays: Int32Array
  /** Paused days after the observation before, up to the day. */
  readonly pausedSince: Int32Array
  /** 1 while the overdue comes from a debit that failed for reasons that weren't the borrower's. */
  readonly technical: Uint8Array
  /** Due dates of the instalments agreed, in order, those yet to come too; shape `[instalment]`. */
  readonly dueDays: readonly Day[]
  readonly restructurings: readonly Restructuring[]
}

/** What a timeline is made of besides the ledger. */
export interface TimelineContext {
  /** Last day. */
  readonly asOf: Day
  /** Payments, pauses and restructurings recorded later are passed over; `asOf` by default. */
  readonly knownOn?: Day
  readonly pauses?: readonly Pause[]
  readonly outages?: readonly Outage[]
  /** Restructurings with what they cost; left out, those that the ledger shows by replaced instalments. */
  readonly restructurings?: readonly Restructuring[]
}

/**
 * Makes the daily timeline of an account, from its first instalment's due date to a day.
 *
 * The whole past is seen through what is known on `knownOn`: a back-dated payment or pause changes the days from its
 * own date on, not from the day of its recording. With `knownOn` in the past, one sees what one would have seen then.
 */
export function overdueTimeline(ledger: DatedLedger, context: TimelineContext): OverdueTimeline {
  const { asOf, knownOn = asOf } = context
  const agreed = ledger.instalments.map(({ issuedOn }) => issuedOn <= knownOn)
  const from = Math.min(asOf, ledger.instalments.find((_, place) => agreed[place])?.dueOn ?? asOf)
  const length = asOf - from + 1
  const pauses = knownPauses(context.pauses ?? [], knownOn)
  const timeline = {
    day: daysFrom(from, length),
    oldestDueOn: new Float64Array(length).fill(Number.NaN),
    arrearsCents: new Float64Array(length),
    exposureCents: new Float64Array(length).fill(Number.NaN),
    pausedDays: new Int32Array(length),
    pausedSince: new Int32Array(length),
    technical: new Uint8Array(length),
    dueDays: ledger.instalments
      .filter((one, place) => agreed[place] && one.cancelledOn > knownOn)
      .map(one => one.dueOn),
    restructurings: context.restructurings ?? restructuringsOf(ledger.instalments, knownOn),
  }
  const isPastDue = pastDueByDay(ledger, agreed)
  const changes = changeDays(ledger, from, asOf)
  const unpaid = new Float64Array(ledger.instalments.length)
  ledger.instalments.forEach(({ cents }, index) => {
    unpaid[index] = cents
  })
  let place = 0
  const observeBefore = (day: Day): void => {
    for (; place < changes.length && (changes[place] as number) < day; place += 1) {
      const [start, end] = [changes[place] as number, changes[place + 1] ?? asOf + 1]
      // Amounts are read where something is past due, and on the last day: elsewhere adding them up would be for nothing.
      if (!isPastDue(unpaid, start) && end <= asOf) continue
      const owed = amountsOwed(ledger, agreed, unpaid, start, knownOn)
      timeline.oldestDueOn.fill(owed.oldestDueOn, start - from, end - from)
      timeline.arrearsCents.fill(owed.arrearsCents, start - from, end - from)
      timeline.exposureCents.fill(owed.exposureCents, start - from, end - from)
    }
  }
  allocatePayments(ledger.instalments, ledger.payments, knownOn, (payment, _, __, unpaidCents) => {
    observeBefore(payment.paidOn)
    unpaid.set(unpaidCents)
  })
  observeBefore(asOf + 1)
  if (pauses.length > 0) markPaused(timeline, pauses)
  markTechnical(timeline, ledger, knownOn, context.outages ?? [])
  return timeline
}

function markPaused(
  {
    day,
    oldestDueOn,
    ...paused
  }: Pick<OverdueTimeline, 'day' | 'oldestDueOn'> & {
    readonly pausedDays: Int32Array
    readonly pausedSince: Int32Array
  },
  pauses: readonly Pause[],
): void {
  day.forEach((on, index) => {
    const dueOn = oldestDueOn[index] as number
    paused.pausedSince[index] = pausedDays(pauses, on - 1, on)
    if (!Number.isNaN(dueOn)) paused.pausedDays[index] = pausedDays(pauses, dueOn, on)
  })
}

function daysFrom(first: Day, length: number): Int32Array {
  const days = new Int32Array(length)
  for (let index = 0; index < length; index += 1) days[index] = first + index
  return days
}

/** Restructurings that the ledger shows: days on which instalments were replaced, ascending. */
export function restructuringsOf(instalments: readonly DatedInstalment[], knownOn: Day): Restructuring[] {
  const days = new Set<Day>()
  for (const { cancelledOn } of instalments) if (cancelledOn <= knownOn) days.add(cancelledOn)
  return [...days].sort((a, b) => a - b).map(on => ({ on, npvLoss: null }))
}

/** Days from which amounts or the oldest due date may differ from the day before, ascending; some come twice. */
function changeDays({ instalments, payments }: DatedLedger, from: Day, asOf: Day): Int32Array {
  const days = new Int32Array(1 + 3 * instalments.length + payments.length)
  days[0] = from
  let length = 1
  const add = (day: number): void => {
    if (day <= from || day > asOf) return
    days[length] = day
    length += 1
  }
  for (const { dueOn, issuedOn, cancelledOn } of instalments) {
    add(dueOn + 1)
    add(issuedOn)
    add(cancelledOn)
  }
  for (const { paidOn } of payments) add(paidOn)
  return days.subarray(0, length).sort()
}

/**
 * Is anything past due on a day? To be asked in ascending order of days. Instalments are in the order of their due
 * dates, and those that are paid or cancelled stay so.
 */
function pastDueByDay(
  { instalments }: DatedLedger,
  agreed: readonly boolean[],
): (unpaid: Float64Array, day: Day) => boolean {
  let oldest = 0
  return (unpaid, day) => {
    for (; oldest < instalments.length; oldest += 1) {
      const { dueOn, cancelledOn } = instalments[oldest] as DatedInstalment
      if (dueOn >= day) return false
      if ((unpaid[oldest] as number) > 0 && agreed[oldest] === true && day < cancelledOn) return true
    }
    return false
  }
}

function amountsOwed(
  ledger: DatedLedger,
  agreed: readonly boolean[],
  unpaid: Float64Array,
  day: Day,
  knownOn: Day,
): { oldestDueOn: number; arrearsCents: number; exposureCents: number } {
  let oldestDueOn = Number.NaN
  let [arrearsCents, owedCents] = [0, 0]
  let statement: DatedInstalment | undefined
  const { instalments } = ledger
  for (let place = 0; place < instalments.length; place += 1) {
    const instalment = instalments[place] as DatedInstalment
    const { dueOn, issuedOn, cancelledOn, balance } = instalment
    if (agreed[place] !== true || day >= cancelledOn) continue
    const cents = unpaid[place] as number
    if (dueOn < day && cents > 0) {
      if (Number.isNaN(oldestDueOn)) oldestDueOn = dueOn
      arrearsCents += cents
    }
    if (issuedOn > day && dueOn >= day) continue
    owedCents += cents
    if (!Number.isNaN(balance) && issuedOn >= (statement?.issuedOn ?? Number.NEGATIVE_INFINITY)) statement = instalment
  }
  if (statement === undefined) return { oldestDueOn, arrearsCents, exposureCents: owedCents }
  let balanceCents = Math.round(statement.balance * 100)
  for (const payment of ledger.payments) {
    const counts = isKnown(payment, knownOn) && payment.paidOn > statement.issuedOn && payment.paidOn <= day
    if (counts) balanceCents -= payment.cents
  }
  return { oldestDueOn, arrearsCents, exposureCents: Math.max(balanceCents, owedCents) }
}

/** An overdue that began with a debit that failed technically is technical until it ends. */
function markTechnical(
  timeline: Pick<OverdueTimeline, 'oldestDueOn'> & { readonly technical: Uint8Array },
  ledger: DatedLedger,
  knownOn: Day,
  outages: readonly Outage[],
): void {
  if (outages.length === 0) return
  const failedOn = ledger.payments
    .filter(payment => payment.recordedOn <= knownOn && failedTechnically(payment, outages))
    .map(({ paidOn }) => paidOn)
  let technical = false
  timeline.oldestDueOn.forEach((dueOn, index) => {
    if (Number.isNaN(dueOn)) technical = false
    else if (index === 0 || Number.isNaN(timeline.oldestDueOn[index - 1])) {
      technical = failedOn.some(day => isAttemptFor(dueOn, day))
    }
    timeline.technical[index] = technical ? 1 : 0
  })
}
