/** Answers what instalment plans would change, re-scored through the server's own scoring path. */

import { InputError, type LedgerAccount, toDay } from '../../data/index.ts'
import { type PdByMonths, type RulePack, whatIf } from '../../models/index.ts'
import { jsonPointer, ProblemError } from '../problems.ts'
import type { ScoreResponse } from '../requests.ts'
import type { Scorer } from '../scorer.ts'
import { findContradictions, parseBody } from '../validate.ts'
import { type WhatIfRequest, type WhatIfResponse, whatIfRequestSchema } from './plan-messages.ts'

/**
 * Checks a body.
 *
 * @throws ProblemError `invalid-request`, with a pointer to each part that is wrong.
 */
export function parseWhatIfRequest(body: unknown): WhatIfRequest {
  return parseBody(whatIfRequestSchema, body, request => {
    const errors = findContradictions(request)
    const account = request.accounts.find(({ accountId }) => accountId === request.accountId)
    if (account === undefined)
      errors.push({ pointer: '/accountId', detail: 'expected the accountId of one of accounts' })
    else if (account.months !== undefined || account.instalments === undefined) {
      const pointer = jsonPointer(['accounts', request.accounts.indexOf(account)])
      errors.push({ pointer, detail: 'expected its instalments and payments: a plan needs the ledger' })
    }
    return errors
  })
}

/** Which part of a request says what the ledger can't be made sense of by. */
const pointers: Readonly<Record<string, string>> = { 'unknown-rate': '/nominalRate' }

/**
 * Searches plans and works out what follows from each.
 *
 * @throws ProblemError `invalid-request` if nothing is owed or the original rate can't be told.
 */
export async function answerWhatIf(
  request: WhatIfRequest,
  packs: readonly RulePack[],
  scorer: Scorer,
  requestId: string,
): Promise<WhatIfResponse> {
  const place = request.accounts.findIndex(({ accountId }) => accountId === request.accountId)
  const { instalments = [], payments = [], months: _, ...facts } = request.accounts[place] ?? { accountId: '' }
  let model: WhatIfResponse['model'] = null
  const rescore = async (accounts: readonly LedgerAccount[]): Promise<PdByMonths[]> => {
    const answers = await scorer.score(
      accounts.map((account, index) => asked(request, place, account, `${requestId}/${index}`)),
    )
    const said = answers[0]?.model
    if (said !== undefined) model = { name: said.name, version: said.version }
    return answers.map(answer => pdOf(answer, request.accountId))
  }
  try {
    const answer = await whatIf(
      { ...facts, instalments, payments },
      {
        asOf: toDay(request.asOf),
        currency: request.currency,
        packs,
        search: request.search,
        ...(request.nominalRate === undefined ? {} : { nominalRate: request.nominalRate }),
        ...(request.rescore ? { rescore } : {}),
      },
    )
    return mutable({ ...answer, model })
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    throw new ProblemError(
      'invalid-request',
      'No plan can be made for this account.',
      error.problems.map(({ rule, found, expected }) => ({
        pointer: pointers[rule ?? ''] ?? jsonPointer(['accounts', place]),
        detail: `${found === undefined ? '' : `found ${found}, `}expected ${expected}`,
      })),
    )
  }
}

/** The borrower with the account as it would stand; nothing of this is logged as a decision. */
function asked(request: WhatIfRequest, place: number, account: LedgerAccount, requestId: string) {
  const { asOf, borrower, economy } = request
  const accounts = request.accounts.map((one, index) =>
    index === place ? { ...account, instalments: [...account.instalments], payments: [...account.payments] } : one,
  )
  return {
    requestId,
    decisionId: '',
    request: { asOf, borrower, accounts, reasons: 0, ...(economy === undefined ? {} : { economy }) },
  }
}

function pdOf(answer: ScoreResponse, accountId: string): PdByMonths {
  return answer.accounts.find(account => account.accountId === accountId)?.pd ?? null
}

/** An answer as its schema has it, whose lists zod takes for mutable ones. */
function mutable(answer: Awaited<ReturnType<typeof whatIf>> & Pick<WhatIfResponse, 'model'>): WhatIfResponse {
  const { rescoring, plans, pd, ...rest } = answer
  return {
    ...rest,
    pd: pd === null ? null : [...pd],
    plans: plans.map(plan => ({
      ...plan,
      instalments: [...plan.instalments],
      reAge: plan.reAge.map(one => ({ ...one, against: [...one.against] })),
      classes: [...plan.classes],
      pd: plan.pd === null ? null : [...plan.pd],
    })),
    rescoring: { ...rescoring, cannotKnow: [...rescoring.cannotKnow] },
  }
}
