/** Who is asked about, and what became of them: as-of rows of a block with their labels, by the LabelSpec. */

import type { HistoryBlock, LabelledHistory, LabelSpec, Month, OutcomeBlock } from '../data/index.ts'
import { populationStatus } from '../models/index.ts'

/** As-of rows of one block and what became of them; all of shape `[as-of row]`. */
export interface LabelledRows {
  /** Rows of the block. */
  readonly rows: Int32Array
  /** Months of the performance window that were seen, 0…H; counting stops at the first month not seen. */
  readonly observedMonths: Uint8Array
  /** 1…H, the month of the first event; 0 = none seen. */
  readonly eventMonth: Uint8Array
  /**
   * Months of the performance window that the contract leaves to be seen, 1…H: until the month after the last instalment
   * falls due, in which it has been paid or is overdue; H where the instalments left aren't known.
   */
  readonly contractMonths: Uint8Array
  /** Left out where the data set brings the event itself. */
  readonly followUp?: FollowUp
}

/**
 * How rows went on, month by month, for members to learn beside the event: far more accounts are somewhat late than reach
 * the target, and what leads there is much the same. Both of shape `[row]`.
 */
export interface FollowUp {
  /** Months of the performance window followed, 0…H, whatever came of them; not fewer than those before the event. */
  readonly followedMonths: Uint8Array
  /** Bit k − 1 is set where days past due reached {@link earlyDaysPastDue} in month k. */
  readonly earlyDelinquency: Uint32Array
}

/** Days past due of early delinquency: a third of the target, rounded up, such as 10 for 30. */
export function earlyDaysPastDue({ targetDaysPastDue }: LabelSpec): number {
  return Math.ceil(targetDaysPastDue / 3)
}

/**
 * Finds the population of a block and labels it by days past due.
 *
 * An event in month k of the performance window: days past due less grace reach the target on any day of the month,
 * with arrears of at least the materiality (where arrears are known). Technical overdue is left out if the label says so. An account that leaves is censored: its months
 * after that are not seen. Rows of which not even one month was seen are left out.
 */
export function labelPopulation(spec: LabelSpec, { history, outcome }: LabelledHistory): LabelledRows {
  const rows: number[] = []
  const observedMonths: number[] = []
  const eventMonth: number[] = []
  const followedMonths: number[] = []
  const earlyDelinquency: number[] = []
  for (let account = 0; account + 1 < history.accountStart.length; account += 1) {
    const end = history.accountStart[account + 1] as number
    for (let row = history.accountStart[account] as number; row < end; row += 1) {
      if (populationStatus(spec, history, row) !== 'scored') continue
      const seen = performance(spec, outcome, row, end)
      if (seen.observedMonths === 0) continue
      rows.push(row)
      observedMonths.push(seen.observedMonths)
      eventMonth.push(seen.eventMonth)
      followedMonths.push(seen.followedMonths)
      earlyDelinquency.push(seen.earlyDelinquency)
    }
  }
  return {
    rows: Int32Array.from(rows),
    observedMonths: Uint8Array.from(observedMonths),
    eventMonth: Uint8Array.from(eventMonth),
    contractMonths: Uint8Array.from(rows, row => {
      const left = history.numbers.instalmentsLeft[row] as number
      return Number.isNaN(left) ? spec.horizonMonths : Math.min(spec.horizonMonths, Math.floor(left) + 1)
    }),
    followUp: {
      followedMonths: Uint8Array.from(followedMonths),
      earlyDelinquency: Uint32Array.from(earlyDelinquency),
    },
  }
}

/** What was seen of the performance window of one row; `end` = first row after the account. */
function performance(
  spec: LabelSpec,
  outcome: OutcomeBlock,
  row: number,
  end: number,
): { observedMonths: number; eventMonth: number; followedMonths: number; earlyDelinquency: number } {
  const { exclusions } = spec
  const worsts = exclusions.includes('technical-overdue') ? outcome.worstOwnDaysPastDue : outcome.worstDaysPastDue
  const early = earlyDaysPastDue(spec)
  let [eventMonth, earlyDelinquency] = [0, 0]
  let month = 1
  for (; month <= spec.horizonMonths && row + month < end; month += 1) {
    const worst = worsts[row + month] as number
    if (Number.isNaN(worst)) break
    if ((outcome.arrears[row + month] as number) < spec.materiality) continue
    if (worst - spec.graceDays >= early) earlyDelinquency |= 1 << (month - 1)
    if (worst - spec.graceDays >= spec.targetDaysPastDue && eventMonth === 0) eventMonth = month
  }
  const followedMonths = month - 1
  return { observedMonths: eventMonth || followedMonths, eventMonth, followedMonths, earlyDelinquency }
}

/**
 * Labels the account-months for which the data set brings the event itself.
 *
 * @param given - By account: as-of month, horizon and whether the event happened within it.
 */
export function labelGiven(
  spec: LabelSpec,
  history: HistoryBlock,
  given: ReadonlyMap<string, readonly { month: Month; horizon: number; event: 0 | 1 }[]>,
): LabelledRows {
  const rows: number[] = []
  const observedMonths: number[] = []
  const eventMonth: number[] = []
  history.accountIds.forEach((accountId, account) => {
    const first = history.accountStart[account] as number
    const end = history.accountStart[account + 1] as number
    for (const label of given.get(accountId) ?? []) {
      const row = first + label.month - (history.month[first] ?? Number.NaN)
      if (!(row >= first && row < end && populationStatus(spec, history, row) === 'scored')) continue
      rows.push(row)
      observedMonths.push(Math.min(label.horizon, spec.horizonMonths))
      eventMonth.push(label.event === 1 ? label.horizon : 0)
    }
  })
  return {
    rows: Int32Array.from(rows),
    observedMonths: Uint8Array.from(observedMonths),
    eventMonth: Uint8Array.from(eventMonth),
    contractMonths: new Uint8Array(rows.length).fill(spec.horizonMonths),
  }
}
