/** Banks on which automatic debits are drawn, and the days on which they are down. */

import { type Day, type Month, monthStart, random } from '../index.ts'
import { firstMonthOf, type SimulationOptions } from './economy.ts'

/** A bank. */
export interface SimulatedBank {
  readonly name: string
  /** Hour of the day at which it runs debits. */
  readonly hour: number
  /** Do its debits fail on a day? */
  isDownOn(day: Day): boolean
}

const names = ['Heron Bank', 'Ibis Bank', 'Kestrel Bank', 'Linnet Bank'] as const

/** Monthly chance of an outage, on a day on which instalments fall due. */
const outageChance = 0.12

/** Banks by the seed, each with at most one outage a month. */
export function simulatedBanks(options: SimulationOptions): SimulatedBank[] {
  const first = firstMonthOf(options)
  return names.map((name, place) => {
    const source = random(options.seed, 'bank', place)
    const down = new Set<Day>()
    for (let month: Month = first; month < first + options.months; month += 1) {
      const day = monthStart(month) + 4 + source.integer(21)
      if (source.chance(outageChance)) down.add(day)
    }
    return { name, hour: 6 + 3 * place, isDownOn: day => down.has(day) }
  })
}

const banksOf = new WeakMap<SimulationOptions, SimulatedBank[]>()

/** The bank of a borrower, by its number alone. */
export function drawBank(options: SimulationOptions, number: number): SimulatedBank | undefined {
  let banks = banksOf.get(options)
  if (banks === undefined) {
    banks = simulatedBanks(options)
    banksOf.set(options, banks)
  }
  return banks[random(options.seed, 'borrower-bank', number).integer(banks.length)]
}
