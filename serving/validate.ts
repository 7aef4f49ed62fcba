/** From an unknown body to a request that can be scored: shape by zod, then what only the whole can tell. */

import type { z } from 'zod'
import { type Instalment, lastEndedMonth, monthEnd, monthOf, type Payment, toDay, toMonth } from '../data/index.ts'
import { isAsIs } from './as-is.ts'
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
  const request = isAsIs(schema, body) ? body : parse(schema, body)
  const errors = contradictions(request)
  if (errors.length > 0) throw invalid(errors)
  return request
}

function parse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body)
  if (!parsed.success) throw invalid(parsed.error.issues.flatMap(describeIssue))
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
  const { asOf } = request
  const add = (detail: string, ...path: PropertyKey[]): void => {
    errors.push({ pointer: jsonPointer(path), detail })
  }
  const late = `expected a date up to asOf (${asOf})`
  for (const field of ['bornOn', 'employedOn'] as const) {
    if (isAfter(request.borrower?.[field], asOf)) add(late, 'borrower', field)
  }
  repeated(request.accounts, ({ accountId }) => accountId).forEach(place => {
    add('expected each accountId once', 'accounts', place, 'accountId')
  })
  const grains = new Set(request.accounts.map(account => (account.months === undefined ? 'ledger' : 'account-months')))
  if (grains.size > 1) add('expected all accounts in one grain: either instalments and payments, or months', 'accounts')
  request.accounts.forEach((account, place) => {
    checkAccount(account, asOf, late, (detail, ...path) => add(detail, 'accounts', place, ...path))
  })
  repeated(request.economy ?? [], ({ month }) => month).forEach(place => {
    add('expected each month once', 'economy', place, 'month')
  })
  return errors
}

function checkAccount(
  account: AccountHistory,
  asOf: string,
  late: string,
  add: (detail: string, ...path: PropertyKey[]) => void,
): void {
  for (const field of ['openedOn', 'closedOn'] as const) if (isAfter(account[field], asOf)) add(late, field)
  if (account.months !== undefined && (account.instalments !== undefined || account.payments !== undefined)) {
    add('expected either months, or instalments and payments')
  }
  const { instalments = [], payments = [], months = [] } = account
  repeated(instalments, ({ instalmentId }) => instalmentId).forEach(place => {
    add('expected each instalmentId once', 'instalments', place, 'instalmentId')
  })
  repeated(payments, ({ paymentId }) => paymentId).forEach(place => {
    add('expected each paymentId once', 'payments', place, 'paymentId')
  })
  let first = account.openedOn ?? '9999-12-31'
  for (let place = 0; place < instalments.length; place += 1) {
    const { dueOn, issuedOn, cancelledOn } = instalments[place] as Instalment
    if (dueOn < first) first = dueOn
    if (isAfter(cancelledOn, asOf)) add(late, 'instalments', place, 'cancelledOn')
    if (isAfter(issuedOn, asOf)) add(late, 'instalments', place, 'issuedOn')
  }
  let instalmentIds: Set<string> | undefined // most payments name none
  for (let place = 0; place < payments.length; place += 1) {
    const { paidOn, recordedOn, reversedOn, instalmentId } = payments[place] as Payment
    if (paidOn < first) first = paidOn
    if (isAfter(paidOn, asOf)) add(late, 'payments', place, 'paidOn')
    if (isAfter(recordedOn, asOf)) add(late, 'payments', place, 'recordedOn')
    if (isAfter(reversedOn, asOf)) add(late, 'payments', place, 'reversedOn')
    if (typeof instalmentId !== 'string') continue
    instalmentIds ??= new Set(instalments.map(one => one.instalmentId))
    if (!instalmentIds.has(instalmentId)) {
      add('expected the instalmentId of an instalment of this account', 'payments', place, 'instalmentId')
    }
  }
  repeated(months, ({ month }) => month).forEach(place => {
    add('expected each month once', 'months', place, 'month')
  })
  let firstMonth = monthOf(toDay(first))
  for (const [place, { month: text }] of months.entries()) {
    const month = toMonth(text)
    firstMonth = Math.min(firstMonth, month)
    if (monthEnd(month) > toDay(asOf)) add('expected a month that had ended by asOf', 'months', place, 'month')
  }
  if (lastEndedMonth(toDay(asOf)) - firstMonth > monthsAtMost)
    add(`expected a history of at most ${monthsAtMost} months before asOf`)
}

/** Places of items whose key has come before. */
function repeated<Item>(items: readonly Item[], key: (item: Item) => string): number[] {
  const places: number[] = []
  if (isAscending(items, key)) return places
  const seen = new Set<string>()
  for (let place = 0; place < items.length; place += 1) {
    const { size } = seen
    if (seen.add(key(items[place] as Item)).size === size) places.push(place)
  }
  return places
}

/** Are keys in the order of their lengths and then of their texts, as numbered ones are? Then none comes twice. */
function isAscending<Item>(items: readonly Item[], key: (item: Item) => string): boolean {
  let before = ''
  for (let place = 0; place < items.length; place += 1) {
    const now = key(items[place] as Item)
    if (now.length < before.length || (now.length === before.length && now <= before)) return false
    before = now
  }
  return true
}

/** Dates that exist are in the order of their texts. */
function isAfter(text: string | null | undefined, day: string): boolean {
  return text !== null && text !== undefined && text > day
}
