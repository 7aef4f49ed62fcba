/**
 * An account at each month's end by what was known then: one pass over the months, in which the allocation of payments
 * runs along. A server does this for every request, so it fills columns in place and makes no object per month.
 */

import { type DatedInstalment, type DatedPayment, isKnown, RunningAllocation, stands } from './allocation.ts'
import { type Day, type Month, monthEnd, monthStart } from './calendar.ts'
import { accountStates } from './columns.ts'
import type { DatedLedger } from './dated-ledger.ts'
import { daysPastDue, worstDaysPastDue } from './delinquency.ts'
import type { Economy } from './economy.ts'
import type { HistoryBlock } from './history.ts'

/** What was recorded in a month. */
interface Recorded {
  payments: number
  partial: number
  cents: number
  switches: number
  daysBeforeDue: number
  allocated: number
  reversed: number
  failed: number
}

/**
 * Fills the rows of an account's months with its snapshots.
 *
 * @param row - The row of the first month; the others follow. All numbers are missing so far.
 */
export function fillSnapshots(
  ledger: DatedLedger,
  first: Month,
  last: Month,
  economy: Economy,
  { observed, numbers }: Pick<HistoryBlock, 'observed' | 'numbers'>,
  row: number,
): void {
  const { instalments, payments } = ledger
  const allocation = new RunningAllocation(instalments, payments)
  const recorded = {} as Recorded
  let from: Day = 0
  let channelBefore: string | null = null
  const clear = (): void => {
    recorded.payments = 0
    recorded.partial = 0
    recorded.cents = 0
    recorded.switches = 0
    recorded.daysBeforeDue = 0
    recorded.allocated = 0
    recorded.reversed = 0
    recorded.failed = 0
  }
  const anew = (): void => {
    channelBefore = null
  }
  const visit = (payment: DatedPayment, instalment: number, partial: boolean): void => {
    const { channel } = payment
    if (payment.recordedOn >= from) {
      recorded.payments += 1
      recorded.cents += payment.cents
      if (partial) recorded.partial += 1
      if (channel !== null && channelBefore !== null && channel !== channelBefore) recorded.switches += 1
      if (instalment !== -1) {
        recorded.daysBeforeDue += (instalments[instalment] as DatedInstalment).dueOn - payment.paidOn
        recorded.allocated += 1
      }
    }
    channelBefore = channel ?? channelBefore
  }

  for (let month = first; month <= last; month += 1) {
    const at = row + month - first
    const to = monthEnd(month)
    from = monthStart(month)
    clear()
    allocation.advance(to, anew, visit)
    countSetbacks(payments, from, to, recorded)
    observed[at] = 1
    numbers.daysPastDue[at] = daysPastDue(instalments, allocation, to)
    numbers.worstDaysPastDue[at] = worstDaysPastDue(instalments, allocation, from, to, to)
    numbers.amountPaid[at] = recorded.cents / 100
    numbers.creditLimit[at] = ledger.creditLimit
    if (recorded.allocated > 0) numbers.daysBeforeDue[at] = recorded.daysBeforeDue / recorded.allocated
    numbers.payments[at] = recorded.payments
    numbers.partialPayments[at] = recorded.partial
    numbers.reversedPayments[at] = recorded.reversed
    numbers.failedDebits[at] = recorded.failed
    numbers.channelSwitches[at] = recorded.switches
    const { unemployment, interestRate } = economy.asOf(month)
    numbers.unemployment[at] = unemployment
    numbers.interestRate[at] = interestRate
    fillAmounts(ledger, allocation, from, to, monthEnd(month + 1), recorded.payments, numbers, at)
  }
}

/** Payments reversed and debits failed in a month. */
function countSetbacks(payments: readonly DatedPayment[], from: Day, to: Day, recorded: Recorded): void {
  for (let place = 0; place < payments.length; place += 1) {
    const { reversedOn, failed, recordedOn } = payments[place] as DatedPayment
    if (reversedOn >= from && reversedOn <= to) recorded.reversed += 1
    if (failed && recordedOn >= from && recordedOn <= to) recorded.failed += 1
  }
}

/** What is and was due, what is owed, and the state that follows from it. */
function fillAmounts(
  ledger: DatedLedger,
  allocation: RunningAllocation,
  from: Day,
  to: Day,
  nextTo: Day,
  payments: number,
  numbers: HistoryBlock['numbers'],
  at: number,
): void {
  const { instalments } = ledger
  const { unpaidCents } = allocation
  let [due, next, nextIssued, arrears, owedCents, left, restructured] = [0, 0, 0, 0, 0, 0, 0]
  let revolving = false // a line issues statements; what it will bill next isn't agreed yet
  for (let place = 0; place < instalments.length; place += 1) {
    const instalment = instalments[place] as DatedInstalment
    const { dueOn, cents } = instalment
    if (instalment.cancelledOn <= to) restructured = 1
    if (instalment.issuedOn <= to && !Number.isNaN(instalment.balance)) revolving = true
    if (!stands(instalment, to)) continue
    const unpaid = unpaidCents[place] as number
    owedCents += unpaid
    if (dueOn >= from && dueOn <= to) due += cents
    if (dueOn < to) arrears += unpaid
    if (dueOn > to) {
      left += 1
      if (dueOn <= nextTo) {
        next += cents
        nextIssued += 1
      }
    }
  }
  const balance = balanceOf(ledger, to, owedCents)
  const closed = ledger.closedOn <= to && !ledger.writtenOff
  const owed = balance > 0 || owedCents > 0
  const state = closed || (!owed && payments > 0) ? 'settled' : owed ? 'open' : 'dormant'
  numbers.state[at] = accountStates[state]
  numbers.amountDue[at] = due / 100
  numbers.arrears[at] = arrears / 100
  numbers.balance[at] = balance
  if (!(revolving && nextIssued === 0)) numbers.nextAmountDue[at] = next / 100
  if (!revolving) numbers.instalmentsLeft[at] = left
  numbers.restructured[at] = restructured
}

/** A loan owes its unpaid instalments; a line its last statement's balance less what was paid since. */
function balanceOf({ instalments, payments }: DatedLedger, asOf: Day, unpaidCents: number): number {
  let statement: DatedInstalment | undefined
  for (let place = 0; place < instalments.length; place += 1) {
    const instalment = instalments[place] as DatedInstalment
    if (Number.isNaN(instalment.balance) || !stands(instalment, asOf)) continue
    if (statement === undefined || instalment.issuedOn >= statement.issuedOn) statement = instalment
  }
  if (statement === undefined) return unpaidCents / 100
  let paidCents = 0
  for (let place = 0; place < payments.length; place += 1) {
    const payment = payments[place] as DatedPayment
    if (payment.paidOn > statement.issuedOn && isKnown(payment, asOf)) paidCents += payment.cents
  }
  return (Math.round(statement.balance * 100) - paidCents) / 100
}
