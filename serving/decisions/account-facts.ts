/** What of an account's history the policy looks at, on the as-of date itself and by what was known then. */

import {
  allocatePayments,
  type Day,
  formatDay,
  lastEndedMonth,
  type MonthlyAccount,
  type Outage,
  toMonth,
  worstDaysPastDue,
} from '../../data/index.ts'
import {
  classifyMonths,
  classNow,
  type OverdueStatus,
  packsInForce,
  productOf,
  type RulePack,
  restructuringsOf,
} from '../../models/index.ts'
import { ledgerOf, withLedger } from '../ledgers.ts'
import type { AccountHistory } from '../requests.ts'

/** Facts of an account. */
export interface AccountStanding {
  /** Null = not known. */
  readonly daysPastDue: number | null
  readonly classes: Readonly<Record<string, string>>
  readonly technical: boolean
  /** In the last three months. */
  readonly partialPayments: number
  /** Null = not known. */
  readonly exposure: number | null
}

/** Days of three months, in which part payments are counted. */
const partialPaymentDays = 92

/** What an account is seen with. */
export interface StandingContext {
  readonly asOf: Day
  readonly packs: readonly RulePack[]
  readonly outages: readonly Outage[]
  /** ISO 4217 code of the amounts. */
  readonly currency: string
}

/**
 * Where an account stands.
 *
 * A loan that has never been overdue nor restructured is in the best class of every clock; others are classified day by
 * day, which takes far longer.
 */
export function standingOf(account: AccountHistory, context: StandingContext): AccountStanding {
  if (account.months !== undefined) return standingByMonths({ ...account, months: account.months }, context)
  const { asOf, packs } = context
  const whole = withLedger(account)
  const ledger = ledgerOf(whole)
  const { instalments, payments } = ledger
  let partialPayments = 0
  const allocation = allocatePayments(instalments, payments, asOf, (payment, _, partial) => {
    if (partial && payment.paidOn > asOf - partialPaymentDays) partialPayments += 1
  })
  const first = instalments[0]?.dueOn ?? asOf
  const product = productOf(whole)
  const alwaysAsAgreed =
    restructuringsOf(instalments, asOf).length === 0 &&
    worstDaysPastDue(instalments, allocation, first, asOf, asOf) === 0
  if (product === 'loan' && alwaysAsAgreed) {
    let cents = 0
    instalments.forEach(({ issuedOn, cancelledOn }, place) => {
      if (issuedOn <= asOf && asOf < cancelledOn) cents += allocation.unpaidCents[place] as number
    })
    return {
      daysPastDue: 0,
      classes: bestClasses(packs, product, asOf),
      technical: false,
      partialPayments,
      exposure: cents / 100,
    }
  }
  return { ...classNow(ledger, product, context), partialPayments }
}

function standingByMonths(account: MonthlyAccount, context: StandingContext): AccountStanding {
  const last = lastEndedMonth(context.asOf)
  const recent = account.months.filter(({ month }) => toMonth(month) > last - 3 && toMonth(month) <= last)
  const partialPayments = recent.reduce((sum, month) => sum + (month.partialPayments ?? 0), 0)
  const status = classifyMonths(account, context)
  if (status !== null) return { ...ofStatus(status), partialPayments }
  return { daysPastDue: null, classes: {}, technical: false, partialPayments, exposure: null }
}

function ofStatus({
  daysPastDue,
  clocks,
  technical,
  exposure,
}: OverdueStatus): Omit<AccountStanding, 'partialPayments'> {
  const classes = Object.fromEntries(clocks.map(clock => [clock.pack, clock.class]))
  return { daysPastDue, classes, technical, exposure }
}

const remembered = new WeakMap<readonly RulePack[], Map<string, Readonly<Record<string, string>>>>()

/** The best class of each pack in force; the same for all accounts of a day. */
function bestClasses(
  packs: readonly RulePack[],
  product: 'loan' | 'line',
  asOf: Day,
): Readonly<Record<string, string>> {
  const known = remembered.get(packs) ?? new Map<string, Readonly<Record<string, string>>>()
  remembered.set(packs, known)
  const key = `${product} ${asOf}`
  const before = known.get(key)
  if (before !== undefined) return before
  const inForce = packsInForce(packs, product, formatDay(asOf))
  const classes = Object.fromEntries(inForce.map(pack => [pack.id, pack.classes[0]?.id ?? '']))
  if (known.size < 1000) known.set(key, classes)
  return classes
}
