import fc from 'fast-check'
import { expect, test } from 'vitest'
import { economyAsOf, HistoryBuilder, type Month, monthOf } from '../../data/index.ts'
import { fillSnapshots } from '../../data/snapshots.ts'
import { days, randomInstalments, randomPayments } from './random-ledgers.ts'

test('what a month says doesn’t depend on the month in which the pass over them began', () => {
  const economy = economyAsOf([])
  const last = monthOf(2 * days)
  let late = 0
  fc.assert(
    fc.property(randomInstalments, randomPayments, fc.boolean(), (instalments, payments, writtenOff) => {
      const ledger = { instalments, payments, closedOn: days, writtenOff, creditLimit: 1000 }
      const rowsOf = (from: Month, to: Month): number[][] => {
        const builder = new HistoryBuilder()
        builder.borrower('b')
        builder.account('a')
        fillSnapshots(ledger, from, to, economy, builder.columns, builder.reserve(from, to))
        const { numbers } = builder.build().history
        return Array.from({ length: to - from + 1 }, (_, row) => Object.values(numbers).map(column => column[row]!))
      }
      const together = rowsOf(0, last)
      for (let month = 0; month <= last; month += 1) expect(together[month]).toEqual(rowsOf(month, month)[0])
      if (together.flat().some(value => value > 30)) late += 1
    }),
    { numRuns: 1000 },
  )
  expect(late).toBeGreaterThan(500)
})
