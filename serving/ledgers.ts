/** The ledgers of a request's accounts, dated once: scoring and deciding both read them. */

import { type DatedLedger, datedLedger, type LedgerAccount } from '../data/index.ts'
import type { AccountHistory } from './requests.ts'

/** The account with its ledger; what it leaves out is empty. */
export function withLedger(account: AccountHistory): LedgerAccount {
  return hasLedger(account)
    ? account
    : { ...account, instalments: account.instalments ?? [], payments: account.payments ?? [] }
}

function hasLedger(account: AccountHistory): account is AccountHistory & LedgerAccount {
  return account.instalments !== undefined && account.payments !== undefined
}

/** Dates an account's ledger. @throws InputError if a date doesn't exist. */
export type LedgerOf = (account: LedgerAccount) => DatedLedger

/** Remembers the ledgers of one request, as long as it lasts. */
export function rememberLedgers(): LedgerOf {
  const known = new Map<LedgerAccount, DatedLedger>()
  return account => {
    const before = known.get(account)
    if (before !== undefined) return before
    const ledger = datedLedger(account)
    known.set(account, ledger)
    return ledger
  }
}
