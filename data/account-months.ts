/** Lowers a borrower's accounts to account-months: the same rule for the trainer's files and the server's requests. */

import { type Allocation, allocatePayments, type DatedInstalment } from './allocation.ts'
import { type Day, type Month, monthEnd, monthOf, monthStart, toDay, toMonth } from './calendar.ts'
import { accountStates } from './columns.ts'
import type { Account, AccountMonth, Borrower, LedgerAccount } from './contracts.ts'
import { compareText, type DatedLedger, datedLedger } from './dated-ledger.ts'
import { worstDaysPastDue } from './delinquency.ts'
import type { Economy } from './economy.ts'
import type { AccountFacts, HistoryBuilder } from './history.ts'
import { failedTechnically, isAttemptFor, type Outage, technicalDaysAtMost } from './outages.ts'
import { fillSnapshots } from './snapshots.ts'

/** What lowering needs besides the accounts. */
export interface LoweringContext {
  /** Last month to make a snapshot of. */
  readonly lastMonth: Month
  /**
   * The data cut: outcomes use what was known on this day. Snapshots never look past their own month's end. Left out:
   * outcomes aren't asked for, and say what the snapshots do.
   */
  readonly knownOn?: Day
  readonly economy: Economy
  /** Dates an account’s ledger; left out, anew. */
  readonly ledgerOf?: (account: LedgerAccount) => DatedLedger
  /** Times in which debits failed for reasons that weren't the borrowers': outcomes are also given without what follows. */
  readonly outages?: readonly Outage[]
}

/** One account with account-months ready made. */
export interface MonthlyAccount extends Account {
  readonly months: readonly AccountMonth[]
}

/**
 * Adds a borrower with ledgers to a block, one snapshot per account and month, each as known at that month's end.
 *
 * Accounts are sorted by id, instalments and payments by date and id, so the order of the input never matters. Snapshots
 * run from the month of opening to the month of closing or `lastMonth`. An account that had not opened by then is left
 * out.
 *
 * @throws InputError if a date doesn't exist.
 */
export function addLedgerBorrower(
  builder: HistoryBuilder,
  borrower: Borrower,
  accounts: readonly LedgerAccount[],
  context: LoweringContext,
): void {
  builder.borrower(borrower.borrowerId)
  for (const account of sortedById(accounts)) {
    const ledger = (context.ledgerOf ?? datedLedger)(account)
    const first = firstMonth(account, ledger)
    const last = Math.min(context.lastMonth, monthOfDay(ledger.closedOn))
    if (!(first <= last)) continue
    builder.account(account.accountId, factsOf(borrower, account))
    const row = builder.reserve(first, last)
    fillSnapshots(ledger, first, last, context.economy, builder.columns, row)
    const { knownOn, outages = [] } = context
    if (knownOn !== undefined) addOutcomes(builder, ledger, first, last, row, knownOn, outages)
  }
}

/** What became known in the end of each of an account's months. */
function addOutcomes(
  builder: HistoryBuilder,
  ledger: DatedLedger,
  first: Month,
  last: Month,
  row: number,
  knownOn: Day,
  outages: readonly Outage[],
): void {
  const { instalments } = ledger
  const final = allocatePayments(instalments, ledger.payments, knownOn)
  const own = withoutTechnical(ledger, final, knownOn, outages)
  for (let month = first; month <= last; month += 1) {
    const [from, to] = [monthStart(month), monthEnd(month)]
    const worst = worstDaysPastDue(instalments, final, from, to, knownOn)
    builder.setOutcome(
      row + month - first,
      worst,
      overdueAmount(ledger, final.paidOffOn, from, to, knownOn),
      own === final ? worst : worstDaysPastDue(instalments, own, from, to, knownOn),
    )
  }
}

/** The allocation as if what an outage delayed by a few days had been paid when it was due; itself if nothing was. */
function withoutTechnical(
  { instalments, payments }: DatedLedger,
  final: Allocation,
  knownOn: Day,
  outages: readonly Outage[],
): Allocation {
  if (outages.length === 0) return final
  const failedOn = payments
    .filter(payment => payment.recordedOn <= knownOn && failedTechnically(payment, outages))
    .map(({ paidOn }) => paidOn)
  if (failedOn.length === 0) return final
  const paidOffOn = final.paidOffOn.map((paidOn, place) => {
    const { dueOn } = instalments[place] as DatedInstalment
    const late = paidOn > dueOn && paidOn <= dueOn + technicalDaysAtMost
    return late && failedOn.some(day => isAttemptFor(dueOn, day)) ? dueOn : paidOn
  })
  return { ...final, paidOffOn }
}

/**
 * Adds a borrower whose account-months are ready made; months after `lastMonth` are left out.
 *
 * @throws InputError if a month doesn't exist or comes twice.
 */
export function addMonthlyBorrower(
  builder: HistoryBuilder,
  borrower: Borrower,
  accounts: readonly MonthlyAccount[],
  context: LoweringContext,
): void {
  builder.borrower(borrower.borrowerId)
  for (const account of sortedById(accounts)) {
    const months = account.months
      .map(row => ({ row, month: toMonth(row.month, `account ${account.accountId}`, 'month') }))
      .filter(({ month }) => month <= context.lastMonth)
      .sort((a, b) => a.month - b.month)
    if (months.length === 0) continue
    builder.account(account.accountId, factsOf(borrower, account))
    const start = builder.rows
    for (const { row, month } of months) {
      const { month: _, state, ...numbers } = row
      const code = state === null || state === undefined ? null : accountStates[state]
      builder.add(month, { ...numbers, state: code, ...context.economy.asOf(month) })
    }
    fillLimit(builder, account, start, builder.rows)
  }
}

/** A month that doesn't say its limit has the account's; the account has rows `start` to before `end`. */
function fillLimit(builder: HistoryBuilder, account: Account, start: number, end: number): void {
  const limit = account.creditLimit ?? null
  if (limit !== null) builder.fillMissing('creditLimit', limit, start, end)
}

/** Amounts, as billed, of the instalments that were past due on any day of a period. */
function overdueAmount(ledger: DatedLedger, paidOffOn: Float64Array, from: Day, to: Day, knownOn: Day): number {
  let cents = 0
  ledger.instalments.forEach((instalment, place) => {
    const paid = paidOffOn[place] as number
    const settledOn = Math.min(Number.isNaN(paid) ? Number.POSITIVE_INFINITY : paid, instalment.cancelledOn)
    if (instalment.issuedOn <= knownOn && instalment.dueOn < to && settledOn > from) cents += instalment.cents
  })
  return cents / 100
}

/** Month of opening; where that isn't known, of the first thing due or recorded. */
function firstMonth(account: Account, { instalments, payments }: DatedLedger): Month {
  if (account.openedOn !== null && account.openedOn !== undefined) return monthOf(toDay(account.openedOn))
  const known = [...instalments.map(({ dueOn }) => dueOn), ...payments.map(({ recordedOn }) => recordedOn)]
  return monthOfDay(Math.min(...known))
}

function monthOfDay(day: Day): Month {
  return Number.isFinite(day) ? monthOf(day) : day
}

/** An account's facts, those of its borrower among them; named one by one, since a server does this for every account. */
function factsOf(borrower: Borrower, account: Account): Required<AccountFacts> {
  return {
    income: borrower.income,
    dependants: borrower.dependants,
    sex: borrower.sex,
    maritalStatus: borrower.maritalStatus,
    education: borrower.education,
    housing: borrower.housing,
    incomeType: borrower.incomeType,
    occupation: borrower.occupation,
    region: borrower.region,
    bornOn: dayIfGiven(borrower.bornOn),
    employedOn: dayIfGiven(borrower.employedOn),
    openedOn: dayIfGiven(account.openedOn),
    product: account.product,
    channel: account.channel,
    fundingPartner: account.fundingPartner,
  }
}

function dayIfGiven(text: string | null | undefined): Day | null {
  return text === null || text === undefined ? null : toDay(text)
}

function sortedById<Item extends { readonly accountId: string }>(accounts: readonly Item[]): Item[] {
  return [...accounts].sort((a, b) => compareText(a.accountId, b.accountId))
}
