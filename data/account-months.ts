/** Lowers a borrower's accounts to account-months: the same rule for the trainer's files and the server's requests. */

import {
  type Allocation,
  allocatePayments,
  type DatedInstalment,
  type DatedPayment,
  isKnown,
  stands,
} from './allocation.ts'
import { type Day, type Month, monthEnd, monthOf, monthStart, toDay, toMonth } from './calendar.ts'
import { accountStates } from './columns.ts'
import type { Account, AccountMonth, Borrower, LedgerAccount } from './contracts.ts'
import { compareText, type DatedLedger, datedLedger } from './dated-ledger.ts'
import { daysPastDue, worstDaysPastDue } from './delinquency.ts'
import type { Economy } from './economy.ts'
import type { AccountFacts, HistoryBuilder, MonthNumbers } from './history.ts'
import { failedTechnically, isAttemptFor, type Outage, technicalDaysAtMost } from './outages.ts'

/** What lowering needs besides the accounts. */
export interface LoweringContext {
  /** Last month to make a snapshot of. */
  readonly lastMonth: Month
  /** The data cut: outcomes use what was known on this day. Snapshots never look past their own month's end. */
  readonly knownOn: Day
  readonly economy: Economy
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
    const ledger = datedLedger(account)
    const first = firstMonth(account, ledger)
    const last = Math.min(context.lastMonth, monthOfDay(ledger.closedOn))
    if (!(first <= last)) continue
    builder.account(account.accountId, factsOf(borrower, account))
    const final = allocatePayments(ledger.instalments, ledger.payments, context.knownOn)
    const own = withoutTechnical(ledger, final, context)
    for (let month = first; month <= last; month += 1) {
      const [from, to] = [monthStart(month), monthEnd(month)]
      builder.add(
        month,
        { ...snapshot(ledger, month), ...context.economy.asOf(month) },
        worstDaysPastDue(ledger.instalments, final, from, to, context.knownOn),
        overdueAmount(ledger, final.paidOffOn, from, to, context.knownOn),
        own === final ? undefined : worstDaysPastDue(ledger.instalments, own, from, to, context.knownOn),
      )
    }
  }
}

/** The allocation as if what an outage delayed by a few days had been paid when it was due; itself if nothing was. */
function withoutTechnical(
  { instalments, payments }: DatedLedger,
  final: Allocation,
  context: LoweringContext,
): Allocation {
  const { outages = [], knownOn } = context
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
      builder.add(month, { ...present(numbers), state: code, ...context.economy.asOf(month) })
    }
    fillLimit(builder, account, start, builder.rows)
  }
}

/** A month that doesn't say its limit has the account's; the account has rows `start` to before `end`. */
function fillLimit(builder: HistoryBuilder, account: Account, start: number, end: number): void {
  const limit = account.creditLimit ?? null
  if (limit !== null) builder.fillMissing('creditLimit', limit, start, end)
}

/** The account at a month's end, by what was known then. */
function snapshot(ledger: DatedLedger, month: Month): MonthNumbers {
  const { instalments, payments } = ledger
  const [from, to, nextTo] = [monthStart(month), monthEnd(month), monthEnd(month + 1)]
  const recorded = {
    payments: 0,
    partial: 0,
    cents: 0,
    switches: 0,
    daysBeforeDue: 0,
    allocated: 0,
    reversed: 0,
    failed: 0,
  }
  let channelBefore: string | null = null
  const allocation = allocatePayments(instalments, payments, to, (payment, instalment, partial) => {
    if (payment.recordedOn >= from) count(payment, instalment, partial)
    channelBefore = payment.channel ?? channelBefore
  })

  function count(payment: DatedPayment, instalment: number, partial: boolean): void {
    recorded.payments += 1
    recorded.cents += payment.cents
    if (partial) recorded.partial += 1
    if (payment.channel !== null && channelBefore !== null && payment.channel !== channelBefore) recorded.switches += 1
    const paid = instalments[instalment]
    if (paid !== undefined) {
      recorded.daysBeforeDue += paid.dueOn - payment.paidOn
      recorded.allocated += 1
    }
  }

  for (const { reversedOn, failed, recordedOn } of payments) {
    if (reversedOn >= from && reversedOn <= to) recorded.reversed += 1
    if (failed && recordedOn >= from && recordedOn <= to) recorded.failed += 1
  }

  const sums = { due: 0, next: 0, nextIssued: 0, arrears: 0, unpaid: 0, left: 0, restructured: 0, statements: 0 }
  for (let place = 0; place < instalments.length; place += 1) {
    const instalment = instalments[place] as DatedInstalment
    if (instalment.cancelledOn <= to) sums.restructured = 1
    if (!Number.isNaN(instalment.balance) && instalment.issuedOn <= to) sums.statements += 1
    if (!stands(instalment, to)) continue
    const unpaid = allocation.unpaidCents[place] as number
    sums.unpaid += unpaid
    if (instalment.dueOn >= from && instalment.dueOn <= to) sums.due += instalment.cents
    if (instalment.dueOn < to) sums.arrears += unpaid
    if (instalment.dueOn > to) {
      sums.left += 1
      if (instalment.dueOn <= nextTo) {
        sums.next += instalment.cents
        sums.nextIssued += 1
      }
    }
  }
  const revolving = sums.statements > 0 // a line issues statements; what it will bill next isn't agreed yet
  const balance = balanceOf(ledger, to, sums.unpaid)
  const closed = ledger.closedOn <= to && !ledger.writtenOff
  const owed = balance > 0 || sums.unpaid > 0
  const state = closed || (!owed && recorded.payments > 0) ? 'settled' : owed ? 'open' : 'dormant'
  return {
    state: accountStates[state],
    daysPastDue: daysPastDue(instalments, allocation, to),
    worstDaysPastDue: worstDaysPastDue(instalments, allocation, from, to, to),
    amountDue: sums.due / 100,
    amountPaid: recorded.cents / 100,
    arrears: sums.arrears / 100,
    balance,
    creditLimit: ledger.creditLimit,
    nextAmountDue: revolving && sums.nextIssued === 0 ? null : sums.next / 100,
    instalmentsLeft: revolving ? null : sums.left,
    daysBeforeDue: recorded.allocated === 0 ? null : recorded.daysBeforeDue / recorded.allocated,
    payments: recorded.payments,
    partialPayments: recorded.partial,
    reversedPayments: recorded.reversed,
    failedDebits: recorded.failed,
    channelSwitches: recorded.switches,
    restructured: sums.restructured,
  }
}

/** A loan owes its unpaid instalments; a line its last statement's balance less what was paid since. */
function balanceOf(ledger: DatedLedger, asOf: Day, unpaidCents: number): number {
  let statement: DatedInstalment | undefined
  for (const instalment of ledger.instalments) {
    if (Number.isNaN(instalment.balance) || !stands(instalment, asOf)) continue
    if (statement === undefined || instalment.issuedOn >= statement.issuedOn) statement = instalment
  }
  if (statement === undefined) return unpaidCents / 100
  let paidCents = 0
  for (const payment of ledger.payments) {
    if (isKnown(payment, asOf) && payment.paidOn > statement.issuedOn) paidCents += payment.cents
  }
  return (Math.round(statement.balance * 100) - paidCents) / 100
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

/** An account's facts, those of its borrower among them. */
function factsOf(borrower: Borrower, account: Account): AccountFacts {
  const { borrowerId: _, bornOn, employedOn, ...facts } = borrower
  const day = (text: string | null | undefined): number | null =>
    text === null || text === undefined ? null : toDay(text)
  return {
    ...present(facts),
    bornOn: day(bornOn),
    employedOn: day(employedOn),
    openedOn: day(account.openedOn),
    product: account.product ?? null,
    channel: account.channel ?? null,
    fundingPartner: account.fundingPartner ?? null,
  }
}

function sortedById<Item extends { readonly accountId: string }>(accounts: readonly Item[]): Item[] {
  return [...accounts].sort((a, b) => compareText(a.accountId, b.accountId))
}

/** The same object without its undefined fields. */
function present<Fields extends object>(fields: Fields): { [Key in keyof Fields]: Exclude<Fields[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Fields]: Exclude<Fields[Key], undefined>
  }
}
