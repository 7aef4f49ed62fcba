/** The one scoring path: requests in, scores out; every protocol is an adapter of it. */

import {
  addLedgerBorrower,
  addMonthlyBorrower,
  economyAsOf,
  formatMonth,
  type HistoryBlock,
  HistoryBuilder,
  lastEndedMonth,
  type Month,
  toDay,
} from '../data/index.ts'
import { type Model, populationStatus } from '../models/index.ts'
import { type LedgerOf, withLedger } from './ledgers.ts'
import type { AccountHistory, AccountScore, ScoreRequest, ScoreResponse } from './requests.ts'

/** One request and the id under which it is answered. */
export interface IdentifiedRequest {
  readonly requestId: string
  /** Under which the answer is logged; a UUID of its own, since a client may use a request id twice. */
  readonly decisionId: string
  readonly request: ScoreRequest
  /** Dates its ledgers, each once for all who read it; left out: anew for each. */
  readonly ledgerOf?: LedgerOf
}

/** The columns of the batch before, filled again: making them anew takes longer, and batches are bounded. */
const spent = new HistoryBuilder(8192)

/**
 * Scores borrowers together: one block of histories, one matrix product.
 *
 * Each is lowered to account-months by the trainer's own rule, at the last month that had ended on its as-of date. An
 * account outside the model's population gets no probability but the reason why.
 *
 * @returns One response per request, in order.
 */
export function scoreBorrowers(model: Model, requests: readonly IdentifiedRequest[]): ScoreResponse[] {
  const builder = spent.renew()
  const months = requests.map(asked => addRequest(builder, asked))
  const { history } = builder.build()
  const places = requests.map(({ request }, borrower) =>
    request.accounts.map(account => placeOf(model, history, borrower, account, months[borrower] as Month)),
  )
  const rows = Int32Array.from(places.flat().flatMap(({ row }) => (row === null ? [] : [row])))
  const reasonsPerRow = Math.max(0, ...requests.map(({ request }) => request.reasons))
  const scores = model.score(history, rows, reasonsPerRow)

  let scored = 0
  return requests.map(({ requestId, decisionId, request }, borrower) => ({
    requestId,
    decisionId,
    model: {
      name: model.manifest.name,
      version: model.manifest.version,
      manifestHash: model.manifestHash,
      featureHash: model.manifest.features.hash,
      labelHash: model.manifest.labelHash,
    },
    asOf: request.asOf,
    scoredMonth: formatMonth(months[borrower] as Month),
    borrowerId: request.borrower.borrowerId,
    accounts: request.accounts.map((account, place): AccountScore => {
      const { population, row } = (places[borrower] as Place[])[place] as Place
      if (row === null) return { accountId: account.accountId, population, pd: null, reasons: [] }
      const at = scored
      scored += 1
      return {
        accountId: account.accountId,
        population,
        pd: scores.pd.map((column, index) => ({ months: index + 1, probability: column[at] as number })),
        reasons: (scores.reasons[at] ?? []).slice(0, request.reasons).map(reason => ({ ...reason })),
      }
    }),
  }))
}

/** Where an account stands in the model's population, and its row in the block if it is scored. */
interface Place {
  readonly population: AccountScore['population']
  readonly row: number | null
}

function addRequest(builder: HistoryBuilder, { request, ledgerOf }: IdentifiedRequest): Month {
  const asOf = toDay(request.asOf)
  const lastMonth = lastEndedMonth(asOf)
  const context = { lastMonth, economy: economyAsOf(request.economy ?? []) }
  if (request.accounts.some(({ months }) => months !== undefined)) {
    const accounts = request.accounts.map(account => ({ ...account, months: account.months ?? [] }))
    addMonthlyBorrower(builder, request.borrower, accounts, context)
  } else {
    addLedgerBorrower(builder, request.borrower, request.accounts.map(withLedger), {
      ...context,
      ...(ledgerOf === undefined ? {} : { ledgerOf }),
    })
  }
  return lastMonth
}

function placeOf(model: Model, history: HistoryBlock, borrower: number, account: AccountHistory, month: Month): Place {
  const from = history.borrowerStart[borrower] as number
  const to = history.borrowerStart[borrower + 1] as number
  for (let index = from; index < to; index += 1) {
    if (history.accountIds[index] !== account.accountId) continue
    const first = history.accountStart[index] as number
    const row = first + month - (history.month[first] as number)
    if (row >= (history.accountStart[index + 1] as number)) {
      return { population: account.closedOn ? 'closed' : 'no-history', row: null }
    }
    const population = populationStatus(model.manifest.label, history, row)
    return { population, row: population === 'scored' ? row : null }
  }
  return { population: 'no-history', row: null }
}
