/** From an unknown body to a request that can be scored: shape by zod, then what only the whole can tell. */

import type { z } from 'zod'
import { type Day, lastEndedMonth, monthEnd, monthOf, toDay, toMonth } from '../data/index.ts'
import { type FieldError, jsonPointer, ProblemError } from './problems.ts'
import { type AccountHistory, type ScoreRequest, scoreRequestSchema } from './requests.ts'

/** Errors listed at most. */
const errorsAtMost = 50

/** Longest history of an account, in months: a bound on the work of a request. */
const monthsAtMost = 600

/**
 * Checks a body.
 *
 * @throws ProblemError `invalid-request`, with a pointer to each part that is wrong.
 */
export function parseScoreRequest(body: unknown): ScoreRequest {
  return parseBody(scoreRequestSchema, body, findContradictions)
}

/**
 * Checks a body of any kind: its shape, then what its parts say together.
 *
 * @param contradictions - What only the whole can tell.
 * @throws ProblemError `invalid-request`, with a pointer to each part that is wrong.
 */
export function parseBody<Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
  contradictions: (request: z.output<Schema>) => readonly FieldError[],
): z.output<Schema> {
  const parsed = schema.safeParse(body)
  if (!parsed.success) throw invalid(parsed.error.issues.flatMap(describeIssue))
  const errors = contradictions(parsed.data)
  if (errors.length > 0) throw invalid(errors)
  return parsed.data
}

function invalid(errors: readonly FieldError[]): ProblemError {
  const more = errors.length > errorsAtMost ? `, of which the first ${errorsAtMost} are listed` : ''
  return new ProblemError(
    'invalid-request',
    `${errors.length} part${errors.length === 1 ? ' of the body is' : 's of the body are'} not as expected${more}.`,
    errors.slice(0, errorsAtMost),
  )
}

/** What zod found, as one error per part of the body. */
export function describeIssues(error: z.ZodError): FieldError[] {
  return error.issues.flatMap(describeIssue).slice(0, errorsAtMost)
}

/** zod says which keys are unknown in one issue of their parent; a client wants a pointer to each. */
function describeIssue(issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(key => ({ pointer: jsonPointer([...issue.path, key]), detail: 'unknown field' }))
  }
  return [
    { pointer: jsonPointer(issue.path), detail: `expected ${issue.message.replace(/^Invalid input: expected /, '')}` },
  ]
}

/** What each part of a request can't tell alone: dates after the as-of date, duplicates, references to nothing. */
export function findContradictions(
  request: Pick<ScoreRequest, 'asOf' | 'accounts'> & Partial<Pick<ScoreRequest, 'borrower' | 'economy'>>,
): FieldError[] {
  const errors: FieldError[] = []
  const asOf = toDay(request.asOf)
  const add = (detail: string, ...path: PropertyKey[]): void => {
    errors.push({ pointer: jsonPointer(path), detail })
  }
  const past = (text: string | null | undefined, ...path: PropertyKey[]): void => {
    if (text !== null && text !== undefined && toDay(text) > asOf)
      add(`expected a date up to asOf (${request.asOf})`, ...path)
  }
  past(request.borrower?.bornOn, 'borrower', 'bornOn')
  past(request.borrower?.employedOn, 'borrower', 'employedOn')
  duplicates(request.accounts, ({ accountId }) => accountId).forEach(place => {
    add('expected each accountId once', 'accounts', place, 'accountId')
  })
  const grains = new Set(request.accounts.map(account => (account.months === undefined ? 'ledger' : 'account-months')))
  if (grains.size > 1) add('expected all accounts in one grain: either instalments and payments, or months', 'accounts')
  request.accounts.forEach((account, place) => {
    checkAccount(account, asOf, past, (detail, ...path) => add(detail, 'accounts', place, ...path), place)
  })
  duplicates(request.economy ?? [], ({ month }) => month).forEach(place => {
    add('expected each month once', 'economy', place, 'month')
  })
  return errors
}

function checkAccount(
  account: AccountHistory,
  asOf: Day,
  past: (text: string | null | undefined, ...path: PropertyKey[]) => void,
  add: (detail: string, ...path: PropertyKey[]) => void,
  accountPlace: number,
): void {
  past(account.openedOn, 'accounts', accountPlace, 'openedOn')
  past(account.closedOn, 'accounts', accountPlace, 'closedOn')
  if (account.months !== undefined && (account.instalments !== undefined || account.payments !== undefined)) {
    add('expected either months, or instalments and payments')
  }
  const instalments = account.instalments ?? []
  const payments = account.payments ?? []
  duplicates(instalments, ({ instalmentId }) => instalmentId).forEach(place => {
    add('expected each instalmentId once', 'instalments', place, 'instalmentId')
  })
  duplicates(payments, ({ paymentId }) => paymentId).forEach(place => {
    add('expected each paymentId once', 'payments', place, 'paymentId')
  })
  const known = new Set(instalments.map(({ instalmentId }) => instalmentId))
  instalments.forEach((instalment, place) => {
    past(instalment.cancelledOn, 'accounts', accountPlace, 'instalments', place, 'cancelledOn')
    past(instalment.issuedOn, 'accounts', accountPlace, 'instalments', place, 'issuedOn')
  })
  payments.forEach((payment, place) => {
    past(payment.paidOn, 'accounts', accountPlace, 'payments', place, 'paidOn')
    past(payment.recordedOn, 'accounts', accountPlace, 'payments', place, 'recordedOn')
    past(payment.reversedOn, 'accounts', accountPlace, 'payments', place, 'reversedOn')
    const named = payment.instalmentId
    if (named !== null && named !== undefined && !known.has(named)) {
      add('expected the instalmentId of an instalment of this account', 'payments', place, 'instalmentId')
    }
  })
  const months = account.months ?? []
  duplicates(months, ({ month }) => month).forEach(place => {
    add('expected each month once', 'months', place, 'month')
  })
  months.forEach(({ month }, place) => {
    if (monthEnd(toMonth(month)) > asOf) add('expected a month that had ended by asOf', 'months', place, 'month')
  })
  const firstDays = [
    ...(account.openedOn === null || account.openedOn === undefined ? [] : [account.openedOn]),
    ...instalments.map(({ dueOn }) => dueOn),
    ...payments.map(({ paidOn }) => paidOn),
    ...months.map(({ month }) => `${month}-01`),
  ]
  const first = Math.min(...firstDays.map(text => monthOf(toDay(text))))
  if (lastEndedMonth(asOf) - first > monthsAtMost)
    add(`expected a history of at most ${monthsAtMost} months before asOf`)
}

/** Places of items whose key has come before. */
function duplicates<Item>(items: readonly Item[], key: (item: Item) => string): number[] {
  const seen = new Set<string>()
  return items.flatMap((item, place) => {
    const before = seen.has(key(item))
    seen.add(key(item))
    return before ? [place] : []
  })
}
