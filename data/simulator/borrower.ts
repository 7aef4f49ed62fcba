/** Who borrows in a simulation: facts that are seen, and traits that are not. */

import { type Borrower, formatDay, type Month, monthStart, type Random } from '../index.ts'

/** A borrower with what only the simulator knows. */
export interface SimulatedPerson {
  readonly borrower: Borrower
  /** Multiplies the probabilities of getting into stress; 1 is average. */
  readonly vulnerability: number
  /** Pays a few days late although nothing is wrong. */
  readonly forgetful: boolean
  /** Day of the month on which everything falls due, 5 to 25. */
  readonly dueDay: number
  /** Pays by automatic debit rather than by hand. */
  readonly autoDebit: boolean
  /** Yearly income. */
  readonly income: number
}

const educations = ['secondary', 'vocational', 'university'] as const
const regions = ['north', 'east', 'south', 'west'] as const

/** Draws a borrower. Young borrowers with small incomes are more vulnerable, as in the portfolios this stands for. */
export function drawPerson(borrowerId: string, firstMonth: Month, source: Random): SimulatedPerson {
  const age = 20 + Math.floor(42 * source.uniform() ** 1.8)
  const income = Math.round(9000 * Math.exp(0.45 * source.normal() + 0.35 + Math.min(0.5, (age - 20) / 40)))
  const employedYears = Math.max(0.2, source.uniform() * (age - 19))
  const born = monthStart(firstMonth) - Math.floor((age + source.uniform()) * 365.25)
  const forgetful = source.chance(0.25)
  const ageFactor = age < 26 ? 1.35 : age < 35 ? 1.05 : 0.85
  const incomeFactor = Math.min(1.6, Math.max(0.6, (16_000 / income) ** 0.4))
  return {
    borrower: {
      borrowerId,
      bornOn: formatDay(born),
      income: source.chance(0.1) ? null : income,
      dependants: Math.min(4, Math.floor(3 * source.uniform() ** 2)),
      employedOn: source.chance(0.08) ? null : formatDay(monthStart(firstMonth) - Math.floor(employedYears * 365.25)),
      sex: source.chance(0.5) ? 'female' : 'male',
      maritalStatus: source.chance(age < 28 ? 0.2 : 0.6) ? 'married' : 'single',
      education: educations[Math.min(2, Math.floor(3 * source.uniform()))] ?? null,
      region: regions[source.integer(regions.length)] ?? null,
    },
    vulnerability: ageFactor * incomeFactor * Math.exp(0.35 * source.normal() - 0.06),
    forgetful,
    dueDay: 5 + source.integer(21),
    autoDebit: source.chance(0.6),
    income,
  }
}
