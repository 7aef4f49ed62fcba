/** The columns of an account-month: the whole vocabulary that features may read, written once. */

/** What a number column means. */
export interface NumberColumn {
  readonly says: string
  readonly unit: 'days' | 'money' | 'count' | 'percent' | 'flag' | 'state'
  /** Least value allowed; a smaller one is bad input. */
  readonly least?: number
}

/** What an account does at a month's end. The code is what the `state` column holds. */
export const accountStates = {
  /** A balance is owed. */
  open: 0,
  /** Paid in full in this month. */
  settled: 1,
  /** Nothing owed and nothing drawn. */
  dormant: 2,
} as const

/** Name of an account's state. */
export type AccountState = keyof typeof accountStates

/** All state names, in the order of their codes. */
export const accountStateNames = Object.keys(accountStates) as readonly AccountState[]

/**
 * Number columns of an account-month, each as it was known at the month's end. Missing is NaN in memory, null on the
 * wire and an empty cell in a file; it never means 0.
 */
export const numberColumns = {
  state: { says: 'Open, settled or dormant at the month’s end', unit: 'state' },
  daysPastDue: { says: 'Days past due at the month’s end', unit: 'days', least: 0 },
  worstDaysPastDue: { says: 'Most days past due on any day of the month', unit: 'days', least: 0 },
  amountDue: { says: 'Amount that fell due in the month', unit: 'money', least: 0 },
  amountPaid: { says: 'Amount paid in the month', unit: 'money', least: 0 },
  arrears: { says: 'Amount due and unpaid at the month’s end', unit: 'money', least: 0 },
  balance: { says: 'Amount owed at the month’s end; negative when overpaid', unit: 'money' },
  creditLimit: { says: 'Limit of a line, amount financed of a loan', unit: 'money', least: 0 },
  nextAmountDue: { says: 'Amount that falls due in the next month, as agreed by now', unit: 'money', least: 0 },
  instalmentsLeft: { says: 'Instalments agreed and not yet due', unit: 'count', least: 0 },
  daysBeforeDue: { says: 'Mean days by which the month’s payments came before their due date', unit: 'days' },
  payments: { says: 'Payments received in the month', unit: 'count', least: 0 },
  partialPayments: { says: 'Payments that left their instalment partly unpaid', unit: 'count', least: 0 },
  reversedPayments: { says: 'Payments reversed in the month', unit: 'count', least: 0 },
  failedDebits: { says: 'Failed automatic debits in the month', unit: 'count', least: 0 },
  channelSwitches: { says: 'Payments made through another channel than the one before', unit: 'count', least: 0 },
  restructured: { says: '1 once the account has been restructured', unit: 'flag', least: 0 },
  unemployment: { says: 'Unemployment rate, latest figure published by the month’s end', unit: 'percent', least: 0 },
  interestRate: { says: 'Policy interest rate, latest figure published by the month’s end', unit: 'percent' },
} as const satisfies Record<string, NumberColumn>

/** Name of a number column of an account-month. */
export type NumberColumnName = keyof typeof numberColumns

/** All number columns, in a fixed order. */
export const numberColumnNames = Object.keys(numberColumns) as readonly NumberColumnName[]

/** Columns that come from the economy table and not from the account. */
export const economyColumnNames = ['unemployment', 'interestRate'] as const satisfies readonly NumberColumnName[]

/** Name of a column that comes from the economy table. */
export type EconomyColumnName = (typeof economyColumnNames)[number]

/** Facts that are numbers, fixed for an account. */
export const numberFacts = {
  income: { says: 'Yearly income, as declared at application', unit: 'money' },
  dependants: { says: 'Children or other dependants', unit: 'count' },
} as const

/** Facts that are dates, fixed for an account; held as day numbers. */
export const dateFacts = {
  bornOn: { says: 'Date of birth' },
  openedOn: { says: 'Date on which the account was opened' },
  employedOn: { says: 'Date on which the present employment began' },
} as const

/** Facts that are categories, fixed for an account. */
export const categoryFacts = {
  sex: { says: 'Sex', ofBorrower: true },
  maritalStatus: { says: 'Marital status', ofBorrower: true },
  education: { says: 'Education', ofBorrower: true },
  housing: { says: 'Housing', ofBorrower: true },
  incomeType: { says: 'Kind of income', ofBorrower: true },
  occupation: { says: 'Occupation', ofBorrower: true },
  region: { says: 'Region', ofBorrower: true },
  product: { says: 'Product', ofBorrower: false },
  channel: { says: 'Channel through which the account was opened', ofBorrower: false },
  fundingPartner: { says: 'Lender that funds the account', ofBorrower: false },
} as const

/** Name of a fact that is a number. */
export type NumberFactName = keyof typeof numberFacts
/** Name of a fact that is a date. */
export type DateFactName = keyof typeof dateFacts
/** Name of a fact that is a category. */
export type CategoryFactName = keyof typeof categoryFacts

/** All number facts, in a fixed order. */
export const numberFactNames = Object.keys(numberFacts) as readonly NumberFactName[]
/** All date facts, in a fixed order. */
export const dateFactNames = Object.keys(dateFacts) as readonly DateFactName[]
/** All category facts, in a fixed order. */
export const categoryFactNames = Object.keys(categoryFacts) as readonly CategoryFactName[]
