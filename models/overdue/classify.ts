/** Where one account stands: days past due, its class by every clock, and how it got there. */

import {
  addMonthlyBorrower,
  type DatedLedger,
  type Day,
  datedLedger,
  economyAsOf,
  formatDay,
  HistoryBuilder,
  InputError,
  type LedgerAccount,
  lastEndedMonth,
  type MonthlyAccount,
  type Outage,
  type PaymentVisitor,
} from '../../data/index.ts'
import { classPeriods } from './class-periods.ts'
import { type ClassReason, type ClockReading, rankNow, readClock } from './clock.ts'
import { overdueEpisodes } from './episodes.ts'
import { monthTimeline } from './month-timeline.ts'
import { knownPauses, type Pause } from './pauses.ts'
import type { ProductKind, RulePack } from './rule-pack.ts'
import { packsInForce } from './rule-packs.ts'
import { type SmallButFrequent, type SmallLapseRule, smallButFrequent } from './small-but-frequent.ts'
import { type OverdueTimeline, overdueTimeline, type Restructuring, recentTimeline } from './timeline.ts'

/** What classifying needs besides the account. */
export interface ClassifyContext {
  /** Day to classify on. */
  readonly asOf: Day
  /** What was recorded later is passed over; `asOf` by default. */
  readonly knownOn?: Day
  /** Rule packs to choose from: those in force on `asOf` for the product are used. */
  readonly packs: readonly RulePack[]
  /** ISO 4217 code of the amounts. */
  readonly currency: string
  /** Left out, told from the ledger: statements with a balance make it a line. */
  readonly product?: ProductKind
  readonly pauses?: readonly Pause[]
  readonly outages?: readonly Outage[]
  readonly restructurings?: readonly Restructuring[]
  /** Days on which the borrower was contacted about it; left out or null: not known. */
  readonly contacts?: readonly Day[] | null
  readonly smallLapses?: SmallLapseRule
}

/** Dates as `YYYY-MM-DD`, amounts in units of the currency: what an answer holds. */
export interface OverdueStatus {
  readonly accountId: string
  readonly asOf: string
  readonly product: ProductKind
  /** Days from the due date of the oldest instalment that isn't fully paid. */
  readonly daysPastDue: number
  /** Of these, days of a pause. */
  readonly pausedDays: number
  /** A pause is on. */
  readonly paused: boolean
  /** What is overdue began with a debit that failed for reasons that weren't the borrower's. */
  readonly technical: boolean
  /** Amount past due; null where not known. */
  readonly arrears: number | null
  /** Everything owed; null where not known. */
  readonly exposure: number | null
  readonly clocks: readonly ClockStatus[]
  readonly smallButFrequent: SmallButFrequent
}

/** Where an account stands by one clock. */
export interface ClockStatus {
  readonly pack: string
  readonly packVersion: number
  readonly jurisdiction: string
  readonly class: string
  readonly name: { readonly en: string; readonly zh: string }
  /** 0 = the mildest class. */
  readonly rank: number
  readonly nonPerforming: boolean
  /** Days that the pack counts. */
  readonly countedDays: number
  readonly since: string
  readonly reason: ClassReason
  /** What keeps it from a better class although days past due say so; null: nothing does. */
  readonly probation: {
    readonly cleanSince: string | null
    readonly endsOn: string | null
    readonly months: number
    readonly instalments: number
  } | null
  readonly periods: readonly {
    readonly from: string
    readonly to: string
    readonly class: string
    readonly reason: ClassReason
  }[]
}

/**
 * Classifies an account by its ledger, day by day.
 *
 * @throws InputError if a date of the account doesn't exist, or `knownOn` lies before `asOf`.
 */
export function classifyAccount(account: LedgerAccount, context: ClassifyContext): OverdueStatus {
  const { asOf, knownOn = asOf } = context
  const timeline = overdueTimeline(ledgerKnownOn(account, asOf, knownOn), context)
  const paused = knownPauses(context.pauses ?? [], knownOn).some(({ from, to }) => from <= asOf && asOf <= to)
  return statusOf(account.accountId, context.product ?? productOf(account), timeline, paused, context)
}

/** Where one account stands on a day, and nothing of how it got there. */
export interface PresentStatus {
  readonly daysPastDue: number
  readonly technical: boolean
  /** Everything owed; null where not known. */
  readonly exposure: number | null
  /** Class by each pack in force. */
  readonly classes: Readonly<Record<string, string>>
}

/**
 * The same as {@link classifyAccount} says of the day itself, at a fraction of the work: for every score.
 *
 * @param onPayment - Told of each payment known, in order.
 */
export function classNow(
  ledger: DatedLedger,
  product: ProductKind,
  context: Omit<ClassifyContext, 'product'>,
  onPayment?: PaymentVisitor,
): PresentStatus {
  const { asOf } = context
  const recent = recentTimeline(ledger, context, onPayment)
  const last = recent.day.length - 1
  const dueOn = recent.oldestDueOn[last] as number
  const never = last === 0 && Number.isNaN(dueOn) && recent.restructurings.length === 0
  return {
    daysPastDue: Number.isNaN(dueOn) ? 0 : asOf - dueOn,
    technical: recent.technical[last] === 1,
    exposure: amount(recent.exposureCents[last]),
    classes: never
      ? bestClasses(context.packs, product, asOf)
      : classesBy(packsInForceOn(context.packs, product, asOf), pack => rankNow(pack, recent, context.currency)),
  }
}

function classesBy(packs: readonly RulePack[], rankOf: (pack: RulePack) => number): Readonly<Record<string, string>> {
  const classes: Record<string, string> = {}
  for (const pack of packs) classes[pack.id] = pack.classes[rankOf(pack)]?.id ?? ''
  return classes
}

/** The classes of what was never past due nor restructured: the best of each pack in force. */
const bestClasses = byDay((packs, product, asOf) => classesBy(packsInForceOn(packs, product, asOf), () => 0))

const packsInForceOn = byDay((packs, product, asOf) => packsInForce(packs, product, formatDay(asOf)))

/** Remembers what is the same for all accounts of a product on a day. */
function byDay<Found>(
  find: (packs: readonly RulePack[], product: ProductKind, asOf: Day) => Found,
): (packs: readonly RulePack[], product: ProductKind, asOf: Day) => Found {
  const remembered = new WeakMap<readonly RulePack[], Record<ProductKind, Map<Day, Found>>>()
  return (packs, product, asOf) => {
    const known = remembered.get(packs) ?? { loan: new Map<Day, Found>(), line: new Map<Day, Found>() }
    remembered.set(packs, known)
    const before = known[product].get(asOf)
    if (before !== undefined) return before
    const found = find(packs, product, asOf)
    if (known[product].size < daysAtMost) known[product].set(asOf, found)
    return found
  }
}

/** Days of which something is remembered. */
const daysAtMost = 1000

function ledgerKnownOn(account: LedgerAccount, asOf: Day, knownOn: Day): DatedLedger {
  if (knownOn < asOf) {
    throw new InputError({
      source: `account ${account.accountId}`,
      field: 'knownOn',
      found: formatDay(knownOn),
      expected: `a day no earlier than asOf (${formatDay(asOf)}), as a day can't be classified before it is known`,
    })
  }
  return datedLedger(account)
}

/**
 * Classifies an account by its account-months, at the last month's end up to `asOf`. Pauses and outages don't show in
 * them; a line unless instalments to come are known.
 *
 * @returns Null if no month with known days past due had ended by then.
 * @throws InputError if a month doesn't exist or comes twice.
 */
export function classifyMonths(account: MonthlyAccount, context: ClassifyContext): OverdueStatus | null {
  const builder = new HistoryBuilder()
  addMonthlyBorrower(builder, { borrowerId: account.accountId }, [account], {
    lastMonth: lastEndedMonth(context.asOf),
    knownOn: context.asOf,
    economy: economyAsOf([]),
  })
  const { history } = builder.build()
  if (history.accountIds.length === 0) return null
  const timeline = monthTimeline(history, 0)
  if (timeline.day.length === 0) return null
  const loan = account.months.some(({ instalmentsLeft }) => (instalmentsLeft ?? null) !== null)
  const product = context.product ?? (loan ? 'loan' : 'line')
  return statusOf(account.accountId, product, timeline, false, context)
}

function statusOf(
  accountId: string,
  product: ProductKind,
  timeline: OverdueTimeline,
  paused: boolean,
  context: ClassifyContext,
): OverdueStatus {
  const last = timeline.day.length - 1
  const on = timeline.day[last] as number
  const dueOn = timeline.oldestDueOn[last] as number
  const packs = packsInForce(context.packs, product, formatDay(on))
  return {
    accountId,
    asOf: formatDay(on),
    product,
    daysPastDue: Number.isNaN(dueOn) ? 0 : on - dueOn,
    pausedDays: timeline.pausedDays[last] as number,
    paused,
    technical: timeline.technical[last] === 1,
    arrears: amount(timeline.arrearsCents[last]),
    exposure: amount(timeline.exposureCents[last]),
    clocks: packs.map(pack => clockStatus(readClock(pack, timeline, context.currency), timeline)),
    smallButFrequent: smallButFrequent(overdueEpisodes(timeline), on, context.contacts ?? null, context.smallLapses),
  }
}

function amount(cents: number | undefined): number | null {
  return cents === undefined || Number.isNaN(cents) ? null : cents / 100
}

/** An account with statements that say a balance is a line. */
export function productOf(account: LedgerAccount): ProductKind {
  return account.instalments.some(({ balance }) => (balance ?? null) !== null) ? 'line' : 'loan'
}

function clockStatus(reading: ClockReading, timeline: OverdueTimeline): ClockStatus {
  const { pack, probation } = reading
  const periods = classPeriods(reading, timeline)
  const now = periods.at(-1)
  const held = pack.classes[now?.rank ?? 0]
  if (now === undefined || held === undefined) throw new Error('a timeline has at least one day')
  return {
    pack: pack.id,
    packVersion: pack.version,
    jurisdiction: pack.jurisdiction,
    class: held.id,
    name: held.name ?? { en: held.id, zh: held.id },
    rank: now.rank,
    nonPerforming: held.nonPerforming,
    countedDays: reading.countedDays.at(-1) ?? 0,
    since: formatDay(now.from),
    reason: now.reason,
    probation:
      probation === null
        ? null
        : {
            cleanSince: probation.cleanSince === null ? null : formatDay(probation.cleanSince),
            endsOn: probation.endsOn === null ? null : formatDay(probation.endsOn),
            months: probation.months,
            instalments: probation.instalments,
          },
    periods: periods.map(({ from, to, class: id, reason }) => ({
      from: formatDay(from),
      to: formatDay(to),
      class: id,
      reason,
    })),
  }
}
