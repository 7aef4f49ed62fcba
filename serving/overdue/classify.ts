/** Answers where accounts stand by every legal clock. */

import { type Day, toDay } from '../../data/index.ts'
import {
  type ClassifyContext,
  classifyAccount,
  classifyMonths,
  type OverdueStatus,
  type RulePack,
} from '../../models/index.ts'
import { type FieldError, jsonPointer } from '../problems.ts'
import { findContradictions, parseBody } from '../validate.ts'
import { type ClassifyRequest, type ClassifyResponse, classifyRequestSchema } from './classify-messages.ts'

type AccountToClassify = ClassifyRequest['accounts'][number]

/**
 * Checks a body.
 *
 * @throws ProblemError `invalid-request`, with a pointer to each part that is wrong.
 */
export function parseClassifyRequest(body: unknown): ClassifyRequest {
  return parseBody(classifyRequestSchema, body, request => {
    const { asOf, knownOn = asOf } = request
    const errors: FieldError[] = findContradictions({ ...request, asOf: knownOn })
    const add = (detail: string, ...path: PropertyKey[]): void => {
      errors.push({ pointer: jsonPointer(path), detail })
    }
    if (knownOn < asOf) add(`expected a day no earlier than asOf (${asOf})`, 'knownOn')
    request.accounts.forEach(({ months, pauses }, place) => {
      if (months !== undefined && pauses !== undefined) {
        add('expected no pauses beside months: they don’t show in account-months', 'accounts', place, 'pauses')
      }
      pauses?.forEach(({ from, to }, index) => {
        if ((to ?? from) < from) add('expected a day no earlier than from', 'accounts', place, 'pauses', index, 'to')
      })
    })
    request.outages?.forEach(({ fromHour, toHour }, place) => {
      if ((fromHour === undefined) !== (toHour === undefined)) {
        add('expected both hours, or neither', 'outages', place)
      } else if ((toHour ?? 0) < (fromHour ?? 0))
        add('expected an hour no earlier than fromHour', 'outages', place, 'toHour')
    })
    return errors
  })
}

/** Classifies the accounts of a request by the packs in force. */
export function classifyAll(request: ClassifyRequest, packs: readonly RulePack[]): ClassifyResponse {
  const outages = (request.outages ?? []).map(({ bank, channel, day, fromHour, toHour }) => ({
    bank: bank ?? null,
    channel: channel ?? null,
    day: toDay(day),
    hours: fromHour === undefined || toHour === undefined ? null : ([fromHour, toHour] as const),
  }))
  return {
    accounts: request.accounts.map(account => {
      const status = classifyOne(account, {
        asOf: toDay(request.asOf),
        knownOn: toDay(request.knownOn ?? request.asOf),
        currency: request.currency ?? 'none',
        packs,
        outages,
        ...factsOf(account),
      })
      return { accountId: account.accountId, status: status === null ? null : answerOf(status, request.periods) }
    }),
  }
}

function classifyOne(account: AccountToClassify, context: ClassifyContext): OverdueStatus | null {
  if (account.months !== undefined) return classifyMonths({ ...account, months: account.months }, context)
  const { instalments = [], payments = [] } = account
  if (instalments.length === 0) return null
  return classifyAccount({ ...account, instalments, payments }, context)
}

function factsOf({ kind, pauses, restructurings, contactedOn }: AccountToClassify): Partial<ClassifyContext> {
  const day = (text: string | null | undefined, otherwise: Day): Day =>
    text === null || text === undefined ? otherwise : toDay(text)
  return {
    ...(kind === undefined ? {} : { product: kind }),
    ...(pauses === undefined
      ? {}
      : {
          pauses: pauses.map(({ from, to, recordedOn }) => ({
            from: toDay(from),
            to: day(to, Number.POSITIVE_INFINITY),
            recordedOn: day(recordedOn, toDay(from)),
          })),
        }),
    ...(restructurings === undefined
      ? {}
      : { restructurings: restructurings.map(({ on, npvLoss }) => ({ on: toDay(on), npvLoss: npvLoss ?? null })) }),
    ...(contactedOn === undefined ? {} : { contacts: contactedOn.map(text => toDay(text)) }),
  }
}

function answerOf(
  { product, smallButFrequent, clocks, ...status }: OverdueStatus,
  periods: boolean,
): NonNullable<ClassifyResponse['accounts'][number]['status']> {
  const { medianCents, ...small } = smallButFrequent
  return {
    ...status,
    kind: product,
    clocks: clocks.map(({ periods: all, ...clock }) => ({ ...clock, ...(periods ? { periods: [...all] } : {}) })),
    smallButFrequent: { ...small, medianAmount: medianCents === null ? null : medianCents / 100 },
  }
}
