import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  formatDay,
  type LedgerAccount,
  monthEnd,
  numberColumnNames,
  type Payment,
  toDay,
  toMonth,
} from '../../data/index.ts'
import { account, lower } from './ledger.ts'

/** A column of the lowered account, by month. */
function column(accounts: readonly LedgerAccount[], name: (typeof numberColumnNames)[number], until: string): number[] {
  return [...lower(accounts, until).history.numbers[name]]
}

const monthly = [
  { dueOn: '2024-02-10', amountDue: 100 },
  { dueOn: '2024-03-10', amountDue: 100 },
  { dueOn: '2024-04-10', amountDue: 100 },
]

test('days past due count from the oldest instalment not fully paid', () => {
  // 29 February − 10 February = 19; 31 March − 10 February = 50; 30 April − 10 February = 80.
  expect(column([account(monthly, [])], 'daysPastDue', '2024-04-30')).toEqual([0, 19, 50, 80])
})

test('a partial payment leaves the oldest instalment past due', () => {
  const paid = [{ paidOn: '2024-03-20', amount: 150 }]
  // 150 pays February in full and half of March: on 31 March 31 − 10 = 21 days; 50 + 0 are in arrears.
  expect(column([account(monthly, paid)], 'daysPastDue', '2024-03-31')).toEqual([0, 19, 21])
  expect(column([account(monthly, paid)], 'arrears', '2024-03-31')).toEqual([0, 100, 50])
  expect(column([account(monthly, paid)], 'partialPayments', '2024-03-31')).toEqual([0, 0, 1])
})

test('on the due date nothing is past due, on the day after one day is', () => {
  const due = [{ dueOn: '2024-02-29', amountDue: 100 }]
  expect(column([account(due, [])], 'daysPastDue', '2024-03-31')).toEqual([0, 0, 31])
  expect(column([account([{ dueOn: '2024-02-28', amountDue: 100 }], [])], 'daysPastDue', '2024-02-29')).toEqual([0, 1])
})

test('the worst day of a month is the day before payment', () => {
  // Due 10 February, paid 25 March: at its worst 24 March − 10 February = 14 + 29 = 43 days; at month’s end paid.
  const paid = [
    { paidOn: '2024-03-25', amount: 100 },
    { paidOn: '2024-03-10', amount: 100 },
  ]
  const accounts = [
    account(monthly.slice(0, 2), [
      { ...paid[0]!, instalmentId: 'i1' },
      { ...paid[1]!, instalmentId: 'i2' },
    ]),
  ]
  expect(column(accounts, 'worstDaysPastDue', '2024-03-31')).toEqual([0, 19, 43])
  expect(column(accounts, 'daysPastDue', '2024-03-31')).toEqual([0, 19, 0])
})

test('a payment that names its instalment pays it, even if an older one is unpaid', () => {
  const named = [account(monthly, [{ paidOn: '2024-03-10', amount: 100, instalmentId: 'i2' }])]
  const unnamed = [account(monthly, [{ paidOn: '2024-03-10', amount: 100 }])]
  // Named: February stays open, 50 days on 31 March. Unnamed: it pays February, March is 21 days past due.
  expect(column(named, 'daysPastDue', '2024-03-31')).toEqual([0, 19, 50])
  expect(column(unnamed, 'daysPastDue', '2024-03-31')).toEqual([0, 19, 21])
})

test('a surplus prepays the next instalments', () => {
  const accounts = [account(monthly, [{ paidOn: '2024-02-01', amount: 250 }])]
  // 250 = 100 + 100 + 50: in April half of the instalment is left, past due for 20 days.
  expect(column(accounts, 'daysPastDue', '2024-04-30')).toEqual([0, 0, 0, 20])
  expect(column(accounts, 'arrears', '2024-04-30')).toEqual([0, 0, 0, 50])
  expect(column(accounts, 'daysBeforeDue', '2024-04-30')).toEqual([Number.NaN, 9, Number.NaN, Number.NaN])
})

test('a back-posted payment is invisible before the day it was recorded', () => {
  const accounts = [account(monthly.slice(0, 1), [{ paidOn: '2024-02-10', recordedOn: '2024-03-04', amount: 100 }])]
  expect(column(accounts, 'daysPastDue', '2024-03-31')).toEqual([0, 19, 0])
  expect(column(accounts, 'amountPaid', '2024-03-31')).toEqual([0, 0, 100])
})

test('a reversed payment counts until the day it was reversed', () => {
  const accounts = [account(monthly.slice(0, 1), [{ paidOn: '2024-02-10', reversedOn: '2024-03-05', amount: 100 }])]
  expect(column(accounts, 'daysPastDue', '2024-03-31')).toEqual([0, 0, 50])
  expect(column(accounts, 'reversedPayments', '2024-03-31')).toEqual([0, 0, 1])
})

test('a failed debit moves no money and is counted', () => {
  const accounts = [
    account(monthly.slice(0, 1), [{ paidOn: '2024-02-10', amount: 100, outcome: 'failed', channel: 'auto-debit' }]),
  ]
  expect(column(accounts, 'daysPastDue', '2024-02-29')).toEqual([0, 19])
  expect(column(accounts, 'failedDebits', '2024-02-29')).toEqual([0, 1])
  expect(column(accounts, 'payments', '2024-02-29')).toEqual([0, 0])
})

test('a restructuring replaces what was past due from the day it was agreed', () => {
  const accounts = [
    account(
      [
        { dueOn: '2024-02-10', amountDue: 100, cancelledOn: '2024-03-20' },
        { dueOn: '2024-03-10', amountDue: 100, cancelledOn: '2024-03-20' },
        { dueOn: '2024-05-10', amountDue: 60, issuedOn: '2024-03-20' },
      ],
      [],
    ),
  ]
  expect(column(accounts, 'daysPastDue', '2024-05-31')).toEqual([0, 19, 0, 0, 21])
  expect(column(accounts, 'worstDaysPastDue', '2024-05-31')).toEqual([0, 19, 38, 0, 21]) // 19 March − 10 February
  expect(column(accounts, 'restructured', '2024-05-31')).toEqual([0, 0, 1, 1, 1])
  expect(column(accounts, 'nextAmountDue', '2024-05-31')).toEqual([100, 100, 0, 60, 0]) // issued on 20 March, due in May
})

test('an account settled early ends with the month of its closing', () => {
  const accounts = [
    account(monthly, [{ paidOn: '2024-02-10', amount: 300 }], { closedOn: '2024-02-10', closeReason: 'settled-early' }),
  ]
  expect(column(accounts, 'state', '2024-04-30')).toEqual([0, 1])
})

test('a written-off account stays overdue until it ends', () => {
  const accounts = [account(monthly.slice(0, 1), [], { closedOn: '2024-04-15', closeReason: 'written-off' })]
  expect(column(accounts, 'daysPastDue', '2024-06-30')).toEqual([0, 19, 50, 80])
  expect(column(accounts, 'state', '2024-06-30')).toEqual([0, 0, 0, 0])
})

test('cents add up: three payments of a third leave no ghost arrears', () => {
  const paid = [33.33, 33.33, 33.34].map((amount, place) => ({ paidOn: `2024-02-0${place + 1}`, amount }))
  expect(column([account(monthly.slice(0, 1), paid)], 'arrears', '2024-02-29')).toEqual([0, 0])
})

test('the outcome uses what is known at the data cut, the snapshot does not', () => {
  const accounts = [account(monthly.slice(0, 1), [{ paidOn: '2024-02-12', recordedOn: '2024-03-20', amount: 100 }])]
  const { history, outcome } = lower(accounts, '2024-03-31')
  expect([...history.numbers.worstDaysPastDue]).toEqual([0, 19, 0]) // at the end of March it is known paid since 12 February
  expect([...outcome.worstDaysPastDue]).toEqual([0, 1, 0]) // in truth unpaid to 11 February
})

const day = fc.integer({ min: toDay('2024-01-05'), max: toDay('2024-12-20') })
const randomPayments = fc
  .array(
    fc.record({
      paidOn: day,
      lag: fc.integer({ min: 0, max: 60 }),
      reversed: fc.option(fc.integer({ min: 0, max: 60 })),
      amount: fc.integer({ min: 1, max: 30_000 }),
      outcome: fc.constantFrom<Payment['outcome']>('paid', 'paid', 'paid', 'failed'),
      named: fc.option(fc.integer({ min: 1, max: 10 })),
    }),
    { maxLength: 25 },
  )
  .map(payments => payments.map((payment, place): RandomPayment => ({ ...payment, place })))

function randomAccount(payments: readonly RandomPayment[]): LedgerAccount {
  return account(
    Array.from({ length: 10 }, (_, place) => ({
      dueOn: `2024-${String(place + 2).padStart(2, '0')}-15`,
      amountDue: 120.55,
    })),
    payments.map(payment => ({
      paymentId: `p${payment.place}`,
      paidOn: formatDay(payment.paidOn),
      recordedOn: formatDay(payment.paidOn + payment.lag),
      reversedOn: payment.reversed === null ? null : formatDay(payment.paidOn + payment.lag + payment.reversed),
      amount: payment.amount / 100,
      outcome: payment.outcome,
      instalmentId: payment.named === null ? null : `i${payment.named}`,
    })),
  )
}

interface RandomPayment {
  /** Its own number, so that leaving others out changes no order among payments of one day. */
  readonly place: number
  readonly paidOn: number
  readonly lag: number
  readonly reversed: number | null
  readonly amount: number
  readonly outcome: Payment['outcome']
  readonly named: number | null
}

test('whatever is recorded after a month’s end leaves its snapshot as it was, to the bit', () => {
  let changed = 0
  fc.assert(
    fc.property(randomPayments, fc.integer({ min: 1, max: 10 }), (payments, month) => {
      const asOf = monthEnd(toMonth('2024-01') + month)
      const all = lower([randomAccount(payments)], '2025-02-28').history
      const past = payments
        .filter(payment => payment.paidOn + payment.lag <= asOf)
        .map(payment => ({
          ...payment,
          reversed:
            payment.reversed !== null && payment.paidOn + payment.lag + payment.reversed > asOf
              ? null
              : payment.reversed,
        }))
      const then = lower([randomAccount(past)], '2025-02-28').history
      if (past.length < payments.length) changed += 1
      for (const name of numberColumnNames) {
        expect([...all.numbers[name].subarray(0, month + 1)], name).toEqual([
          ...then.numbers[name].subarray(0, month + 1),
        ])
      }
    }),
    { numRuns: 300 },
  )
  expect(changed).toBeGreaterThan(100)
})

test('the order of instalments, payments and accounts never matters', () => {
  fc.assert(
    fc.property(randomPayments, randomPayments, (first, second) => {
      const accounts = [randomAccount(first), { ...randomAccount(second), accountId: 'A0' }]
      const turned = accounts
        .map(one => ({ ...one, instalments: [...one.instalments].reverse(), payments: [...one.payments].reverse() }))
        .reverse()
      expect(lower(turned, '2025-02-28')).toEqual(lower(accounts, '2025-02-28'))
    }),
    { numRuns: 100 },
  )
})
