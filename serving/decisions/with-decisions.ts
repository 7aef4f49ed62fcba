/** Scores become decisions: the policy is applied to what the scorer answers, whoever computes it. */

import { type Day, toDay } from '../../data/index.ts'
import {
  type AccountState,
  type CompiledPolicy,
  type DecisionFacts,
  decide,
  promiseStatuses,
  type RulePack,
  responseSoFar,
  type StopName,
} from '../../models/index.ts'
import type { AccountHistory, AccountScore, ScoreRequest, ScoreResponse } from '../requests.ts'
import type { IdentifiedRequest } from '../score.ts'
import type { Scorer } from '../scorer.ts'
import { standingOf } from './account-facts.ts'
import { adviseOn } from './advice.ts'
import { type CaseBook, nothingRemembered, type Remembered } from './case-book.ts'
import { type AccountDecision, type Decided, identityOf } from './decision-messages.ts'

/** What decisions are made with. */
export interface Deciding {
  readonly policy: () => CompiledPolicy
  readonly packs: readonly RulePack[]
  /** Their content hash. */
  readonly packsHash: string
  readonly book: CaseBook
  /** Milliseconds since 1970-01-01T00:00Z. */
  readonly now: () => number
}

/** A scorer whose answers hold decisions. */
export function withDecisions(scorer: Scorer, deciding: Deciding): Scorer {
  return {
    ...scorer,
    score: async requests => {
      const policy = deciding.policy()
      const now = deciding.now()
      const [answers, remembered, cutoff] = await Promise.all([
        scorer.score(requests),
        recall(deciding.book, requests),
        policy.file.warning.budget === null ? null : deciding.book.budgetCutoff(),
      ])
      return Promise.all(
        answers.map((answer, place) => {
          const asked = requests[place] as IdentifiedRequest
          const decided = decidedBy(asked.request, deciding.packsHash, remembered[place] as Remembered, now, cutoff)
          return decideAll(scorer, deciding.packs, policy, asked, answer, decided)
        }),
      )
    },
  }
}

/** Asks the memory only for what the requests don't say themselves. */
async function recall(book: CaseBook, requests: readonly IdentifiedRequest[]): Promise<Remembered[]> {
  const silent = requests.filter(({ request: { circumstances } }) => {
    return !(circumstances?.contacts && circumstances.promises && circumstances.previous)
  })
  const found = await book.recall(
    silent.map(({ request: { borrower, accounts, asOf } }) => ({
      borrowerId: borrower.borrowerId,
      accountIds: accounts.map(({ accountId }) => accountId),
      asOf,
    })),
  )
  const byRequest = new Map(silent.map((request, place) => [request, found[place]]))
  return requests.map(request => byRequest.get(request) ?? nothingRemembered)
}

function decidedBy(
  { circumstances }: ScoreRequest,
  rulePacks: string,
  remembered: Remembered,
  now: number,
  budgetCutoff: number | null,
): Decided {
  return {
    at: new Date(circumstances?.at ?? now).toISOString(),
    rulePacks,
    remembered: {
      contacts: circumstances?.contacts === undefined ? remembered.contacts : null,
      promises: circumstances?.promises === undefined ? remembered.promises : null,
      previous: circumstances?.previous === undefined ? remembered.previous : null,
      complete: remembered.complete,
      budgetCutoff,
    },
  }
}

/**
 * Adds decisions to an answer. The same request, answer of the model, policy and `decided` give the same bytes.
 *
 * @param scorer - Scores what-ifs for advice.
 */
export async function decideAll(
  scorer: Scorer,
  packs: readonly RulePack[],
  policy: CompiledPolicy,
  { request, ledgerOf }: IdentifiedRequest,
  answer: ScoreResponse,
  decided: Decided,
): Promise<ScoreResponse> {
  const borrower = borrowerFacts(policy, request, decided)
  const context = {
    asOf: borrower.day,
    packs,
    outages: (request.circumstances?.outages ?? []).map(outage => ({ ...outage, day: toDay(outage.day) })),
    currency: policy.file.currency,
    ...(ledgerOf === undefined ? {} : { ledgerOf }),
  }
  const accounts: AccountScore[] = []
  for (const [place, score] of answer.accounts.entries()) {
    const account = request.accounts[place] as AccountHistory
    const standing = standingOf(account, context)
    const { daysPastDue, classes, technical, partialPayments } = standing
    const { promises, own } = borrower.account(account.accountId)
    const facts: DecisionFacts = {
      borrowerId: request.borrower.borrowerId,
      accountId: account.accountId,
      day: borrower.day,
      pd: score.pd?.map(({ probability }) => probability) ?? null,
      daysPastDue,
      classes,
      technical,
      partialPayments,
      ...own,
      reasonFamily: score.reasons[0]?.family ?? null,
      product: account.product ?? null,
      budgetCutoff: decided.remembered.budgetCutoff,
      contact: borrower.contact,
    }
    const { decision, state } = decide(policy, facts)
    const advice =
      request.circumstances?.advice === true ? await adviseOn(scorer, policy, request, account, score, standing) : null
    const told: AccountDecision = {
      grade: decision.grade,
      points: decision.points,
      warningLevel: decision.warningLevel,
      horizonMonths: decision.horizonMonths,
      cause: decision.cause,
      daysPastDue,
      classes,
      treatment: decision.treatment,
      stops: facts.stops,
      permit: decision.permit,
      contact: {
        jurisdiction: facts.contact.jurisdiction,
        timeZone: facts.contact.timeZone,
        consents: facts.contact.consents,
        refusals: facts.contact.refusals,
      },
      credit: decision.credit,
      exposure: standing.exposure,
      promises,
      ...(advice === null ? {} : { advice }),
      state,
    }
    accounts.push({ ...score, decision: told })
  }
  return { ...answer, accounts, policy: identityOf(policy), decided }
}

/** What holds for all accounts of a borrower, and how to find what holds for one. */
function borrowerFacts({ file }: CompiledPolicy, request: ScoreRequest, decided: Decided) {
  const said = request.circumstances
  const { remembered } = decided
  const day = toDay(request.asOf)
  const known = said?.contacts ?? remembered.contacts ?? []
  const attempts = known.map(one => ({ ...one, at: Date.parse(one.at) }))
  const promises = (said?.promises ?? remembered.promises ?? []).map(one => ({
    ...one,
    madeOn: toDay(one.madeOn),
    dueOn: toDay(one.dueOn),
  }))
  const money = promises.length === 0 ? [] : request.accounts.flatMap(account => moneyOf(account, day))
  const statuses = promiseStatuses(promises, money, day, file.promises.graceDays)
  const previous = new Map(
    (said?.previous ?? remembered.previous ?? []).map(one => [one.accountId, one.state as AccountState]),
  )
  const stops = said?.stops ?? []
  return {
    day,
    contact: {
      at: Date.parse(decided.at),
      jurisdiction: said?.jurisdiction ?? null,
      timeZone: said?.timeZone ?? null,
      consents: said?.consents ?? [],
      refusals: said?.refusals ?? [],
      attempts: said?.contacts === undefined && !remembered.complete ? null : attempts,
    },
    account: (accountId: string) => {
      const own = promises.flatMap((promise, place) => (promise.accountId === accountId ? [place] : []))
      const ownStatuses = own.map(place => statuses[place] as 'open' | 'kept' | 'broken')
      const count = (status: string): number => ownStatuses.filter(one => one === status).length
      return {
        promises: { open: count('open'), kept: count('kept'), broken: count('broken') },
        own: {
          stops: stops.flatMap(({ stop, accountId: of }): StopName[] =>
            of === undefined || of === accountId ? [stop] : [],
          ),
          previous: previous.get(accountId) ?? null,
          brokenPromises: count('broken'),
          response: responseSoFar(
            attempts.filter(attempt => attempt.accountId === accountId),
            own.map(place => promises[place] as (typeof promises)[number]),
            ownStatuses,
          ),
        },
      }
    },
  }
}

/** Money that came to an account by a day, as known then. */
function moneyOf(
  { accountId, payments }: AccountHistory,
  day: Day,
): { accountId: string; paidOn: Day; amount: number }[] {
  return (payments ?? []).flatMap(payment => {
    const reversed = typeof payment.reversedOn === 'string' && toDay(payment.reversedOn) <= day
    if (payment.outcome === 'failed' || reversed) return []
    return [{ accountId, paidOn: toDay(payment.paidOn), amount: payment.amount }]
  })
}
