/** The true PD of an account, exactly, from the latent state: nobody can know more than this. */

import {
  delayDays,
  delayProbabilities,
  earlySettlement,
  nextRegime,
  nextStress,
  type Regime,
  type Stress,
} from './stress.ts'

/** The latent state of an account at a month's end. */
export interface LatentState {
  readonly regime: Regime
  readonly stress: Stress
  readonly vulnerability: number
  readonly forgetful: boolean
  /** Days since the due date of an instalment that fell due this month and isn't paid; null if it is, or none did. */
  readonly pendingDays: number | null
  /** Month of the year in which the pending instalment fell due, 0 = January: this month's. */
  readonly monthOfYear: number
  /** Instalments still to fall due, one a month from the next month on; Infinity for a line. */
  readonly instalmentsLeft: number
  /** True for a loan, which can be settled early; a line can't. */
  readonly settles: boolean
  /** Share of the instalments that a treatment keeps from being missed; 0 without one. */
  readonly prevented?: number
  /** Months from now on which it works: 0 and less for those that have fallen due already. */
  readonly treatedFrom?: number
}

/**
 * PD(1…H): probability that days past due reach 30 within h months, given the latent state, among accounts that stay.
 *
 * An instalment missed in month m reaches 30 days past due in month m + 1, because due dates lie between the 5th and the
 * 25th. So the event in the first month can only come from the instalment that is pending; the later ones from
 * instalments yet to fall due, whose delays depend on stress then. The distribution over regime × stress is carried
 * forward exactly; accounts settled early leave, as they do in the data (hazards are among those seen).
 */
export function truePd(state: LatentState, horizonMonths: number): number[] {
  const hazards = [pendingHazard(state)]
  let alive = new Float64Array(6)
  alive[state.regime * 3 + state.stress] = 1
  for (let month = 1; month < horizonMonths; month += 1) {
    alive = advance(alive, state.vulnerability)
    const due = month <= state.instalmentsLeft
    let [seen, events] = [0, 0]
    for (let cell = 0; cell < alive.length; cell += 1) {
      const mass = alive[cell] as number
      const stress = (cell % 3) as Stress
      const delays = delayProbabilities(stress, state.forgetful, (state.monthOfYear + month) % 12)
      const missed = due ? delays.missed * (1 - preventedIn(state, month)) : 0
      const settled = due && state.settles ? delays['on-time'] * earlySettlement[stress] : 0
      seen += mass
      events += mass * missed
      alive[cell] = mass * (1 - missed - settled)
    }
    hazards.push(seen > 0 ? events / seen : 0)
  }
  let survived = 1
  return hazards.map(hazard => {
    survived *= 1 - hazard
    return 1 - survived
  })
}

function preventedIn({ prevented = 0, treatedFrom = 0 }: LatentState, month: number): number {
  return month >= treatedFrom ? prevented : 0
}

/** Probability that the pending instalment stays unpaid to its 30th day, given that it is unpaid now. */
function pendingHazard(state: LatentState): number {
  if (state.pendingDays === null) return 0
  const delays = delayProbabilities(state.stress, state.forgetful, state.monthOfYear)
  const longer = ([first, last]: readonly [number, number]): number =>
    Math.min(1, Math.max(0, (last - Math.max(first - 1, state.pendingDays ?? 0)) / (last - first + 1)))
  const prevented = delays.missed * preventedIn(state, 0)
  const missed = delays.missed - prevented
  const medium = delays.medium + prevented // what a treatment keeps from being missed is paid as late as these
  return missed / (delays.short * longer(delayDays.short) + medium * longer(delayDays.medium) + missed)
}

/** One month's step of the distribution over regime × stress; shape `[regime · 3 + stress]`. */
function advance(from: Float64Array, vulnerability: number): Float64Array<ArrayBuffer> {
  const to = new Float64Array(6)
  for (const regime of [0, 1] as const) {
    for (const stress of [0, 1, 2] as const) {
      const mass = from[regime * 3 + stress] as number
      if (mass === 0) continue
      nextRegime(regime).forEach((regimeProbability, next) => {
        nextStress(stress, next as Regime, vulnerability).forEach((stressProbability, then) => {
          const cell = next * 3 + then
          to[cell] = (to[cell] as number) + mass * regimeProbability * stressProbability
        })
      })
    }
  }
  return to
}
