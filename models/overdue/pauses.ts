/** Pauses of an account: days on which the lender, the contract or the law lets the borrower not pay. */

import type { Day } from '../../data/index.ts'

/** A pause, as it was recorded. */
export interface Pause {
  readonly from: Day
  /** Last day, included; Infinity while it lasts. */
  readonly to: Day
  /** Day from which the lender knew of it: it may have been granted back-dated. */
  readonly recordedOn: Day
}

/** The pauses known on a day, merged where they overlap or meet, in order. */
export function knownPauses(pauses: readonly Pause[], knownOn: Day): Pause[] {
  const merged: Pause[] = []
  const known = pauses.filter(({ from, to, recordedOn }) => recordedOn <= knownOn && from <= to)
  for (const pause of known.sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1)
    if (last === undefined || pause.from > last.to + 1) merged.push(pause)
    else merged[merged.length - 1] = { ...last, to: Math.max(last.to, pause.to) }
  }
  return merged
}

/** Paused days after `from` up to and including `to`; `pauses` merged. */
export function pausedDays(pauses: readonly Pause[], from: Day, to: Day): number {
  let days = 0
  for (const pause of pauses) days += Math.max(0, Math.min(pause.to, to) - Math.max(pause.from, from + 1) + 1)
  return days
}
