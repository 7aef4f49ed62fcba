/** What an account owes on a day, and its original effective rate, told from its ledger. */

import {
  allocatePayments,
  type DatedLedger,
  type Day,
  datedLedger,
  formatDay,
  InputError,
  type LedgerAccount,
  stands,
  toDay,
} from '../../data/index.ts'
import { overdueTimeline, productOf } from '../overdue/index.ts'
import { Exact } from './money.ts'
import type { Debt } from './plan.ts'
import { effectiveFromNominal, effectiveRate } from './present-value.ts'

/** What the ledger may not tell. */
export interface DebtContext {
  readonly agreedOn: Day
  readonly currency: string
  /** Nominal yearly rate of the contract, charged monthly, as a fraction; left out, told from the first schedule. */
  readonly nominalRate?: number
}

/**
 * Reads what is owed.
 *
 * The effective rate is that of the contract's nominal rate; without one, that at which the first agreed schedule is
 * worth the amount financed (`creditLimit`) on the day of opening.
 *
 * @throws InputError if nothing is owed, or the rate can't be told.
 */
export function debtOf(account: LedgerAccount, context: DebtContext): Debt {
  const { agreedOn, currency } = context
  const ledger = datedLedger(account)
  const source = `account ${account.accountId}`
  const owed = productOf(account) === 'line' ? balanceOwed(ledger, agreedOn) : unpaidInstalments(ledger, agreedOn)
  if (owed.length === 0) {
    throw new InputError({
      source,
      field: 'instalments',
      found: `nothing unpaid on ${formatDay(agreedOn)}`,
      expected: 'something to make a plan for',
      rule: 'nothing-owed',
    })
  }
  const rate =
    context.nominalRate === undefined ? originalRate(account) : effectiveFromNominal(new Exact(context.nominalRate))
  if (rate === null) {
    throw new InputError({
      source,
      field: 'nominalRate',
      expected:
        'the contract’s nominal yearly rate, or openedOn, creditLimit (the amount financed) and the first schedule, from which it can be told',
      rule: 'unknown-rate',
    })
  }
  return { currency, agreedOn, owed, effectiveRate: rate }
}

function unpaidInstalments(ledger: DatedLedger, on: Day): Debt['owed'] {
  const { unpaidCents } = allocatePayments(ledger.instalments, ledger.payments, on)
  return ledger.instalments.flatMap((instalment, place) => {
    const cents = unpaidCents[place] as number
    return stands(instalment, on) && cents > 0 ? [{ on: instalment.dueOn, amount: new Exact(cents).div(100) }] : []
  })
}

/** A line's statements ask for a part of what is owed; a plan is made for all of it. */
function balanceOwed(ledger: DatedLedger, on: Day): Debt['owed'] {
  const cents = overdueTimeline(ledger, { asOf: on }).exposureCents.at(-1) ?? 0
  return cents > 0 ? [{ on, amount: new Exact(cents).div(100) }] : []
}

/** The rate of the first schedule of a loan; null if it can't be told. */
function originalRate(account: LedgerAccount): Exact | null {
  const { openedOn, creditLimit } = account
  if ((openedOn ?? null) === null || (creditLimit ?? null) === null || creditLimit === 0) return null
  if (productOf(account) === 'line') return null // it has no schedule
  const issued = (one: LedgerAccount['instalments'][number]): string => one.issuedOn ?? openedOn ?? ''
  const first = account.instalments.map(issued).sort()[0]
  const payments = account.instalments
    .filter(instalment => issued(instalment) === first && instalment.amountDue > 0)
    .map(({ dueOn, amountDue }) => ({ on: toDay(dueOn), amount: new Exact(amountDue) }))
  return effectiveRate({ on: toDay(openedOn ?? ''), amount: new Exact(creditLimit ?? 0) }, payments)
}
