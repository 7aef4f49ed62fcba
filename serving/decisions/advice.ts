/** What a borrower can do: reasons, lessons, and the smallest payment that lowers the grade, checked by scoring it. */

import { randomUUID } from 'node:crypto'
import { formatDay, monthEnd, monthOf, toDay } from '../../data/index.ts'
import { adviceFor, type CompiledPolicy, helpfulPayment } from '../../models/index.ts'
import type { AccountHistory, AccountScore, ScoreRequest } from '../requests.ts'
import type { Scorer } from '../scorer.ts'
import type { AccountStanding } from './account-facts.ts'
import type { AccountDecision } from './decision-messages.ts'

type Advice = NonNullable<AccountDecision['advice']>

/** Advice on one account. */
export async function adviseOn(
  scorer: Scorer,
  policy: CompiledPolicy,
  request: ScoreRequest,
  account: AccountHistory,
  score: AccountScore,
  standing: AccountStanding,
): Promise<Advice> {
  return {
    ...adviceFor(policy.file, score.reasons),
    payment: score.pd === null ? null : await paymentOf(scorer, policy, request, account, standing),
  }
}

/**
 * The smallest payment by a date that lowers the grade at that month's end, against nothing being paid until then. Both
 * are scored at the same date, with all that falls due by it.
 */
async function paymentOf(
  scorer: Scorer,
  { file, grades }: CompiledPolicy,
  request: ScoreRequest,
  account: AccountHistory,
  { exposure }: AccountStanding,
): Promise<Advice['payment']> {
  if (account.months !== undefined || exposure === null) return null
  const payBy = toDay(request.asOf) + file.care.payWithinDays
  const asOf = formatDay(monthEnd(monthOf(payBy)))
  const place = request.accounts.indexOf(account)
  const gradeOf = ({ pd }: Pick<AccountScore, 'pd'>): number => {
    // An account that has left the population by then is past what any grade says.
    if (pd === null) return grades.steps.length
    const horizon = Math.min(file.grades.horizonMonths, pd.length)
    const probability = pd[horizon - 1]?.probability ?? 1
    return grades.from.findLastIndex(from => from <= probability)
  }
  const found = await helpfulPayment(Math.round(exposure * 100), async amounts => {
    const asked = amounts.map(cents => ({
      requestId: 'what-if',
      decisionId: randomUUID(),
      request: {
        ...request,
        asOf,
        reasons: 0,
        accounts: withPayment(request.accounts, place, cents, formatDay(payBy)),
      },
    }))
    const answers = await scorer.score(asked)
    return answers.map(answer => gradeOf(answer.accounts[place] as AccountScore))
  })
  if (found === null) return null
  const amount = found.amountCents / 100
  const name = (step: number): string => grades.steps[step] ?? 'ungraded'
  const date = formatDay(payBy)
  return {
    amount,
    currency: file.currency,
    payBy: date,
    gradeWithout: name(found.from),
    gradeWith: name(found.to),
    says: {
      en: `Pay ${file.currency} ${amount.toFixed(2)} by ${date}.`,
      zh: `请在${date}前还款${amount.toFixed(2)}（${file.currency}）。`,
    },
  }
}

function withPayment(
  accounts: readonly AccountHistory[],
  place: number,
  cents: number,
  paidOn: string,
): AccountHistory[] {
  return accounts.map((account, index) => {
    if (index !== place || cents === 0) return account
    const payment = { paymentId: 'what-if', paidOn, amount: cents / 100, outcome: 'paid' as const }
    return { ...account, payments: [...(account.payments ?? []), payment] }
  })
}
