import { expect, test } from 'vitest'
import { addMonths, formatDay, InputError, type LedgerAccount, toDay } from '../../../data/index.ts'
import {
  applyPlan,
  classifyAccount,
  debtOf,
  Exact,
  planSearchSchema,
  reAgeVerdicts,
  readRulePacks,
  searchPlans,
  type WhatIf,
  whatIf,
} from '../../../models/index.ts'
import { account } from '../../data/ledger.ts'

const packs = readRulePacks()
const asOf = toDay('2024-06-20')
const search = (fields: object) => planSearchSchema.parse({ affordability: 1e6, ...fields })

/** 1,200 at 1 % a month over 12 months: 106.62 each (1200 · 0.01 / (1 − 1.01⁻¹²)), paid until March. */
function loan(paidUntil = 2): LedgerAccount {
  const opened = toDay('2024-01-10')
  return account(
    Array.from({ length: 12 }, (_, place) => ({
      instalmentId: `i${place + 1}`,
      dueOn: formatDay(addMonths(opened, place + 1)),
      amountDue: place === 11 ? 106.6 : 106.62,
      issuedOn: '2024-01-10',
    })),
    Array.from({ length: paidUntil }, (_, place) => ({
      paidOn: formatDay(addMonths(opened, place + 1)),
      amount: 106.62,
    })),
    { openedOn: '2024-01-10', creditLimit: 1200 },
  )
}

const context = { asOf, currency: 'EUR', packs }

test('the original effective rate is told from the first schedule', () => {
  const debt = debtOf(loan(), { agreedOn: asOf, currency: 'EUR' })
  expect(debt.effectiveRate.toNumber()).toBeCloseTo(1.01 ** 12 - 1, 3) // actual days differ a little from months
  expect(debt.owed).toHaveLength(10)
  expect(debtOf(loan(), { agreedOn: asOf, currency: 'EUR', nominalRate: 0.12 }).effectiveRate.toNumber()).toBeCloseTo(
    1.01 ** 12 - 1,
    12,
  )
})

test('no plan asks for more than can be afforded, and none is found where none can be', async () => {
  for (const affordability of [25, 60, 106.62, 400]) {
    const { plans } = await whatIf(loan(), { ...context, search: search({ affordability, plansAtMost: 20 }) })
    expect(plans.length).toBeGreaterThan(0)
    for (const plan of plans)
      for (const { payment } of plan.instalments) expect(payment).toBeLessThanOrEqual(affordability)
  }
  const { plans } = await whatIf(loan(), { ...context, search: search({ affordability: 5 }) })
  expect(plans).toEqual([])
})

test('each plan is the shortest at its rate and holiday', () => {
  const debt = debtOf(loan(), { agreedOn: asOf, currency: 'EUR' })
  const [plan] = searchPlans(debt, search({ affordability: 60, rateCuts: [0], holidaysAtMost: 0 }))
  const count = plan?.instalments.length ?? 0
  // one instalment fewer would come to more than 60 each, even without interest on what is owed
  const { principal, monthlyRate } = plan as NonNullable<typeof plan>
  const level = (n: number): number =>
    principal
      .mul(monthlyRate)
      .div(new Exact(1).minus(monthlyRate.plus(1).pow(-n)))
      .toNumber()
  expect(level(count)).toBeLessThanOrEqual(60.005)
  expect(level(count - 1)).toBeGreaterThan(60)
})

test('at the original rate the lender loses nothing; without interest it loses more than 1 %, and the plan says so', async () => {
  const { plans, owed } = await whatIf(loan(), { ...context, search: search({ affordability: 60, holidaysAtMost: 0 }) })
  expect(plans.map(({ rateCut }) => rateCut)).toEqual([0, 0.25, 0.5, 1])
  const [same, , , free] = plans
  expect(Math.abs(same?.npvLoss ?? 1)).toBeLessThan(0.001)
  expect(same?.withinNpvLimit).toBe(true)
  expect(free?.totalInterest).toBe(0)
  expect(free?.totalPayment).toBe(owed)
  expect(free?.npvLoss).toBeGreaterThan(0.05)
  expect(free?.withinNpvLimit).toBe(false)
  const byHand = (free?.instalments ?? []).reduce(
    (sum, { dueOn, payment }) => sum + payment * 1.1268 ** (-(toDay(dueOn) - asOf) / 365),
    0,
  )
  expect(free?.npvLoss).toBeCloseTo(1 - byHand / owed, 3)
})

test('what is owed is the arrears in full and the rest at its present value', async () => {
  const { owed } = await whatIf(loan(), { ...context, nominalRate: 0, search: search({ affordability: 500 }) })
  expect(owed).toBe(1066.18) // 9 · 106.62 + 106.60, at a rate of 0
  const { owed: discounted } = await whatIf(loan(), { ...context, search: search({ affordability: 500 }) })
  expect(discounted).toBeLessThan(1066.18)
  expect(discounted).toBeGreaterThan(1066.18 * 1.1268 ** -0.5)
})

test('the classes after a plan: current at once in the buckets, on probation where a clock says so', async () => {
  const { plans } = await whatIf(loan(), { ...context, search: search({ affordability: 60, holidaysAtMost: 0 }) })
  const of = (plan: WhatIf['plans'][number] | undefined, pack: string) => plan?.classes.find(one => one.pack === pack)
  const [same, , , free] = plans
  // the instalment of 10 April is 71 days past due
  expect(of(same, 'm-buckets')).toEqual({
    pack: 'm-buckets',
    classBefore: 'M3',
    classAfter: 'M0',
    mildestFrom: '2024-06-20',
  })
  expect(of(same, 'ifrs9-stages')).toMatchObject({
    classBefore: 'stage-2',
    classAfter: 'stage-2',
    mildestFrom: '2025-06-20',
  })
  expect(of(same, 'eu-default')).toMatchObject({ classBefore: 'not-in-default', classAfter: 'not-in-default' })
  expect(of(free, 'eu-default')).toMatchObject({ classAfter: 'in-default', mildestFrom: '2025-06-20' }) // NPV loss > 1 %
})

test('an account with a plan keeps its past, owes the plan, and counts no payment twice', () => {
  const partly = loan()
  const one = {
    ...partly,
    payments: [...partly.payments, { paymentId: 'part', paidOn: '2024-04-20', amount: 50, outcome: 'paid' as const }],
  }
  const debt = debtOf(one, { agreedOn: asOf, currency: 'EUR' })
  const [plan] = searchPlans(debt, search({ affordability: 100, rateCuts: [0], holidaysAtMost: 0 }))
  if (plan === undefined) throw new Error('no plan')
  const after = applyPlan(one, plan, asOf, false)
  const status = (of: LedgerAccount, day: string, knownOn = day) =>
    classifyAccount(of, { asOf: toDay(day), knownOn: toDay(knownOn), packs, currency: 'EUR' })
  expect(status(after, '2024-06-19', '2024-06-20')).toMatchObject({ daysPastDue: 70, arrears: 269.86 }) // 3 · 106.62 − 50
  expect(status(after, '2024-06-20').daysPastDue).toBe(0)
  expect(status(after, '2024-06-20').exposure).toBe(plan.totalPayment.toNumber())
  const kept = applyPlan(one, plan, asOf, true)
  expect(status(kept, formatDay(plan.instalments.at(-1)?.dueOn ?? 0)).exposure).toBe(0)
})

test('re-age limits: months on book, payments lately, and how often before', () => {
  const line = (
    fields: Partial<LedgerAccount>,
    payments: { paidOn: string; amount: number }[],
    cancelledOn: string[] = [],
  ) =>
    account(
      [
        ...cancelledOn.map(on => ({
          dueOn: '2023-12-01',
          amountDue: 50,
          balance: 500,
          issuedOn: '2023-11-11',
          cancelledOn: on,
        })),
        ...[3, 4, 5, 6].map(month => ({
          dueOn: `2024-0${month}-10`,
          amountDue: 50,
          balance: 500,
          issuedOn: `2024-0${month}-01`,
        })),
      ],
      payments,
      fields,
    )
  const three = [4, 5, 6].map(month => ({ paidOn: `2024-0${month}-11`, amount: 50 }))
  const verdict = (one: LedgerAccount) =>
    reAgeVerdicts(
      packs.filter(({ reAge }) => reAge !== undefined),
      one,
      asOf,
    )[0]
  expect(verdict(line({ openedOn: '2023-09-20' }, three))).toMatchObject({ allowed: true, against: [] })
  expect(verdict(line({ openedOn: '2023-09-21' }, three))?.against).toEqual(['open for 8 months, expected at least 9'])
  expect(verdict(line({ openedOn: '2023-01-01' }, three.slice(1)))?.against).toEqual([
    '2 instalments’ worth paid in the last 3 months, expected at least 3',
  ])
  expect(verdict(line({ openedOn: '2023-01-01' }, [{ paidOn: '2024-06-01', amount: 150 }]))?.allowed).toBe(true) // a sum at once
  expect(verdict(line({ openedOn: '2020-01-01' }, three, ['2023-06-21']))?.against).toEqual([
    're-aged 1 times in 12 months already, expected at most 1 with this one',
  ])
  expect(verdict(line({ openedOn: '2015-01-01' }, three, ['2020-01-01', '2022-01-01']))?.against).toEqual([
    're-aged 2 times in 60 months already, expected at most 2 with this one',
  ])
})

test('a line is planned for all that is owed on it, and needs its rate', () => {
  const line = account(
    [{ dueOn: '2024-06-10', amountDue: 50, balance: 500, issuedOn: '2024-06-01' }],
    [{ paidOn: '2024-06-12', amount: 20 }],
    {
      creditLimit: 1000,
    },
  )
  expect(
    debtOf(line, { agreedOn: asOf, currency: 'EUR', nominalRate: 0.2 }).owed.map(({ amount }) => amount.toNumber()),
  ).toEqual([480])
  expect(() => debtOf(line, { agreedOn: asOf, currency: 'EUR' })).toThrow(
    /nominalRate: expected the contract’s nominal yearly rate/,
  )
  expect(() =>
    debtOf(account([{ dueOn: '2024-01-10', amountDue: 1 }], [{ paidOn: '2024-01-10', amount: 1 }]), {
      agreedOn: asOf,
      currency: 'EUR',
    }),
  ).toThrow(InputError)
})

test('PD is asked for the history without a plan and with each, and marked as associational', async () => {
  const asked: (readonly LedgerAccount[])[] = []
  const result = await whatIf(loan(), {
    ...context,
    search: search({ affordability: 60 }),
    rescore: accounts => {
      asked.push(accounts)
      return Promise.resolve(accounts.map((_, place) => [{ months: 1, probability: place / 100 }]))
    },
  })
  expect(asked).toHaveLength(1)
  expect(asked[0]).toHaveLength(result.plans.length + 1)
  expect(result.pd).toEqual([{ months: 1, probability: 0 }])
  expect(result.plans[1]?.pd).toEqual([{ months: 1, probability: 0.02 }])
  expect(result.rescoring.kind).toBe('associational')
  expect(result.rescoring.cannotKnow.length).toBeGreaterThan(2)
  // the plan stands at the end of May, the last month that had ended
  expect(asked[0]?.[1]?.instalments.find(({ instalmentId }) => instalmentId === 'i4')?.cancelledOn).toBe('2024-05-31')
})
