import { beforeAll, describe, expect, test } from 'vitest'
import {
  accountStates,
  addLedgerBorrower,
  economyAsOf,
  HistoryBuilder,
  monthEnd,
  toMonth,
} from '../../../data/index.ts'
import { simulateBorrowers, simulateEconomy } from '../../../data/simulator/index.ts'
import { catalogue, evaluate, type FeatureColumns } from '../../../models/features/index.ts'

const options = { borrowers: 1500, months: 30, seed: 5, firstMonth: toMonth('2023-01') }

let columns: FeatureColumns
/** True probability of the event within six months of each as-of row, as only the simulator knows it. */
let truePd: Float64Array

beforeAll(() => {
  const lastMonth = options.firstMonth + options.months - 1
  const context = { lastMonth, knownOn: monthEnd(lastMonth), economy: economyAsOf(simulateEconomy(options)) }
  const builder = new HistoryBuilder()
  const truth = new Map<string, number>()
  for (const { borrower, accounts, truth: known } of simulateBorrowers(options)) {
    addLedgerBorrower(builder, borrower, accounts, context)
    for (const { accountId, month, pd } of known) truth.set(`${accountId} ${month}`, pd.at(-1) ?? Number.NaN)
  }
  const { history } = builder.build()
  const rows: number[] = []
  const pds: number[] = []
  history.accountIds.forEach((accountId, account) => {
    const end = history.accountStart[account + 1] as number
    for (let row = history.accountStart[account] as number; row < end; row += 1) {
      // an account that is settled and not closed yet has nothing left to be late with
      const isSettled = history.numbers.state[row] === accountStates.settled
      const pd = truth.get(`${accountId} ${history.month[row]}`) ?? (isSettled ? 0 : undefined)
      if (pd === undefined) continue
      rows.push(row)
      pds.push(pd)
    }
  })
  columns = evaluate(catalogue, history, Int32Array.from(rows))
  truePd = Float64Array.from(pds)
})

/** Ranks from 0; equal values share their mean rank. */
function ranks(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((a, b) => (values[a] as number) - (values[b] as number))
  const ranked: number[] = []
  for (let first = 0; first < order.length; ) {
    let end = first
    while (end < order.length && values[order[end] as number] === values[order[first] as number]) end += 1
    for (let place = first; place < end; place += 1) ranked[order[place] as number] = (first + end - 1) / 2
    first = end
  }
  return ranked
}

/** Spearman's rank correlation. */
function rankCorrelation(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [ranks(a), ranks(b)]
  const centre = (a.length - 1) / 2
  const products = (left: number[], right: number[]): number =>
    left.reduce((sum, value, index) => sum + (value - centre) * ((right[index] as number) - centre), 0)
  return products(x, y) / Math.sqrt(products(x, x) * products(y, y))
}

/** Rank correlation of a feature with the true probability where it is known; NaN if it never varies. */
function correlationOf(name: string): number {
  const column = columns.columns[catalogue.findIndex(feature => feature.name === name)]
  const values: number[] = []
  const pds: number[] = []
  column?.values.forEach((value, index) => {
    if (typeof value !== 'number' || Number.isNaN(value)) return
    values.push(value)
    pds.push(truePd[index] as number)
  })
  return rankCorrelation(values, pds)
}

const directed = catalogue.filter(feature => feature.kind === 'number' && feature.raises !== null)

describe('expected directions against the simulator’s truth', () => {
  // One feature seen alone can lean a little the other way through those it goes along with, and by chance.
  const tolerance = 0.05

  test.each(directed.map(({ name, raises }) => [name, raises === true ? 1 : -1] as const))(
    '%s does not go against its declared direction',
    (name, sign) => {
      const correlation = correlationOf(name)
      expect(correlation).not.toBeNaN()
      expect(sign * correlation).toBeGreaterThan(-tolerance)
    },
  )

  test('most go clearly along with it', () => {
    const along = directed.filter(({ name, raises }) => (raises === true ? 1 : -1) * correlationOf(name) > 0.02)
    expect(along.length / directed.length).toBeGreaterThan(0.85)
  })
})
