/**
 * An account at each month's end by what was known then: one pass over the months, in which the allocation of payments
 * runs along. A server does this for every request, so it fills columns in place, makes no object per month, and looks
 * no more at instalments that are over.
 */

import { type DatedInstalment, type DatedPayment, isKnown, RunningAllocation, stands } from './allocation.ts'
import { type Day, type Month, monthStart } from './calendar.ts'
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
  const over = new InstalmentsOver(instalments, allocation)
  const { reversedOn, failedOn } = setbackDays(payments)
  const recorded = {} as Recorded
  let from = monthStart(first)
  let channelBefore: string | null = null
  const clear = (): void => {
    recorded.payments = 0
    recorded.partial = 0
    recorded.cents = 0
    recorded.switches = 0
    recorded.daysBeforeDue = 0
    recorded.allocated = 0
  }
  const anew = (): void => {
    channelBefore = null
    over.forget()
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

  let nextFrom = monthStart(first + 1)
  for (let month = first; month <= last; month += 1) {
    const at = row + month - first
    const to = nextFrom - 1
    const afterNext = monthStart(month + 2)
    clear()
    allocation.advance(to, anew, visit)
    observed[at] = 1
    numbers.daysPastDue[at] = daysPastDue(instalments, allocation, to, to, over.count)
    numbers.worstDaysPastDue[at] = worstDaysPastDue(instalments, allocation, from, to, to, over.count)
    numbers.amountPaid[at] = recorded.cents / 100
    numbers.creditLimit[at] = ledger.creditLimit
    if (recorded.allocated > 0) numbers.daysBeforeDue[at] = recorded.daysBeforeDue / recorded.allocated
    numbers.payments[at] = recorded.payments
    numbers.partialPayments[at] = recorded.partial
    numbers.reversedPayments[at] = countWithin(reversedOn, from, to)
    numbers.failedDebits[at] = countWithin(failedOn, from, to)
    numbers.channelSwitches[at] = recorded.switches
    const { unemployment, interestRate } = economy.asOf(month)
    numbers.unemployment[at] = unemployment
    numbers.interestRate[at] = interestRate
    fillAmounts(ledger, allocation, over, from, to, afterNext - 1, recorded.payments, numbers, at)
    over.passMonth(to)
    from = nextFrom
    nextFrom = afterNext
  }
}

/**
 * The leading instalments that no later month depends on any more but by the statement that they hold: paid or cancelled
 * by a month's end.
 */
class InstalmentsOver {
  /** How many there are. */
  count = 0
  /** The latest of their statements that stands; null if none says a balance. */
  statement: DatedInstalment | null = null
  /** One of them says a balance, cancelled or not: the account is a line. */
  revolving = false
  /** One of them was cancelled. */
  restructured = false
  readonly #instalments: readonly DatedInstalment[]
  readonly #allocation: RunningAllocation

  constructor(instalments: readonly DatedInstalment[], allocation: RunningAllocation) {
    this.#instalments = instalments
    this.#allocation = allocation
  }

  /** Payments are allocated anew: what was paid may not be. */
  forget(): void {
    this.count = 0
    this.statement = null
    this.revolving = false
    this.restructured = false
  }

  /** A month has ended. */
  passMonth(to: Day): void {
    for (; this.count < this.#instalments.length; this.count += 1) {
      const instalment = this.#instalments[this.count] as DatedInstalment
      const { dueOn, issuedOn, cancelledOn, balance } = instalment
      if (dueOn > to || issuedOn > to) return
      if (cancelledOn <= to) this.restructured = true
      else if (cancelledOn === Number.POSITIVE_INFINITY && this.#isPaid(to)) {
        this.statement = laterStatement(this.statement, instalment)
      } else return
      if (!Number.isNaN(balance)) this.revolving = true
    }
  }

  #isPaid(to: Day): boolean {
    return (this.#allocation.paidOffOn[this.count] as number) <= to
  }
}

/** Days on which payments were known to be reversed, and on which failed debits were recorded. */
function setbackDays(payments: readonly DatedPayment[]): { reversedOn: Day[]; failedOn: Day[] } {
  const days = { reversedOn: [] as Day[], failedOn: [] as Day[] }
  for (let place = 0; place < payments.length; place += 1) {
    const { reversedOn, failed, recordedOn } = payments[place] as DatedPayment
    if (reversedOn !== Number.POSITIVE_INFINITY) days.reversedOn.push(reversedOn)
    if (failed) days.failedOn.push(recordedOn)
  }
  return days
}

function countWithin(days: readonly Day[], from: Day, to: Day): number {
  let count = 0
  for (let place = 0; place < days.length; place += 1) {
    const day = days[place] as Day
    if (day >= from && day <= to) count += 1
  }
  return count
}

/** What is and was due, what is owed, and the state that follows from it. */
function fillAmounts(
  ledger: DatedLedger,
  allocation: RunningAllocation,
  over: InstalmentsOver,
  from: Day,
  to: Day,
  nextTo: Day,
  payments: number,
  numbers: HistoryBlock['numbers'],
  at: number,
): void {
  const { instalments } = ledger
  const { unpaidCents } = allocation
  let [due, next, nextIssued, arrears, owedCents, left] = [0, 0, 0, 0, 0, 0]
  let { restructured, statement, revolving } = over // a line issues statements; what it will bill next isn't agreed yet
  for (let place = over.count; place < instalments.length; place += 1) {
    const instalment = instalments[place] as DatedInstalment
    const { dueOn, cents } = instalment
    if (instalment.cancelledOn <= to) restructured = true
    if (instalment.issuedOn <= to && !Number.isNaN(instalment.balance)) revolving = true
    if (!stands(instalment, to)) continue
    statement = laterStatement(statement, instalment)
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
  const balance = statement === null ? owedCents / 100 : balanceOf(statement, allocation, ledger.payments, to)
  const closed = ledger.closedOn <= to && !ledger.writtenOff
  const owed = balance > 0 || owedCents > 0
  const state = closed || (!owed && payments > 0) ? 'settled' : owed ? 'open' : 'dormant'
  numbers.state[at] = accountStates[state]
  numbers.amountDue[at] = due / 100
  numbers.arrears[at] = arrears / 100
  numbers.balance[at] = balance
  if (!(revolving && nextIssued === 0)) numbers.nextAmountDue[at] = next / 100
  if (!revolving) numbers.instalmentsLeft[at] = left
  numbers.restructured[at] = restructured ? 1 : 0
}

/** Of two that stand, the one with the later statement: of one day, that of the later due date. */
function laterStatement(statement: DatedInstalment | null, instalment: DatedInstalment): DatedInstalment | null {
  if (Number.isNaN(instalment.balance)) return statement
  return statement === null || instalment.issuedOn >= statement.issuedOn ? instalment : statement
}

/** A line owes its last statement's balance less what was paid since; a loan, its unpaid instalments. */
function balanceOf(
  statement: DatedInstalment,
  { allocated }: RunningAllocation,
  payments: readonly DatedPayment[],
  asOf: Day,
): number {
  let paidCents = 0
  for (let place = allocated - 1; place >= 0; place -= 1) {
    const payment = payments[place] as DatedPayment
    if (payment.paidOn <= statement.issuedOn) break
    if (isKnown(payment, asOf)) paidCents += payment.cents
  }
  return (Math.round(statement.balance * 100) - paidCents) / 100
}
