/** An account as it would stand with a plan: what is unpaid is replaced, and perhaps paid as agreed. */

import { allocatePayments, type Day, datedLedger, formatDay, type LedgerAccount } from '../../data/index.ts'
import { productOf } from '../overdue/index.ts'
import type { Plan } from './plan.ts'

/**
 * Replaces the unpaid instalments of an account by a plan's. Of an instalment paid in part the paid part stays and the
 * rest is replaced, so no payment is counted again.
 *
 * @param agreedOn - Day from which the plan stands; payments recorded later are left out.
 * @param paid - Whether each instalment of the plan is paid on its due date.
 */
export function applyPlan(account: LedgerAccount, plan: Plan, agreedOn: Day, paid: boolean): LedgerAccount {
  const on = formatDay(agreedOn)
  const planned = plan.instalments.map(({ dueOn, payment }, place) => ({
    instalmentId: `plan-${place + 1}`,
    dueOn: formatDay(dueOn),
    amountDue: payment.toNumber(),
    issuedOn: on,
    // a line tells what is owed by its statements; the plan is the last one
    ...(place === 0 && productOf(account) === 'line' ? { balance: plan.principal.toNumber() } : {}),
  }))
  const payments = plan.instalments.map(({ dueOn, payment }, place) => ({
    paymentId: `plan-payment-${place + 1}`,
    paidOn: formatDay(dueOn),
    amount: payment.toNumber(),
    instalmentId: `plan-${place + 1}`,
    outcome: 'paid' as const,
  }))
  return {
    ...account,
    instalments: [...replaced(account, agreedOn), ...planned],
    payments: [
      ...account.payments.filter(({ paidOn, recordedOn }) => (recordedOn ?? paidOn) <= on),
      ...(paid ? payments : []),
    ],
  }
}

/** The account's instalments with what is unpaid of them cancelled. */
function replaced(account: LedgerAccount, agreedOn: Day): LedgerAccount['instalments'] {
  const on = formatDay(agreedOn)
  const ledger = datedLedger(account)
  const { unpaidCents } = allocatePayments(ledger.instalments, ledger.payments, agreedOn)
  const unpaid = new Map(ledger.instalments.map(({ id }, place) => [id, unpaidCents[place] as number]))
  return account.instalments.flatMap(instalment => {
    const cents = Math.round(instalment.amountDue * 100)
    const left = unpaid.get(instalment.instalmentId) ?? 0
    if (left === 0 || (instalment.cancelledOn ?? '9999-12-31') <= on) return [instalment]
    if (left === cents) return [{ ...instalment, cancelledOn: on }]
    const { balance: _, ...rest } = instalment
    return [
      { ...instalment, amountDue: (cents - left) / 100 },
      { ...rest, instalmentId: `${instalment.instalmentId}-rest`, amountDue: left / 100, cancelledOn: on },
    ]
  })
}
