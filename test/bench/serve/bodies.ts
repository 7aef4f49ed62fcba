/** What the servers of the benchmark are sent. */

import { formatDay, monthEnd, toMonth } from '../../../data/index.ts'
import { simulateBorrowers, simulateEconomy } from '../../../data/simulator/index.ts'

/** The portfolio that model and bodies come from. */
export const simulation = { borrowers: 400, months: 36, seed: 2 }

/** A borrower with three accounts of about 24 months. */
export function scoreBody() {
  const asOf = formatDay(monthEnd(toMonth('2022-01') + simulation.months - 1))
  for (const { borrower, accounts } of simulateBorrowers(simulation)) {
    const long = accounts.filter(({ instalments }) => instalments.length >= 22)
    if (long.length < 3) continue
    const economy = simulateEconomy(simulation).filter(month => (month.publishedOn ?? '') <= asOf)
    return { asOf, borrower, accounts: long.slice(0, 3), economy }
  }
  throw new Error('no borrower of the simulation has three long accounts')
}

/** Rows of precomputed features, as pandas splits a frame. */
export interface Vectors {
  readonly columns: string[]
  readonly data: (number | string | null)[][]
}

/**
 * Three rows of precomputed features out of a file of features.
 *
 * @param names - Features that are sent.
 * @param kinds - `numbers` leaves out columns that hold anything else.
 */
export function vectorBody(features: string, names: readonly string[], kinds: 'all' | 'numbers'): Vectors {
  const [head, ...rows] = features.split('\n', 4).map(line => line.split(','))
  if (head === undefined || rows.length < 3) throw new Error('the file of features has fewer than three rows')
  const wanted = new Set(names)
  const places = head.flatMap((name, place) =>
    !wanted.has(name) || (kinds === 'numbers' && rows.some(row => typeof cellOf(row[place]) === 'string'))
      ? []
      : [place],
  )
  return {
    columns: places.map(place => head[place] as string),
    data: rows.map(row => places.map(place => cellOf(row[place]))),
  }
}

function cellOf(text = ''): number | string | null {
  if (text === '') return null
  return Number.isNaN(Number(text)) ? text : Number(text)
}
