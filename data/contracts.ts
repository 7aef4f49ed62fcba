/** The rows that come from outside, as zod schemas: ledger and account-months. Types are inferred from them. */

import { z } from 'zod'
import { parseDay, parseMonth } from './calendar.ts'
import { accountStateNames } from './columns.ts'

/** A date that exists, `YYYY-MM-DD`. */
export const dateText = z
  .string()
  .refine(text => parseDay(text) !== undefined, 'a date that exists, as YYYY-MM-DD')
  .meta({ format: 'date' })

/** A month, `YYYY-MM`. */
export const monthText = z
  .string()
  .refine(text => parseMonth(text) !== undefined, 'a month, as YYYY-MM')
  .meta({ pattern: '^\\d{4}-(0[1-9]|1[0-2])$' })

const identifier = z.string().min(1).max(200)

/** Name of a borrower or an account: text that every database takes. */
export const identifierText = identifier.refine(
  text => !/[\p{Cc}\p{Cs}]/u.test(text),
  'text without control characters or halves of surrogate pairs',
)
const money = z.number().min(0).max(1e15)
const count = z.int().min(0).max(1e6)
const category = z.string().min(1).max(200).nullable().optional()

/** Channels through which a payment can come. */
const paymentChannels = ['auto-debit', 'transfer', 'card', 'wallet', 'cash', 'other'] as const

/** Who borrows. */
export const borrowerSchema = z
  .strictObject({
    borrowerId: identifierText,
    bornOn: dateText.nullable().optional(),
    income: money.nullable().optional(),
    dependants: count.nullable().optional(),
    employedOn: dateText.nullable().optional(),
    sex: category,
    maritalStatus: category,
    education: category,
    housing: category,
    incomeType: category,
    occupation: category,
    region: category,
  })
  .meta({ id: 'Borrower' })

/** One loan or credit line. */
export const accountSchema = z
  .strictObject({
    accountId: identifierText,
    openedOn: dateText.nullable().optional(),
    /** Date from which the account is over: paid off, settled early or written off. */
    closedOn: dateText.nullable().optional(),
    closeReason: z.enum(['paid-off', 'settled-early', 'written-off']).nullable().optional(),
    /** Limit of a line, amount financed of a loan. */
    creditLimit: money.nullable().optional(),
    product: category,
    channel: category,
    fundingPartner: category,
  })
  .meta({ id: 'Account' })

/** What is due on a date. */
export const instalmentSchema = z
  .strictObject({
    instalmentId: identifier,
    dueOn: dateText,
    amountDue: money,
    /** Date from which the instalment was agreed; left out, the account's opening. */
    issuedOn: dateText.nullable().optional(),
    /** Date from which it no longer stands, because a restructuring replaced it. */
    cancelledOn: dateText.nullable().optional(),
    /** Amount owed on the account after its statement, for lines; left out, the sum of unpaid instalments. */
    balance: z.number().min(-1e15).max(1e15).nullable().optional(),
  })
  .meta({ id: 'Instalment' })

/** What was paid on a date, or a debit that failed. */
export const paymentSchema = z
  .strictObject({
    paymentId: identifier,
    paidOn: dateText,
    /** Date on which the lender knew of it; left out, `paidOn`. */
    recordedOn: dateText.nullable().optional(),
    /** Date on which it was known to be reversed. */
    reversedOn: dateText.nullable().optional(),
    amount: money,
    /** The instalment it names; left out, the oldest unpaid one. */
    instalmentId: identifier.nullable().optional(),
    channel: z.enum(paymentChannels).nullable().optional(),
    /** Bank whose account it was drawn on: failures that cluster by bank and hour are the bank's, not the borrower's. */
    bank: category,
    /** Hour of the day of the attempt, local time. */
    attemptedHour: z.int().min(0).max(23).nullable().optional(),
    /** A failed automatic debit moves no money. */
    outcome: z.enum(['paid', 'failed']).default('paid'),
  })
  .meta({ id: 'Payment' })

/** One account at one month's end, as known then. */
export const accountMonthSchema = z
  .strictObject({
    month: monthText,
    state: z.enum(accountStateNames).nullable().optional(),
    daysPastDue: z.number().min(0).max(20_000).nullable().optional(),
    worstDaysPastDue: z.number().min(0).max(20_000).nullable().optional(),
    amountDue: money.nullable().optional(),
    amountPaid: money.nullable().optional(),
    arrears: money.nullable().optional(),
    balance: z.number().min(-1e15).max(1e15).nullable().optional(),
    creditLimit: money.nullable().optional(),
    nextAmountDue: money.nullable().optional(),
    instalmentsLeft: count.nullable().optional(),
    daysBeforeDue: z.number().min(-20_000).max(20_000).nullable().optional(),
    payments: count.nullable().optional(),
    partialPayments: count.nullable().optional(),
    reversedPayments: count.nullable().optional(),
    failedDebits: count.nullable().optional(),
    channelSwitches: count.nullable().optional(),
    restructured: z
      .union([z.literal(0), z.literal(1)])
      .nullable()
      .optional(),
  })
  .meta({ id: 'AccountMonth' })

/** One month's figures of the economy. */
export const economyMonthSchema = z
  .strictObject({
    month: monthText,
    /** Date on which the figures became public; left out, the end of the following month. */
    publishedOn: dateText.nullable().optional(),
    unemployment: z.number().min(0).max(100).nullable().optional(),
    interestRate: z.number().min(-50).max(1000).nullable().optional(),
  })
  .meta({ id: 'EconomyMonth' })

/** An attempt to reach a borrower about an account. */
export const contactSchema = z
  .strictObject({
    contactId: identifier,
    contactedOn: dateText,
    channel: category,
    /** 1 if the borrower was reached. */
    reached: z
      .union([z.literal(0), z.literal(1)])
      .nullable()
      .optional(),
  })
  .meta({ id: 'Contact' })

/** Who borrows. */
export type Borrower = z.infer<typeof borrowerSchema>
/** One loan or credit line. */
export type Account = z.infer<typeof accountSchema>
/** What is due on a date. */
export type Instalment = z.infer<typeof instalmentSchema>
/** What was paid on a date, or a debit that failed. */
export type Payment = z.infer<typeof paymentSchema>
/** An attempt to reach a borrower about an account. */
export type Contact = z.infer<typeof contactSchema>
/** One account at one month’s end. */
export type AccountMonth = z.infer<typeof accountMonthSchema>
/** One month’s figures of the economy. */
export type EconomyMonth = z.infer<typeof economyMonthSchema>

/** One account with its ledger. */
export interface LedgerAccount extends Account {
  readonly instalments: readonly Instalment[]
  readonly payments: readonly Payment[]
}
