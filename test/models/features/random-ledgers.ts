/** Random ledgers, with what real ones have: late, partial, back-posted, reversed and failed payments, restructurings. */

import fc from 'fast-check'
import {
  addLedgerBorrower,
  economyAsOf,
  formatDay,
  type HistoryBlock,
  HistoryBuilder,
  type LedgerAccount,
  monthEnd,
  monthStart,
  toMonth,
} from '../../../data/index.ts'

const firstMonth = toMonth('2024-01')
const lastMonth = toMonth('2025-06')

/** How one instalment is paid; days count from its due date. */
interface Conduct {
  readonly share: number
  readonly daysLate: number
  /** Days from the payment to the lender's knowing of it. */
  readonly backPosted: number
  readonly reversedAfter: number | null
  readonly failedFirst: boolean
  readonly channel: 'auto-debit' | 'transfer' | 'wallet'
}

const conduct: fc.Arbitrary<Conduct> = fc.record({
  share: fc.constantFrom(0, 0.3, 1, 1, 1, 1.5),
  daysLate: fc.oneof(fc.integer({ min: -10, max: 0 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 6, max: 90 })),
  backPosted: fc.constantFrom(0, 0, 0, 3, 40),
  reversedAfter: fc.constantFrom(null, null, null, null, 5, 40),
  failedFirst: fc.boolean(),
  channel: fc.constantFrom('auto-debit', 'transfer', 'wallet'),
})

const account = fc.record({
  opened: fc.integer({ min: 0, max: 10 }),
  conducts: fc.array(conduct, { minLength: 1, maxLength: 12 }),
  amountDue: fc.integer({ min: 1, max: 500 }),
  restructuredAt: fc.option(fc.integer({ min: 1, max: 6 }), { freq: 2, nil: null }),
  closedAfter: fc.option(fc.integer({ min: 2, max: 9 }), { freq: 2, nil: null }),
  fundingPartner: fc.constantFrom('north', 'south', null),
})

type Plan = typeof account extends fc.Arbitrary<infer Value> ? Value : never

function ledgerOf(plan: Plan, accountId: string): LedgerAccount {
  const openedOn = monthStart(firstMonth + plan.opened) + 4
  const restructuredOn = plan.restructuredAt === null ? null : monthEnd(firstMonth + plan.opened + plan.restructuredAt)
  const closed = plan.closedAfter === null ? {} : { closedOn: formatDay(openedOn + plan.closedAfter * 30) }
  const due = plan.conducts.map((_, index) => monthStart(firstMonth + plan.opened + index + 1) + 9)
  return {
    accountId,
    openedOn: formatDay(openedOn),
    creditLimit: plan.amountDue * plan.conducts.length,
    fundingPartner: plan.fundingPartner,
    ...closed,
    instalments: due.flatMap((dueOn, index) => {
      const instalment = { instalmentId: `${index}`, dueOn: formatDay(dueOn), amountDue: plan.amountDue }
      if (restructuredOn === null || dueOn <= restructuredOn) return [instalment]
      const later = { dueOn: formatDay(dueOn + 60), amountDue: plan.amountDue / 2, issuedOn: formatDay(restructuredOn) }
      return [
        { ...instalment, cancelledOn: formatDay(restructuredOn) },
        { instalmentId: `${index}-new`, ...later },
      ]
    }),
    payments: plan.conducts.flatMap((how, index) => {
      const paidOn = Math.max(openedOn, (due[index] as number) + how.daysLate)
      const paid = {
        paymentId: `${index}`,
        paidOn: formatDay(paidOn),
        recordedOn: formatDay(paidOn + how.backPosted),
        amount: Math.round(plan.amountDue * how.share * 100) / 100,
        channel: how.channel,
        outcome: 'paid' as const,
        ...(how.reversedAfter === null ? {} : { reversedOn: formatDay(paidOn + how.backPosted + how.reversedAfter) }),
      }
      const failed = {
        paymentId: `${index}-failed`,
        paidOn: formatDay(due[index] as number),
        amount: plan.amountDue,
        channel: 'auto-debit' as const,
        outcome: 'failed' as const,
      }
      return [...(how.failedFirst ? [failed] : []), ...(paid.amount > 0 ? [paid] : [])]
    }),
  }
}

/** Account-months lowered from the random ledgers of one borrower with one to three accounts. */
export const ledgerHistories: fc.Arbitrary<HistoryBlock> = fc
  .array(account, { minLength: 1, maxLength: 3 })
  .map(plans => {
    const builder = new HistoryBuilder(64)
    addLedgerBorrower(
      builder,
      { borrowerId: 'b', bornOn: '2001-05-17', income: 24_000 },
      plans.map((plan, index) => ledgerOf(plan, `a${index}`)),
      {
        lastMonth,
        knownOn: monthEnd(lastMonth),
        economy: economyAsOf([
          { month: '2023-11', unemployment: 4 },
          { month: '2024-08', unemployment: 6, interestRate: 3 },
        ]),
      },
    )
    return builder.build().history
  })
