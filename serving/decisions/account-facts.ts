/** What of an account's history the policy looks at, on the as-of date itself and by what was known then. */

import { type Day, datedLedger, lastEndedMonth, type MonthlyAccount, type Outage, toMonth } from '../../data/index.ts'
import { classifyMonths, classNow, type OverdueStatus, productOf, type RulePack } from '../../models/index.ts'
import { type LedgerOf, withLedger } from '../ledgers.ts'
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
  /** Left out, ledgers are dated anew. */
  readonly ledgerOf?: LedgerOf
}

/** Where an account stands. */
export function standingOf(account: AccountHistory, context: StandingContext): AccountStanding {
  if (account.months !== undefined) return standingByMonths({ ...account, months: account.months }, context)
  const whole = withLedger(account)
  let partialPayments = 0
  const ledger = (context.ledgerOf ?? datedLedger)(whole)
  const status = classNow(ledger, productOf(whole), context, ({ paidOn }, _, partial) => {
    if (partial && paidOn > context.asOf - partialPaymentDays) partialPayments += 1
  })
  return { ...status, partialPayments }
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
