import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  armOf,
  type CompiledPolicy,
  compilePolicy,
  type DecisionFacts,
  decide,
  defaultPolicyPath,
  type PolicyFile,
  readPolicy,
  stopNames,
  treatmentNames,
  uplift,
} from '../../../models/policy/index.ts'

const shipped = readPolicy(defaultPolicyPath())
/** The policy that ships without a hold-out arm, changed as a test needs it. */
const changed = (change: Partial<PolicyFile>): CompiledPolicy =>
  compilePolicy({ ...shipped, file: { ...shipped.file, holdOut: { ...shipped.file.holdOut, share: 0 }, ...change } })
const policy = changed({})

const facts: DecisionFacts = {
  borrowerId: 'b1',
  accountId: 'a1',
  day: 20_000,
  pd: [0.001, 0.002, 0.003, 0.004, 0.005, 0.006],
  daysPastDue: 0,
  classes: {},
  technical: false,
  partialPayments: 0,
  brokenPromises: 0,
  response: 'none',
  reasonFamily: null,
  product: null,
  stops: [],
  previous: null,
  budgetCutoff: null,
  contact: {
    at: Date.parse('2026-06-03T04:00:00Z'), // a Wednesday, noon in Shanghai
    jurisdiction: null,
    timeZone: null,
    consents: [],
    refusals: [],
    attempts: [],
  },
}
/** Facts with the same PD at every horizon. */
const at = (pd: number | null, more: Partial<DecisionFacts> = {}): DecisionFacts => ({
  ...facts,
  pd: pd === null ? null : Array<number>(6).fill(pd),
  ...more,
})
const treatment = (pd: number | null, more: Partial<DecisionFacts> = {}): string =>
  decide(policy, at(pd, more)).decision.treatment.name

describe('treatment', () => {
  test('low risk on time is left alone, middle risk is reminded, high risk is called in care', () => {
    expect([0.003, 0.03, 0.15, 0.3].map(pd => treatment(pd))).toEqual(['none', 'reminder', 'care-call', 'care-call'])
  })

  test('low risk gets a week to cure itself', () => {
    expect([1, 7, 8].map(daysPastDue => treatment(0.003, { daysPastDue }))).toEqual(['none', 'none', 'reminder'])
  })

  test('beyond what the model predicts days past due decide, and the courts only after a signature', () => {
    expect([31, 61, 121, 181].map(daysPastDue => treatment(null, { daysPastDue }))).toEqual([
      'human-collection',
      'specialist',
      'external',
      'legal',
    ])
    const { decision } = decide(policy, at(null, { daysPastDue: 400 }))
    expect(decision).toMatchObject({ grade: null, points: null, treatment: { name: 'legal', signOff: true } })
  })

  test('could not, cannot, will not: technical faults go to care, part payers to a plan, breakers of promises to people', () => {
    const late = { daysPastDue: 40 }
    expect(treatment(null, { ...late, technical: true })).toBe('care-call')
    expect(treatment(null, { ...late, partialPayments: 1 })).toBe('instalment-plan')
    expect(decide(policy, at(null, { ...late, brokenPromises: 2 })).decision.cause).toBe('will-not')
    expect(treatment(null, { ...late, brokenPromises: 2 })).toBe('human-collection')
    expect(treatment(null, { ...late, response: 'promised' })).toBe('none')
    // The model's word alone makes nobody unwilling.
    expect(decide(policy, at(0.99, { daysPastDue: 29, reasonFamily: 'lateness' })).decision.cause).toBe('unknown')
  })

  test('the stop list goes before everything, whatever else holds', () => {
    let decided = 0
    fc.assert(
      fc.property(
        fc.subarray([...stopNames], { minLength: 1 }),
        fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
        fc.integer({ min: 0, max: 500 }),
        fc.boolean(),
        fc.integer({ min: 0, max: 3 }),
        (stops, pd, daysPastDue, technical, brokenPromises) => {
          const { decision } = decide(policy, at(pd, { stops, daysPastDue, technical, brokenPromises }))
          const rule = decision.treatment.rule
          expect(rule.startsWith('stops.')).toBe(true)
          expect(decision.treatment.name).toBe(shipped.file.stops[rule.slice(6) as (typeof stops)[number]].treatment)
          expect(decision.treatment.purpose).not.toBe('collection')
          decided += 1
        },
      ),
    )
    expect(decided).toBe(100)
  })

  test('every case has a treatment, and the rule that chose it is named', () => {
    fc.assert(
      fc.property(fc.option(fc.double({ min: 0, max: 1, noNaN: true })), fc.nat(2000), (pd, daysPastDue) => {
        const { decision } = decide(policy, at(pd, { daysPastDue }))
        expect(treatmentNames).toContain(decision.treatment.name)
        const [list, id] = decision.treatment.rule.split('.') as ['table' | 'exceptions', string]
        const rule = shipped.file[list].find(one => one.id === id)
        expect(rule?.treatment).toBe(decision.treatment.name)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('grade, points and level', () => {
  test('are read off PD within three months', () => {
    const pd = [0.01, 0.02, 0.06, 0.1, 0.2, 0.3]
    const { decision } = decide(policy, { ...facts, pd })
    // Odds (1 − 0.06) : 0.06 = 15.67; 600 + 20 × log2(15.67 / 20) = 592.96.
    expect(decision).toMatchObject({ grade: 'E', points: 593, warningLevel: 'yellow' })
    expect(decision.horizonMonths).toEqual({ grade: 3, warning: 3 })
  })

  test('a model that looks less far is read at its own end', () => {
    expect(decide(policy, { ...facts, pd: [0.06] }).decision.horizonMonths).toEqual({ grade: 1, warning: 1 })
  })

  test('a sudden rise lifts the level by one at once', () => {
    const first = decide(policy, at(0.03))
    expect(first.decision.warningLevel).toBe('blue')
    const next = (pd: number) => decide(policy, at(pd, { day: 20_030, previous: first.state })).decision.warningLevel
    expect(next(0.0599)).toBe('blue') // not twice as much; and beyond 5 % by less than a fifth
    expect(next(0.061)).toBe('orange') // 2.03 times and 3.1 points more: one above yellow
  })

  test('a decision of the same day or of a later one is no past', () => {
    const { state } = decide(policy, at(0.3))
    const alone = decide(policy, at(0.051)).decision
    expect(decide(policy, at(0.051, { previous: state })).decision).toEqual(alone)
  })

  test('within the budget, only those above the cut-off are warned', () => {
    const short = changed({ warning: { ...shipped.file.warning, budget: { warnings: 10, from: 'yellow' } } })
    const level = (pd: number, budgetCutoff: number | null) =>
      decide(short, at(pd, { budgetCutoff })).decision.warningLevel
    expect([0.06, 0.12, 0.15, 0.3].map(pd => level(pd, null))).toEqual(['yellow', 'orange', 'orange', 'red'])
    expect([0.06, 0.12, 0.15, 0.3].map(pd => level(pd, 0.14))).toEqual(['blue', 'blue', 'orange', 'red'])
  })
})

describe('the hold-out arm', () => {
  test('is the same for all accounts of a borrower, of about the share asked for, and drawn anew by another salt', () => {
    const file = { ...shipped.file, holdOut: { ...shipped.file.holdOut, share: 0.1 } }
    const other = { ...file, holdOut: { ...file.holdOut, salt: 'other' } }
    const ids = Array.from({ length: 20_000 }, (_, id) => `borrower-${id}`)
    const held = ids.filter(id => armOf(file, id) === 'hold-out')
    // 2,000 expected, standard deviation √(20,000 × 0.1 × 0.9) = 42.
    expect(Math.abs(held.length - 2000)).toBeLessThan(4 * 42)
    const both = held.filter(id => armOf(other, id) === 'hold-out').length
    expect(Math.abs(both - 200)).toBeLessThan(4 * Math.sqrt(2000 * 0.1 * 0.9))
  })

  test('leaves untreated what may be, says what was held back, and never leaves a technical fault as it is', () => {
    const all = changed({ holdOut: { ...shipped.file.holdOut, share: 0.5 } })
    const borrowerId = Array.from({ length: 50 }, (_, id) => `b${id}`).find(id => armOf(all.file, id) === 'hold-out')!
    const of = (more: Partial<DecisionFacts>) => decide(all, at(0.15, { borrowerId, ...more })).decision.treatment
    expect(of({})).toMatchObject({ name: 'none', withheld: 'care-call', arm: 'hold-out', purpose: null })
    expect(of({ technical: true, daysPastDue: 3 })).toMatchObject({ name: 'care-call', withheld: null })
    expect(of({ daysPastDue: 40, pd: null })).toMatchObject({ name: 'human-collection', withheld: null })
  })

  test('its uplift has Newcombe’s interval', () => {
    // Newcombe (1998), table II, example (a): 56/70 against 48/80, method 10: 0.0524 to 0.3339.
    const { difference, interval, told } = uplift({ accounts: 80, events: 48 }, { accounts: 70, events: 56 })
    expect(difference).toBeCloseTo(0.2, 12)
    expect(interval![0]).toBeCloseTo(0.0524, 4)
    expect(interval![1]).toBeCloseTo(0.3339, 4)
    expect(told).toBe(true)
    expect(uplift({ accounts: 0, events: 0 }, { accounts: 5, events: 1 })).toMatchObject({
      difference: null,
      told: false,
    })
  })
})

describe('credit', () => {
  const cutting = changed({
    credit: { ...shipped.file.credit, actions: { ...shipped.file.credit.actions, red: 'reduce' } },
  })
  const credit = (pd: number, daysPastDue: number) => decide(cutting, at(pd, { daysPastDue })).decision.credit

  test('cutting a current borrower on an alert is adverse action, with notice within thirty days', () => {
    expect(credit(0.3, 0)).toEqual({ action: 'reduce', adverseAction: true, noticeDays: 30 })
    expect(credit(0.1, 0)).toEqual({ action: 'none', adverseAction: false, noticeDays: null })
  })

  test('acting on an account because it is delinquent is not', () => {
    expect(credit(0.3, 10)).toEqual({ action: 'reduce', adverseAction: false, noticeDays: null })
  })
})

test('the same policy and facts give the same bytes, after any other decision', () => {
  const once = JSON.stringify(decide(policy, at(0.15, { daysPastDue: 12, reasonFamily: 'burden' })))
  for (let pd = 0; pd < 1; pd += 0.1) decide(policy, at(pd, { borrowerId: `b${pd}` }))
  const copy = JSON.parse(JSON.stringify(at(0.15, { daysPastDue: 12, reasonFamily: 'burden' }))) as DecisionFacts
  expect(JSON.stringify(decide(compilePolicy(policy), copy))).toBe(once)
})

test('the permit is for the treatment’s first channel that is open, else for the one that opens soonest', () => {
  const night = { contact: { ...facts.contact, at: Date.parse('2026-06-03T15:00:00Z') } } // 23:00 in Shanghai
  expect(decide(policy, at(0.03)).decision.permit).toMatchObject({ permitted: true, channel: 'app' })
  expect(decide(policy, at(0.15, night)).decision.permit).toMatchObject({
    permitted: false,
    channel: 'call',
    rule: { pack: 'china-strict', id: 'window' },
    nextPermittedAt: '2026-06-04T01:00:00.000Z', // 9:00, by the house rule
  })
  expect(decide(policy, at(0.003)).decision.permit).toBeNull()
})
