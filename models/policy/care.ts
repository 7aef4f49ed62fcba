/** For the borrower: the reasons, a short lesson for each kind of them, and the smallest payment that would help. */

import type { Reason } from '../model.ts'
import type { PolicyFile } from './file/policy-schema.ts'

/** A text in both languages. */
interface Texts {
  readonly en: string
  readonly zh: string
}

/** What a borrower is told. */
export interface Advice {
  /** At most four, the gravest first, each specific. */
  readonly reasons: readonly Texts[]
  /** A lesson per kind of reason, in the order of the reasons. */
  readonly lessons: readonly { readonly id: string; readonly title: Texts; readonly text: Texts }[]
}

/** Reasons and lessons for a borrower. */
export function adviceFor({ care }: PolicyFile, reasons: readonly Pick<Reason, 'family' | 'text'>[]): Advice {
  const given = reasons.slice(0, care.reasonsAtMost)
  const lessons = given.flatMap(({ family }) => care.lessons.find(({ families }) => families.includes(family)) ?? [])
  return {
    reasons: given.map(({ text }) => text),
    lessons: [...new Set(lessons)].map(({ id, title, text }) => ({ id, title, text })),
  }
}

/** A payment that lowers the grade. */
export interface HelpfulPayment {
  /** In hundredths of the currency. */
  readonly amountCents: number
  /** Step of the ladder without it; lower is better. */
  readonly from: number
  /** Step with it. */
  readonly to: number
}

/** Amounts scored at once. */
const amountsAtOnce = 16
/** Rounds of scoring at most: each narrows the amount to a fifteenth. */
const roundsAtMost = 6

/**
 * The smallest payment that lowers the grade, found by scoring: amounts from nothing to all that is owed, then those
 * between the smallest that helps and the greatest below it that doesn't, until a cent is left between them.
 *
 * The answer is always an amount that was scored itself. Where the grade falls and rises again with the amount, a still
 * smaller one may help that lies between amounts that don't.
 *
 * @param owedCents - All that is owed by then.
 * @param stepsOf - Step of the ladder after each payment; lower is better.
 * @returns Null if no payment up to all that is owed lowers the grade.
 */
export async function helpfulPayment(
  owedCents: number,
  stepsOf: (amountsCents: readonly number[]) => Promise<readonly number[]>,
): Promise<HelpfulPayment | null> {
  if (owedCents <= 0) return null
  let [low, high] = [0, owedCents]
  let found: HelpfulPayment | null = null
  let from: number | undefined
  for (let round = 0; round < roundsAtMost && (round === 0 || high - low > 1); round += 1) {
    const inner = Array.from({ length: amountsAtOnce - 2 }, (_, index) =>
      Math.round(low + ((high - low) * (index + 1)) / (amountsAtOnce - 1)),
    )
    const amounts = [...new Set([low, ...inner, high])]
    const steps = await stepsOf(amounts)
    from ??= steps[0] as number
    const helps = steps.findIndex(step => step < (from as number))
    if (helps === -1) return found
    found = { amountCents: amounts[helps] as number, from, to: steps[helps] as number }
    ;[low, high] = [amounts[helps - 1] as number, amounts[helps] as number]
  }
  return found
}
