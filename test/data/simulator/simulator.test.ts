import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import {
  accountSchema,
  addLedgerBorrower,
  borrowerSchema,
  economyAsOf,
  economyMonthSchema,
  HistoryBuilder,
  instalmentSchema,
  monthEnd,
  paymentSchema,
  random,
  toMonth,
} from '../../../data/index.ts'
import {
  type LatentState,
  type SimulatedBorrower,
  simulateBorrowers,
  simulateEconomy,
  simulateRegimes,
  truePd,
  writeSimulation,
} from '../../../data/simulator/index.ts'
import {
  delayDays,
  delayProbabilities,
  earlySettlement,
  nextRegime,
  nextStress,
  type Regime,
  type Stress,
} from '../../../data/simulator/stress.ts'
import { openDataset } from '../../../data/sources/index.ts'

const root = mkdtempSync(join(tmpdir(), 'harbinger-simulator-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

async function hashOf(name: string, options: Parameters<typeof writeSimulation>[1]): Promise<string> {
  const folder = join(root, name)
  await writeSimulation(folder, options)
  const hash = createHash('sha256')
  for (const file of readdirSync(folder).sort()) hash.update(file).update(readFileSync(join(folder, file)))
  return hash.digest('hex')
}

const small = { borrowers: 150, months: 24, seed: 5 }

test('same seed, same bytes; another seed, others', async () => {
  const first = await hashOf('first', small)
  expect(await hashOf('again', small)).toBe(first)
  expect(await hashOf('other', { ...small, seed: 6 })).not.toBe(first)
})

test('a borrower does not depend on how many others there are', () => {
  const [first, second] = [...simulateBorrowers({ ...small, borrowers: 2 })]
  const more = [...simulateBorrowers({ ...small, borrowers: 5 })]
  expect(more.slice(0, 2)).toEqual([first, second])
  expect(more[2]).not.toEqual(first)
})

test('a simulated data set passes every check', async () => {
  await writeSimulation(join(root, 'checked'), small)
  const dataset = await openDataset(join(root, 'checked'))
  expect(dataset.findings).toEqual([])
  expect(dataset.counts.borrowers).toBe(150)
  dataset.close()
})

test('it writes into a new folder only, and leaves nothing where it can’t write', async () => {
  const file = join(root, 'a-file')
  writeFileSync(file, '')
  await expect(writeSimulation(root, small)).rejects.toThrow('expected a new folder')
  await expect(writeSimulation(join(file, 'below'), small)).rejects.toThrow('expected a folder that can be written')
})

const options = { borrowers: 3000, months: 36, seed: 11 }
const portfolio: readonly SimulatedBorrower[] = [...simulateBorrowers(options)]

test('every row fits the contracts', () => {
  for (const { borrower, accounts } of portfolio.slice(0, 300)) {
    borrowerSchema.parse(borrower)
    for (const { instalments, payments, ...account } of accounts) {
      accountSchema.parse(account)
      for (const instalment of instalments) instalmentSchema.parse(instalment)
      for (const payment of payments) paymentSchema.parse(payment)
    }
  }
  for (const month of simulateEconomy(options)) economyMonthSchema.parse(month)
})

test('the portfolio has the traits of the problem', () => {
  const accounts = portfolio.flatMap(one => one.accounts)
  const payments = accounts.flatMap(account => account.payments)
  const share = <Item>(items: readonly Item[], has: (item: Item) => boolean): number =>
    items.filter(has).length / items.length
  const thin = share(portfolio, one => one.accounts.every(account => account.instalments.length <= 6))
  const lenders = share(portfolio, one => new Set(one.accounts.map(account => account.fundingPartner)).size > 1)
  expect(thin).toBeGreaterThan(0.02)
  expect(lenders).toBeGreaterThan(0.2)
  expect(share(payments, payment => payment.outcome === 'failed')).toBeGreaterThan(0.02)
  expect(share(payments, payment => payment.recordedOn !== payment.paidOn)).toBeGreaterThan(0.03)
  expect(share(payments, payment => payment.reversedOn !== null)).toBeGreaterThan(0.0005)
  expect(
    share(accounts, account => account.instalments.some(({ cancelledOn }) => cancelledOn !== null)),
  ).toBeGreaterThan(0.005)
  expect(share(accounts, account => account.closeReason === 'written-off')).toBeGreaterThan(0.005)
  expect(share(accounts, account => account.closeReason === 'settled-early')).toBeGreaterThan(0.02)
  expect(share(accounts, account => account.product === 'credit-line')).toBeGreaterThan(0.15)
  expect(new Set(simulateRegimes(options))).toEqual(new Set([0, 1]))
})

/** One continuation of an account, drawn from the chains themselves: month of the event, and the last month seen. */
function continuation(state: LatentState, source: ReturnType<typeof random>): { event: number; seen: number } {
  let [regime, stress] = [state.regime as number, state.stress as number]
  const draw = (probabilities: readonly number[]): number => {
    let left = source.uniform()
    return probabilities.findIndex(probability => {
      left -= probability
      return left < 0
    })
  }
  if (state.pendingDays !== null) {
    // Days late of an instalment, drawn until one fits what is known: that it is still unpaid.
    for (;;) {
      const delays = delayProbabilities(stress as Stress, state.forgetful, state.monthOfYear)
      const kind = (['on-time', 'short', 'medium', 'missed'] as const)[
        draw([delays['on-time'], delays.short, delays.medium, delays.missed])
      ]
      const [first, last] = kind === 'short' || kind === 'medium' ? delayDays[kind] : [0, 0]
      const days = kind === 'missed' ? 30 : kind === 'on-time' ? 0 : first + source.integer(last - first + 1)
      if (days <= state.pendingDays) continue
      if (days >= 30) return { event: 1, seen: 1 }
      break
    }
  }
  for (let month = 1; month < 6; month += 1) {
    regime = draw(nextRegime(regime as Regime))
    stress = draw(nextStress(stress as Stress, regime as Regime, state.vulnerability))
    if (month > state.instalmentsLeft) continue
    const delays = delayProbabilities(stress as Stress, state.forgetful, (state.monthOfYear + month) % 12)
    if (source.chance(delays.missed)) return { event: month + 1, seen: month + 1 }
    const onTime = delays['on-time'] / (1 - delays.missed)
    if (state.settles && source.chance(onTime * earlySettlement[stress as Stress])) return { event: 0, seen: month + 1 }
  }
  return { event: 0, seen: 6 }
}

test.each([
  {
    regime: 0,
    stress: 0,
    vulnerability: 1,
    forgetful: false,
    pendingDays: null,
    monthOfYear: 3,
    instalmentsLeft: 12,
    settles: true,
  },
  {
    regime: 1,
    stress: 1,
    vulnerability: 1.6,
    forgetful: true,
    pendingDays: 9,
    monthOfYear: 11,
    instalmentsLeft: 3,
    settles: true,
  },
  {
    regime: 0,
    stress: 2,
    vulnerability: 0.8,
    forgetful: false,
    pendingDays: 2,
    monthOfYear: 0,
    instalmentsLeft: Number.POSITIVE_INFINITY,
    settles: false,
  },
] as const satisfies LatentState[])(
  'the true PD equals the share of drawn continuations, by Kaplan–Meier (stress $stress)',
  state => {
    const source = random(9, 'continuations', state.stress)
    const drawn = Array.from({ length: 40_000 }, () => continuation(state, source))
    let survived = 1
    truePd(state, 6).forEach((pd, index) => {
      const month = index + 1
      const atRisk = drawn.filter(one => one.seen >= month && (one.event === 0 || one.event >= month)).length
      const events = drawn.filter(one => one.event === month).length
      survived *= 1 - events / atRisk
      const error = Math.sqrt((pd * (1 - pd)) / atRisk) + 1e-9
      expect(Math.abs(pd - (1 - survived)) / error, `month ${month}`).toBeLessThan(4)
    })
  },
)

test('the true PD rises with the horizon, with stress and in a downturn', () => {
  const state: LatentState = {
    regime: 0,
    stress: 0,
    vulnerability: 1,
    forgetful: false,
    pendingDays: null,
    monthOfYear: 3,
    instalmentsLeft: 12,
    settles: true,
  }
  const last = (more: Partial<LatentState>): number => truePd({ ...state, ...more }, 6).at(-1)!
  expect(last({ stress: 2 })).toBeGreaterThan(last({ stress: 1 }))
  expect(last({ stress: 1 })).toBeGreaterThan(last({}))
  expect(last({ regime: 1 })).toBeGreaterThan(last({}))
  expect(last({ instalmentsLeft: 0 })).toBe(0)
  for (const { truth } of portfolio.slice(0, 100)) {
    for (const { pd } of truth)
      pd.forEach((value, index) => {
        expect(value).toBeGreaterThanOrEqual(pd[index - 1] ?? 0)
      })
  }
})

test('what happens to a portfolio agrees with its true probabilities, overall and by fifths of the truth', () => {
  const lastMonth = toMonth('2022-01') + options.months - 1
  const rows: { borrower: number; pd: readonly number[]; event: number; seen: number }[] = []
  const notPastDue: string[] = []
  portfolio.forEach(({ borrower, accounts, truth }, index) => {
    const builder = new HistoryBuilder()
    addLedgerBorrower(builder, borrower, accounts, {
      lastMonth,
      knownOn: monthEnd(lastMonth),
      economy: economyAsOf([]),
    })
    const { history, outcome } = builder.build()
    for (const { accountId, month, pd } of truth) {
      const account = history.accountIds.indexOf(accountId)
      const first = history.accountStart[account]!
      const row = first + month - history.month[first]!
      if (pd[0]! > 0 && !(outcome.worstDaysPastDue[row]! > 0)) notPastDue.push(`${accountId} in ${month}`)
      let [event, seen] = [0, 0]
      // The last month's payments may be recorded after the data cut, so it is no evidence.
      for (
        let k = 1;
        k <= 6 && event === 0 && row + k < history.accountStart[account + 1]! && month + k < lastMonth;
        k += 1
      ) {
        seen = k
        if (outcome.worstDaysPastDue[row + k]! >= 30) event = k
      }
      rows.push({ borrower: index, pd, event, seen })
    }
  })
  expect(rows.length).toBeGreaterThan(50_000)
  // 30 days within a month can only come of an instalment that the ledger shows as unpaid now
  expect(notPastDue).toEqual([])
  rows.sort((a, b) => a.pd[0]! - b.pd[0]!)
  // Hazard by hazard among accounts seen: what the truth is defined on. Deviations are clustered by borrower.
  for (const month of [1, 2, 3, 6]) {
    for (let fifth = -1; fifth < 5; fifth += 1) {
      const part = fifth === -1 ? rows : rows.slice((fifth * rows.length) / 5, ((fifth + 1) * rows.length) / 5)
      const byBorrower = new Map<number, number>()
      let total = 0
      for (const { borrower, pd, event, seen } of part) {
        if (seen < month || (event > 0 && event < month)) continue
        const before = month === 1 ? 0 : pd[month - 2]!
        const hazard = (pd[month - 1]! - before) / (1 - before)
        const deviation = (event === month ? 1 : 0) - hazard
        byBorrower.set(borrower, (byBorrower.get(borrower) ?? 0) + deviation)
        total += deviation
      }
      const error = Math.sqrt([...byBorrower.values()].reduce((sum, value) => sum + value * value, 0))
      expect(Math.abs(total), `month ${month}, fifth ${fifth}`).toBeLessThan(4 * error + 1e-6)
    }
  }
})
