import { expect, test } from 'vitest'
import {
  addLedgerBorrower,
  allocatePayments,
  datedLedger,
  economyAsOf,
  HistoryBuilder,
  type LedgerAccount,
  monthEnd,
  toMonth,
} from '../../../data/index.ts'
import { type SimulationOptions, simulateBorrowers } from '../../../data/simulator/index.ts'
import { armOf, defaultPolicyPath, readPolicy, uplift } from '../../../models/index.ts'

const options: SimulationOptions = { borrowers: 3000, months: 20, seed: 11 }
const first = toMonth('2022-01')
const dataCutOn = monthEnd(first + options.months - 1)
const { file } = readPolicy(defaultPolicyPath())
/** The policy's own arms, with half of the borrowers held out. */
const arm = (borrowerId: string) => armOf({ holdOut: { ...file.holdOut, share: 0.5 } }, borrowerId)

/** Days late of each instalment that fell due 30 days or more before the data ends, in order; Infinity if unpaid. */
function daysLate(one: LedgerAccount): number[] {
  const { instalments, payments } = datedLedger(one)
  const { paidOffOn } = allocatePayments(instalments, payments, dataCutOn)
  return instalments.flatMap(({ dueOn }, place) => {
    if (dueOn + 30 > dataCutOn) return []
    const paidOn = paidOffOn[place] as number
    return [Number.isNaN(paidOn) ? Number.POSITIVE_INFINITY : paidOn - dueOn]
  })
}

test('a treatment prevents the share of missed instalments that the simulator was told, and leaves the hold-out arm alone', () => {
  const prevented = 0.4
  const untreated = [...simulateBorrowers(options)]
  const treated = [...simulateBorrowers({ ...options, treatment: { arm, prevented } })]
  let [missed, saved, heldOut] = [0, 0, 0]
  untreated.forEach(({ borrower, accounts }, number) => {
    const other = treated[number] as (typeof treated)[number]
    if (arm(borrower.borrowerId) === 'hold-out') {
      expect(other.accounts).toEqual(accounts)
      expect(other.contacts.flat()).toEqual([])
      heldOut += 1
      return
    }
    accounts.forEach((account, place) => {
      // up to the first miss both runs are the same, so what becomes of it is the treatment's doing alone
      const first = daysLate(account).findIndex(days => days >= 30)
      if (first === -1) return
      missed += 1
      const after = other.accounts[place] as LedgerAccount
      if ((daysLate(after)[first] as number) < 30) saved += 1
    })
  })
  expect(heldOut).toBeGreaterThan(1300)
  expect(missed).toBeGreaterThan(400)
  const error = Math.sqrt((prevented * (1 - prevented)) / missed)
  expect(Math.abs(saved / missed - prevented)).toBeLessThan(4 * error)
})

test('the arms’ event rates differ by what the truth says, and the policy’s uplift report tells it', () => {
  const asOf = first + 10
  const treatment = { arm, prevented: 0.5, fromMonth: asOf + 1 }
  const counts = { treated: { accounts: 0, events: 0 }, 'hold-out': { accounts: 0, events: 0 } }
  const expected = { treated: 0, 'hold-out': 0 }
  for (const { borrower, accounts, truth } of simulateBorrowers({ ...options, treatment })) {
    const builder = new HistoryBuilder()
    const context = { lastMonth: first + options.months - 1, knownOn: dataCutOn, economy: economyAsOf([]) }
    addLedgerBorrower(builder, borrower, accounts, context)
    const { history, outcome } = builder.build()
    const of = arm(borrower.borrowerId)
    for (const { accountId, month, pd } of truth) {
      if (month !== asOf) continue
      const account = history.accountIds.indexOf(accountId)
      const row =
        (history.accountStart[account] as number) +
        asOf -
        (history.month[history.accountStart[account] as number] as number)
      const end = Math.min(row + 7, history.accountStart[account + 1] as number)
      counts[of].accounts += 1
      expected[of] += pd[5] as number
      if (outcome.worstDaysPastDue.slice(row + 1, end).some(days => days >= 30)) counts[of].events += 1
    }
  }
  const told = expected['hold-out'] / counts['hold-out'].accounts - expected.treated / counts.treated.accounts
  const measured = uplift(counts.treated, counts['hold-out'])
  expect(told).toBeGreaterThan(0.03)
  expect(measured.told).toBe(true)
  expect(measured.interval?.[0]).toBeLessThan(told)
  expect(measured.interval?.[1]).toBeGreaterThan(told)
})

test('a treatment that does nothing changes nothing but that borrowers are contacted', () => {
  const small = { ...options, borrowers: 100 }
  const plain = [...simulateBorrowers(small)]
  const contacted = [...simulateBorrowers({ ...small, treatment: { arm: () => 'treated', prevented: 0 } })]
  expect(contacted.map(({ accounts, truth }) => ({ accounts, truth }))).toEqual(
    plain.map(({ accounts, truth }) => ({ accounts, truth })),
  )
  expect(contacted.flatMap(({ contacts }) => contacts.flat()).length).toBeGreaterThan(20)
})

test('the truth of a treated borrower is lower by what is prevented', () => {
  const small = { ...options, borrowers: 300 }
  const pds = (prevented: number) =>
    [...simulateBorrowers({ ...small, treatment: { arm: () => 'treated', prevented, fromMonth: first + 10 } })].flatMap(
      ({ truth }) => truth.filter(({ month }) => month === first + 9).map(({ pd }) => pd),
    )
  const [none, all] = [pds(0), pds(1)]
  expect(all.length).toBe(none.length)
  none.forEach((pd, row) => {
    expect(all[row]?.[0]).toBe(pd[0]) // what is pending already isn't treated
    for (const value of all[row] ?? []) expect(value).toBe(pd[0]) // nothing more is missed
  })
})
