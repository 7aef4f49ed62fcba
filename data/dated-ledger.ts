/** An account's ledger with dates as day numbers and amounts in hundredths: what allocation and days past due read. */

import type { DatedInstalment, DatedPayment } from './allocation.ts'
import { type Day, toDay } from './calendar.ts'
import type { LedgerAccount } from './contracts.ts'

/** An account's ledger with dates as day numbers, sorted. */
export interface DatedLedger {
  readonly instalments: readonly DatedInstalment[]
  readonly payments: readonly DatedPayment[]
  readonly closedOn: Day
  readonly writtenOff: boolean
  readonly creditLimit: number
}

/**
 * Dates an account's ledger: instalments by due date and id, payments by the day of payment and id, whatever the order
 * in which they came.
 *
 * @throws InputError if a date doesn't exist.
 */
export function datedLedger(account: LedgerAccount): DatedLedger {
  const source = `account ${account.accountId}`
  const day = (text: string | null | undefined, field: string, otherwise: Day): Day =>
    text === null || text === undefined ? otherwise : toDay(text, source, field)
  const openedOn = day(account.openedOn, 'openedOn', Number.NEGATIVE_INFINITY)
  const instalments = sorted(
    account.instalments.map(instalment => ({
      id: instalment.instalmentId,
      dueOn: toDay(instalment.dueOn, source, 'dueOn'),
      cents: Math.round(instalment.amountDue * 100),
      issuedOn: day(instalment.issuedOn, 'issuedOn', openedOn),
      cancelledOn: day(instalment.cancelledOn, 'cancelledOn', Number.POSITIVE_INFINITY),
      balance: instalment.balance ?? Number.NaN,
    })),
    (a, b) => a.dueOn - b.dueOn || compareText(a.id, b.id),
  )
  const placeOf = new Map<string, number>()
  if (account.payments.some(({ instalmentId }) => typeof instalmentId === 'string')) {
    instalments.forEach(({ id }, place) => {
      placeOf.set(id, place)
    })
  }
  const payments = sorted(
    account.payments.map(payment => {
      const paidOn = toDay(payment.paidOn, source, 'paidOn')
      return {
        id: payment.paymentId,
        paidOn,
        recordedOn: day(payment.recordedOn, 'recordedOn', paidOn),
        reversedOn: day(payment.reversedOn, 'reversedOn', Number.POSITIVE_INFINITY),
        cents: Math.round(payment.amount * 100),
        instalment: typeof payment.instalmentId === 'string' ? (placeOf.get(payment.instalmentId) ?? -1) : -1,
        channel: payment.channel ?? null,
        bank: payment.bank ?? null,
        hour: payment.attemptedHour ?? Number.NaN,
        failed: payment.outcome === 'failed',
      }
    }),
    (a, b) => a.paidOn - b.paidOn || compareText(a.id, b.id),
  )
  return {
    instalments,
    payments,
    closedOn: day(account.closedOn, 'closedOn', Number.POSITIVE_INFINITY),
    writtenOff: account.closeReason === 'written-off',
    creditLimit: account.creditLimit ?? Number.NaN,
  }
}

/** Sorts in place what isn't in order already, as most ledgers are. */
function sorted<Item>(items: Item[], compare: (a: Item, b: Item) => number): Item[] {
  for (let place = 1; place < items.length; place += 1) {
    if (compare(items[place - 1] as Item, items[place] as Item) > 0) return items.sort(compare)
  }
  return items
}

/** By code units: the same everywhere, whatever the locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
