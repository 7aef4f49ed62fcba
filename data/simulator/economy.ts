/** The economy of a simulation: a regime per month, and the figures that statistical offices would publish about it. */

import { type EconomyMonth, formatDay, formatMonth, type Month, monthEnd, random, toMonth } from '../index.ts'
import { nextRegime, type Regime } from './stress.ts'

/** What to simulate. */
export interface SimulationOptions {
  readonly borrowers: number
  readonly months: number
  /** Same seed, same bytes. */
  readonly seed: number
  /** First month; 2022-01 by default. */
  readonly firstMonth?: Month
  /** Banks have outages in which automatic debits fail; payments say bank and hour. Left out: no. */
  readonly outages?: boolean
  /** Borrowers are treated; left out: none is. */
  readonly treatment?: SimulatedTreatment
}

/** A treatment and what it does, which only the simulator knows. */
export interface SimulatedTreatment {
  /** Arm of a borrower: those of `hold-out` are left alone. */
  readonly arm: (borrowerId: string) => 'treated' | 'hold-out'
  /** Share of the instalments that would have been missed which the treated pay 7 to 27 days late instead, in [0, 1]. */
  readonly prevented: number
  /** First month in which it works; from the beginning if left out. */
  readonly fromMonth?: Month
}

/** First month by default. */
const firstMonthByDefault = toMonth('2022-01')

/** Where the figures of each regime tend, in percent. */
const level = { unemployment: [4.2, 8.1], interestRate: [3.4, 1.6] } as const

/** The first month of a simulation. */
export function firstMonthOf(options: SimulationOptions): Month {
  return options.firstMonth ?? firstMonthByDefault
}

/** The regime of each month; shape `[month]`. It begins normal. */
export function simulateRegimes(options: SimulationOptions): Regime[] {
  const source = random(options.seed, 'economy', 'regime')
  const regimes: Regime[] = []
  let regime: Regime = 0
  for (let month = 0; month < options.months; month += 1) {
    regimes.push(regime)
    regime = source.chance(nextRegime(regime)[1]) ? 1 : 0
  }
  return regimes
}

/** Unemployment and interest rate by month, each published at the end of the following month. */
export function simulateEconomy(options: SimulationOptions): EconomyMonth[] {
  const source = random(options.seed, 'economy', 'figures')
  const first = firstMonthOf(options)
  let unemployment: number = level.unemployment[0]
  let interestRate: number = level.interestRate[0]
  return simulateRegimes(options).map((regime, place) => {
    unemployment += 0.25 * (level.unemployment[regime] - unemployment) + 0.08 * source.normal()
    interestRate += 0.15 * (level.interestRate[regime] - interestRate) + 0.05 * source.normal()
    return {
      month: formatMonth(first + place),
      publishedOn: formatDay(monthEnd(first + place + 1)),
      unemployment: Math.round(10 * Math.max(0, unemployment)) / 10,
      interestRate: Math.round(100 * interestRate) / 100,
    }
  })
}
