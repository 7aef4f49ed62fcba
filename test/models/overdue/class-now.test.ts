import { expect, test } from 'vitest'
import { datedLedger, monthEnd, random, toMonth } from '../../../data/index.ts'
import { simulateBorrowers } from '../../../data/simulator/index.ts'
import { classifyAccount, classNow, productOf } from '../../../models/index.ts'
import { packs } from './overdue-account.ts'

test('the class of the day alone is the one that the whole history leads to', () => {
  const source = random(5, 'class-now')
  const seen = new Set<string>()
  let restructured = 0
  for (const { accounts } of simulateBorrowers({ borrowers: 400, months: 24, seed: 5, outages: true })) {
    for (const simulated of accounts) {
      const first = simulated.instalments[0]
      // Some of them restructured: an instalment is cancelled in the month in which it is due.
      const cancelled = first !== undefined && source.chance(0.2)
      const instalments = cancelled
        ? [{ ...first, cancelledOn: first.issuedOn ?? first.dueOn }, ...simulated.instalments.slice(1)]
        : simulated.instalments
      const account = { ...simulated, instalments }
      restructured += cancelled ? 1 : 0
      const asOf = monthEnd(toMonth('2022-01') + source.integer(24)) - source.integer(20)
      const from = asOf - source.integer(300)
      const pauses = source.chance(0.3) ? [{ from, to: from + source.integer(60), recordedOn: from }] : []
      const context = { asOf, packs, currency: 'EUR', pauses }
      const { daysPastDue, technical, exposure, clocks } = classifyAccount(account, context)
      const classes = Object.fromEntries(clocks.map(clock => [clock.pack, clock.class]))
      expect(classNow(datedLedger(account), productOf(account), context)).toEqual({
        daysPastDue,
        technical,
        exposure,
        classes,
      })
      for (const [pack, name] of Object.entries(classes)) seen.add(`${pack} ${name}`)
    }
  }
  expect(restructured).toBeGreaterThan(50)
  expect(seen.size).toBeGreaterThan(15) // of the packs' 33 classes
})
