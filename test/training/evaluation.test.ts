import { expect, test } from 'vitest'
import { random } from '../../data/index.ts'
import { evaluationSchema } from '../../models/index.ts'
import { evaluateScores, type ScoredTest } from '../../training/evaluation.ts'
import { leadTime } from '../../training/lead-time.ts'

/** Five rows over two months; the figures below are counted by hand. */
const test5: ScoredTest = {
  horizonMonths: 2,
  rows: 5,
  borrowerIndex: Int32Array.of(0, 1, 2, 3, 4),
  accountIndex: Int32Array.of(0, 1, 2, 3, 4),
  month: Int32Array.of(1, 1, 1, 1, 1),
  pd: [Float64Array.of(0.5, 0.4, 0.1, 0.2, 0.3), Float64Array.of(0.6, 0.5, 0.2, 0.3, 0.35)],
  // event in month 1; in month 2; none in 2; none in 1, then censored; event in month 1
  observedMonths: Uint8Array.of(1, 2, 2, 1, 1),
  eventMonth: Uint8Array.of(1, 2, 0, 0, 1),
  contractMonths: new Uint8Array(5).fill(2),
  truth: null,
  challenger: null,
  segments: { active: Uint8Array.of(1, 1, 1, 0, 0), none: new Uint8Array(5) },
}

test('a row counts at a horizon if its event came by then or the whole window was seen', () => {
  const { test: figures, segments } = evaluateScores(test5, { seed: 1 })
  expect(figures['1']).toMatchObject({ rows: 5, events: 2, baseRate: 2 / 5 })
  expect(figures['2']).toMatchObject({ rows: 4, events: 3 }) // the censored row is out
  // Month 1: events 0.5 and 0.3 against 0.4, 0.1, 0.2: 0.5 beats 3, 0.3 beats 2.
  expect(figures['1']?.auc).toBeCloseTo(5 / 6, 12)
  expect(figures['2']?.auc).toBe(1)
  expect(figures['1']?.brier).toBeCloseTo((0.25 + 0.16 + 0.01 + 0.04 + 0.49) / 5, 12)
  expect(segments.active?.['1']).toMatchObject({ rows: 3, events: 1 })
})

test('rows whose contract ends before the horizon count neither with their event nor without it', () => {
  // As above, but the two accounts whose event came in month 1 have a contract of one month, as the censored one has.
  const { test: figures } = evaluateScores({ ...test5, contractMonths: Uint8Array.of(1, 2, 2, 1, 1) }, { seed: 1 })
  expect(figures['1']).toMatchObject({ rows: 5, events: 2 })
  expect(figures['2']).toMatchObject({ rows: 2, events: 1 })
})

test('at six months whoever knows the instalments left of loans that pay alike knows nothing', () => {
  const source = random(8, 'loans')
  const rows = 4000
  const [observed, event, contract] = [new Uint8Array(rows), new Uint8Array(rows), new Uint8Array(rows)]
  for (let row = 0; row < rows; row += 1) {
    contract[row] = 1 + source.integer(12)
    for (let month = 1; month <= Math.min(6, contract[row]!) && event[row] === 0; month += 1) {
      observed[row] = month
      if (source.chance(0.04)) event[row] = month
    }
  }
  const pd = Array.from({ length: 6 }, () => Float64Array.from(contract, months => 1 / (1 + months)))
  const all = new Int32Array(rows)
  const scored: ScoredTest = {
    ...test5,
    horizonMonths: 6,
    rows,
    borrowerIndex: Int32Array.from(all.keys()),
    accountIndex: Int32Array.from(all.keys()),
    month: all,
    pd,
    observedMonths: observed,
    eventMonth: event,
    contractMonths: Uint8Array.from(contract, months => Math.min(6, months)),
    segments: {},
  }
  const auc = (given: ScoredTest): number => evaluateScores(given, { seed: 1, intervals: false }).test['6']!.auc!
  // Three standard errors of an AUC of 0.5 with some 500 events among 2,300 rows are 0.04.
  expect(Math.abs(auc(scored) - 0.5)).toBeLessThan(0.04)
  expect(auc({ ...scored, contractMonths: new Uint8Array(rows).fill(6) })).toBeGreaterThan(0.6)
})

test('one class only gives null figures, not invented ones', () => {
  const { segments } = evaluateScores(test5, { seed: 1 })
  expect(segments.none?.['1']).toMatchObject({
    rows: 0,
    events: 0,
    auc: null,
    ks: null,
    baseRate: null,
    intervals: {},
  })
})

test('the truth is judged beside the model on the rows where it is known', () => {
  const truth = [Float64Array.of(0.9, 0.1, 0.1, 0.1, Number.NaN), Float64Array.of(0.95, 0.9, 0.2, 0.2, Number.NaN)]
  const { truth: beside } = evaluateScores({ ...test5, truth }, { seed: 1 })
  expect(beside?.truth['1']).toMatchObject({ rows: 4, auc: 1 })
  expect(beside?.model['1']).toMatchObject({ rows: 4, auc: 1 })
  expect(beside?.attainedGini['1']).toBe(1)
})

/** Many rows; `copies` of each borrower's row. */
function clustered(borrowers: number, copies: number): ScoredTest {
  const source = random(3, 'rows')
  const logit = Float64Array.from({ length: borrowers }, () => source.normal() - 1)
  const event = Uint8Array.from(logit, z => (source.chance(1 / (1 + Math.exp(-z))) ? 1 : 0))
  const rows = borrowers * copies
  const of = (row: number): number => Math.floor(row / copies)
  return {
    ...test5,
    horizonMonths: 1,
    rows,
    borrowerIndex: Int32Array.from({ length: rows }, (_, row) => of(row)),
    accountIndex: Int32Array.from({ length: rows }, (_, row) => of(row)),
    month: new Int32Array(rows),
    pd: [Float64Array.from({ length: rows }, (_, row) => 1 / (1 + Math.exp(-logit[of(row)]!)))],
    observedMonths: new Uint8Array(rows).fill(1),
    contractMonths: new Uint8Array(rows).fill(1),
    eventMonth: Uint8Array.from({ length: rows }, (_, row) => event[of(row)]!),
    segments: {},
  }
}

test('copies of a borrower’s row make no interval narrower, because borrowers are drawn whole', () => {
  const width = (scored: ScoredTest): number => {
    const [low, high] = evaluateScores(scored, { seed: 5 }).test['1']!.intervals.auc!
    return high! - low!
  }
  const [once, fourfold] = [width(clustered(500, 1)), width(clustered(500, 4))]
  expect(fourfold / once).toBeGreaterThan(0.8)
  expect(once).toBeGreaterThan(0.03) // Hanley & McNeil give a standard error of about 0.025 here
  expect(once).toBeLessThan(0.16)
})

test('intervals hold the figure, repeat with the seed, and fit the schema', () => {
  const scored = clustered(400, 2)
  const evaluation = evaluateScores(scored, { seed: 5 })
  expect(evaluateScores(scored, { seed: 5 })).toEqual(evaluation)
  const figures = evaluation.test['1']!
  for (const name of ['auc', 'ks', 'brier', 'logLoss', 'calibrationSlope', 'captureTop10'] as const) {
    const [low, high] = figures.intervals[name]!
    expect(low, name).toBeLessThanOrEqual(figures[name]! + 0.01)
    expect(high, name).toBeGreaterThanOrEqual(figures[name]! - 0.01)
  }
  expect(evaluationSchema.parse(evaluation)).toEqual(evaluation)
})

test('lead time runs from an account’s first warning to its event', () => {
  // Twenty rows; account 0 is at 0.9 in months 1 and 2 and has its event in month 4; account 1 is never near the top.
  const rows = 20
  const scored: ScoredTest = {
    ...test5,
    horizonMonths: 3,
    rows,
    borrowerIndex: Int32Array.from({ length: rows }, (_, row) => row),
    accountIndex: Int32Array.from({ length: rows }, (_, row) => (row < 2 ? 0 : row < 4 ? 1 : row)),
    month: Int32Array.from({ length: rows }, (_, row) => 1 + (row % 2)),
    pd: [1, 2, 3].map(() => Float64Array.from({ length: rows }, (_, row) => (row < 2 ? 0.9 : 0.1 - row / 1000))),
    observedMonths: new Uint8Array(rows).fill(3),
    eventMonth: Uint8Array.from({ length: rows }, (_, row) => [3, 2, 3, 2][row] ?? 0),
    segments: {},
  }
  expect(leadTime(scored)[1]).toMatchObject({ share: 0.1, events: 2, warned: 1, medianMonths: 3, byMonths: [0, 0, 1] })
})
