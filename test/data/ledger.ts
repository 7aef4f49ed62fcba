/** Ledgers for tests, written as short as they can be read. */

import {
  addLedgerBorrower,
  economyAsOf,
  HistoryBuilder,
  type Instalment,
  type LabelledHistory,
  type LedgerAccount,
  monthOf,
  type Payment,
  toDay,
} from '../../data/index.ts'

/** An account with its ledger; opened on 2024-01-01 unless said otherwise. */
export function account(
  instalments: readonly (Partial<Instalment> & { dueOn: string; amountDue: number })[],
  payments: readonly (Partial<Payment> & { paidOn: string; amount: number })[],
  facts: Partial<LedgerAccount> = {},
): LedgerAccount {
  return {
    accountId: 'A1',
    openedOn: '2024-01-01',
    ...facts,
    instalments: instalments.map((instalment, place) => ({ instalmentId: `i${place + 1}`, ...instalment })),
    payments: payments.map((payment, place) => ({ paymentId: `p${place + 1}`, outcome: 'paid', ...payment })),
  }
}

/** Lowers accounts of one borrower, with all that is known at the end of the last month. */
export function lower(
  accounts: readonly LedgerAccount[],
  lastMonthEnd: string,
  knownOn = lastMonthEnd,
): LabelledHistory {
  const builder = new HistoryBuilder()
  addLedgerBorrower(builder, { borrowerId: 'B1' }, accounts, {
    lastMonth: monthOf(toDay(lastMonthEnd)),
    knownOn: toDay(knownOn),
    economy: economyAsOf([]),
  })
  return builder.build()
}
