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
  type PaymentVisitor,
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
  /** Places of the observations at which something was past due and at the one before wasn't, ascending. */
  readonly lapses: readonly number[]
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
  const agreed = agreedBy(ledger, context)
  const from = firstDay(ledger, agreed, context.asOf)
  return timelineFrom(from, overdueSpans(ledger, agreed, from, context), ledger, agreed, context)
}

/**
 * The end of {@link overdueTimeline}, from the day before anything was first past due: earlier days leave no trace in any
 * clock. Where something was restructured, the whole of it.
 *
 * @param onPayment - Told of each payment known, in order.
 * @returns Valid until the next call, which fills the same columns.
 */
export function recentTimeline(
  ledger: DatedLedger,
  context: TimelineContext,
  onPayment: PaymentVisitor = () => {},
): OverdueTimeline {
  const agreed = agreedBy(ledger, context)
  const from = firstDay(ledger, agreed, context.asOf)
  const spans = overdueSpans(ledger, agreed, from, context, onPayment)
  const restructurings = context.restructurings ?? restructuringsOf(ledger.instalments, knownOn(context))
  const first = spans[0] as OverdueSpan // the last day is always among them
  const overdueFrom = Number.isNaN(first.oldestDueOn) ? context.asOf : first.from - 1
  const start = restructurings.length > 0 ? from : Math.max(from, overdueFrom)
  return timelineFrom(start, spans, ledger, agreed, { ...context, restructurings }, spentColumns)
}

/** Columns of a timeline, each of shape `[observation]`. */
type TimelineColumns = Omit<OverdueTimeline, 'lapses' | 'dueDays' | 'restructurings'>

function newColumns(length: number): TimelineColumns {
  return {
    day: new Int32Array(length),
    oldestDueOn: new Float64Array(length),
    arrearsCents: new Float64Array(length),
    exposureCents: new Float64Array(length),
    pausedDays: new Int32Array(length),
    pausedSince: new Int32Array(length),
    technical: new Uint8Array(length),
  }
}

let spent = newColumns(0)

/** The columns of the timeline before: a server needs one for every account, and making seven takes longer than filling. */
function spentColumns(length: number): TimelineColumns {
  if (spent.day.length < length) spent = newColumns(2 * length)
  return {
    day: spent.day.subarray(0, length),
    oldestDueOn: spent.oldestDueOn.subarray(0, length),
    arrearsCents: spent.arrearsCents.subarray(0, length).fill(0),
    exposureCents: spent.exposureCents.subarray(0, length),
    pausedDays: spent.pausedDays.subarray(0, length).fill(0),
    pausedSince: spent.pausedSince.subarray(0, length).fill(0),
    technical: spent.technical.subarray(0, length).fill(0),
  }
}

function knownOn({ asOf, knownOn = asOf }: TimelineContext): Day {
  return knownOn
}

/** Which instalments had been agreed. */
function agreedBy({ instalments }: DatedLedger, context: TimelineContext): boolean[] {
  const known = knownOn(context)
  return instalments.map(({ issuedOn }) => issuedOn <= known)
}

function firstDay({ instalments }: DatedLedger, agreed: readonly boolean[], asOf: Day): Day {
  return Math.min(asOf, instalments[agreed.indexOf(true)]?.dueOn ?? asOf)
}

function timelineFrom(
  from: Day,
  spans: readonly OverdueSpan[],
  ledger: DatedLedger,
  agreed: readonly boolean[],
  context: TimelineContext,
  columns: (length: number) => TimelineColumns = newColumns,
): OverdueTimeline {
  const known = knownOn(context)
  const timeline = {
    ...columns(context.asOf - from + 1),
    lapses: lapsesOf(spans, from),
    dueDays: ledger.instalments.filter((one, place) => agreed[place] && one.cancelledOn > known).map(one => one.dueOn),
    restructurings: context.restructurings ?? restructuringsOf(ledger.instalments, known),
  }
  const { day, oldestDueOn, arrearsCents, exposureCents } = timeline
  for (let index = 0; index < day.length; index += 1) day[index] = from + index
  oldestDueOn.fill(Number.NaN)
  exposureCents.fill(Number.NaN)
  for (const span of spans) {
    for (let index = span.from - from; index < span.to - from; index += 1) {
      oldestDueOn[index] = span.oldestDueOn
      arrearsCents[index] = span.arrearsCents
      exposureCents[index] = span.exposureCents
    }
  }
  const pauses = knownPauses(context.pauses ?? [], known)
  if (pauses.length > 0) markPaused(timeline, pauses)
  markTechnical(timeline, ledger, known, context.outages ?? [])
  return timeline
}

function lapsesOf(spans: readonly OverdueSpan[], first: Day): number[] {
  const lapses: number[] = []
  let overdueTo = Number.NaN
  for (const { from, to, oldestDueOn } of spans) {
    if (Number.isNaN(oldestDueOn)) continue
    if (from !== overdueTo) lapses.push(from - first)
    overdueTo = to
  }
  return lapses
}

/** Days from `from` to before `to` on which the same was owed. */
interface OverdueSpan extends AmountsOwed {
  readonly from: Day
  readonly to: Day
}

/** The days on which something was past due, in order, and the last day. */
function overdueSpans(
  ledger: DatedLedger,
  agreed: readonly boolean[],
  from: Day,
  context: TimelineContext,
  onPayment?: PaymentVisitor,
): OverdueSpan[] {
  const { asOf } = context
  const known = knownOn(context)
  const { instalments, payments } = ledger
  const spans: OverdueSpan[] = []
  const unpaid = new Float64Array(instalments.length)
  for (let index = 0; index < unpaid.length; index += 1) unpaid[index] = (instalments[index] as DatedInstalment).cents
  const isPastDue = pastDueByDay(instalments, agreed)
  let changes: Int32Array | null = null // most borrowers are never past due
  let [place, seenTo] = [0, from]
  const add = (start: Day, to: Day): void => {
    spans.push({ from: start, to, ...amountsOwed(ledger, agreed, unpaid, start, known) })
  }
  const observeBefore = (to: Day): void => {
    if (to > seenTo && isPastDue(unpaid, seenTo, to)) {
      changes ??= changeDays(ledger, from, asOf)
      while (place < changes.length && (changes[place] as number) <= seenTo) place += 1
      for (let start = seenTo; start < to; ) {
        while (changes[place] === start) place += 1
        const end = Math.min(to, changes[place] ?? to)
        add(start, end)
        if (Number.isNaN(spans.at(-1)?.oldestDueOn)) spans.pop()
        start = end
      }
    }
    seenTo = Math.max(seenTo, to)
  }
  allocatePayments(instalments, payments, known, (payment, instalment, partial, unpaidCents) => {
    onPayment?.(payment, instalment, partial, unpaidCents)
    observeBefore(Math.min(payment.paidOn, asOf))
    if (payment.paidOn <= asOf) unpaid.set(unpaidCents)
  })
  observeBefore(asOf)
  add(asOf, asOf + 1)
  return spans
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
 * Is anything past due on a day from `from` to before `to`, with the same unpaid? To be asked in ascending order of days.
 * Instalments are in the order of their due dates, and those that are paid or cancelled stay so.
 */
function pastDueByDay(
  instalments: readonly DatedInstalment[],
  agreed: readonly boolean[],
): (unpaid: Float64Array, from: Day, to: Day) => boolean {
  let oldest = 0
  return (unpaid, from, to) => {
    for (; oldest < instalments.length; oldest += 1) {
      const { dueOn, cancelledOn } = instalments[oldest] as DatedInstalment
      if (dueOn >= to - 1) return false
      const stands = agreed[oldest] === true && Math.max(from, dueOn + 1) < cancelledOn
      if (stands && (unpaid[oldest] as number) > 0) return true
    }
    return false
  }
}

/** What is owed on a day; amounts in hundredths. */
interface AmountsOwed {
  /** NaN where nothing is past due. */
  readonly oldestDueOn: number
  readonly arrearsCents: number
  readonly exposureCents: number
}

function amountsOwed(
  ledger: DatedLedger,
  agreed: readonly boolean[],
  unpaid: Float64Array,
  day: Day,
  knownOn: Day,
): AmountsOwed {
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
