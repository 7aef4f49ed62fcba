/** Random histories as plain descriptions, which a law can change before they are built into a block. */

import fc from 'fast-check'
import {
  type AccountFacts,
  type HistoryBlock,
  HistoryBuilder,
  type MonthNumbers,
  type NumberColumnName,
  numberColumnNames,
} from '../../../data/index.ts'

/** An account: its facts and its months from the first on; null = a gap. */
export interface AccountDescription {
  readonly accountId: string
  readonly facts: AccountFacts
  readonly firstMonth: number
  readonly months: readonly (MonthNumbers | null)[]
}

/** A borrower and its accounts in the order in which they stand in the block. */
export interface BorrowerDescription {
  readonly borrowerId: string
  readonly accounts: readonly AccountDescription[]
}

const days = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  fc.integer({ min: 1, max: 6 }),
  fc.integer({ min: 7, max: 500 }),
)
const cents = (most: number) => fc.integer({ min: 0, max: most * 100 }).map(amount => amount / 100)
const money = fc.oneof(fc.constant(0), cents(50), cents(20_000))
const few = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 5 }))

/** What each column may hold; a column that is added must be given here, or this doesn't compile. */
const columnValues: Record<NumberColumnName, fc.Arbitrary<number>> = {
  state: fc.integer({ min: 0, max: 2 }),
  daysPastDue: days,
  worstDaysPastDue: days,
  amountDue: money,
  amountPaid: money,
  arrears: money,
  balance: fc.oneof(
    money,
    cents(300).map(amount => -amount),
  ),
  creditLimit: money,
  nextAmountDue: money,
  instalmentsLeft: fc.integer({ min: 0, max: 36 }),
  daysBeforeDue: fc.integer({ min: -400, max: 400 }).map(half => half / 2),
  payments: few,
  partialPayments: few,
  reversedPayments: few,
  failedDebits: few,
  channelSwitches: few,
  restructured: fc.integer({ min: 0, max: 1 }),
  unemployment: cents(20),
  interestRate: fc.integer({ min: -200, max: 2000 }).map(hundredths => hundredths / 100),
}

const monthNumbers: fc.Arbitrary<MonthNumbers> = fc.record(
  Object.fromEntries(
    numberColumnNames.map(name => [name, fc.option(columnValues[name], { freq: 8, nil: null })]),
  ) as Record<NumberColumnName, fc.Arbitrary<number | null>>,
)

const day = fc.integer({ min: 0, max: 12_000 })

const category = fc.option(fc.constantFrom('a', 'b', 'c'), { freq: 4, nil: null })

const facts: fc.Arbitrary<AccountFacts> = fc.record({
  income: fc.option(money, { freq: 4, nil: null }),
  dependants: fc.option(few, { freq: 4, nil: null }),
  bornOn: fc.option(day, { freq: 4, nil: null }),
  openedOn: fc.option(day, { freq: 4, nil: null }),
  employedOn: fc.option(day, { freq: 4, nil: null }),
  sex: category,
  maritalStatus: category,
  education: category,
  housing: category,
  incomeType: category,
  occupation: category,
  region: category,
  product: category,
  channel: category,
  fundingPartner: category,
})

/** Months that begin and end observed, with gaps between; often one month only. */
const months: fc.Arbitrary<(MonthNumbers | null)[]> = fc.oneof(
  { weight: 1, arbitrary: monthNumbers.map(month => [month]) },
  {
    weight: 5,
    arbitrary: fc
      .tuple(monthNumbers, fc.array(fc.option(monthNumbers, { freq: 6 }), { maxLength: 16 }), monthNumbers)
      .map(([first, between, last]) => [first, ...between, last]),
  },
)

/** A borrower with one to four accounts that open and close at different times within two years. */
export function borrowers(borrowerId: string): fc.Arbitrary<BorrowerDescription> {
  return fc
    .array(fc.record({ facts, firstMonth: fc.integer({ min: 380, max: 390 }), months }), { minLength: 1, maxLength: 4 })
    .map(accounts => ({
      borrowerId,
      accounts: accounts.map((account, place) => ({ accountId: `${borrowerId}-${place}`, ...account })),
    }))
}

/** Builds the block of some borrowers, in the order given. */
export function buildHistory(descriptions: readonly BorrowerDescription[]): HistoryBlock {
  const builder = new HistoryBuilder(64)
  for (const { borrowerId, accounts } of descriptions) {
    builder.borrower(borrowerId)
    for (const account of accounts) {
      builder.account(account.accountId, account.facts)
      account.months.forEach((numbers, index) => {
        if (numbers !== null) builder.add(account.firstMonth + index, numbers)
      })
    }
  }
  return builder.build().history
}

/** Row of an account's month. */
export function rowOf(history: HistoryBlock, accountId: string, month: number): number {
  const start = history.accountStart[history.accountIds.indexOf(accountId)] as number
  return start + month - (history.month[start] as number)
}

/** All rows of a block. */
export function allRows(history: HistoryBlock): Int32Array {
  return Int32Array.from(history.month.keys())
}

/** How many random histories a property is tried on; raise it with `HARBINGER_HISTORIES=10000`. */
export function histories(usual: number): number {
  return Number(process.env.HARBINGER_HISTORIES ?? usual)
}
