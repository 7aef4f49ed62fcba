import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { toMonth } from '../../data/index.ts'
import { compilePolicy, defaultPolicyPath, packageFolder, readPolicy } from '../../models/index.ts'
import type { PastCase } from '../../training/policy/past-decisions.ts'
import { simulatePolicy } from '../../training/policy/simulate-policy.ts'

const shipped = readPolicy(defaultPolicyPath())
const open = { ...shipped.file, holdOut: { ...shipped.file.holdOut, share: 0 } }
const policy = compilePolicy({ ...shipped, file: open })
const start = toMonth('2026-01')

const past = (accountId: string, month: number, pd: number | null, more: Partial<PastCase> = {}): PastCase => ({
  borrowerId: accountId,
  accountId,
  month: start + month,
  pd: pd === null ? null : [pd, pd, pd],
  daysPastDue: 0,
  exposure: 10_000,
  partialPayments: 0,
  reasonFamily: null,
  product: null,
  eventMonth: 0,
  ...more,
})

test('treatments, cost, warnings and lead time of a past that can be followed by hand', () => {
  const cases = [
    past('calm', 0, 0.003),
    past('calm', 1, 0.003),
    past('warned', 0, 0.15, { eventMonth: 3 }), // care call, event in April
    past('warned', 1, 0.15, { eventMonth: 2 }),
    past('missed', 0, 0.01, { eventMonth: 2 }),
    past('missed', 1, 0.01, { eventMonth: 1 }),
    past('alarm', 0, 0.3),
    past('overdue', 1, null, { daysPastDue: 40, eventMonth: null }),
  ].sort((a, b) => a.month - b.month)
  const result = simulatePolicy(policy, cases, 1)
  expect(result.treatments).toEqual([
    { treatment: 'none', decisions: 4, accounts: 2, cost: '0.00', events: 2, known: 4, withheld: 0 },
    { treatment: 'care-call', decisions: 3, accounts: 2, cost: '45.00', events: 2, known: 3, withheld: 0 },
    { treatment: 'human-collection', decisions: 1, accounts: 1, cost: '20.00', events: 0, known: 0, withheld: 0 },
  ])
  expect(result.cost).toBe('65.00')
  expect(result.warnings).toEqual({
    from: 'yellow',
    events: 2,
    warned: 1,
    leadMonths: { p25: 3, median: 3, p75: 3 },
    falseAlarms: 1,
  })
  // January: 0.3 × 10,000 × 0.6 × 0.2 − 15 = 345 is served, 0.15 × … − 15 = 165 is not.
  expect(result.months[0]).toMatchObject({
    month: '2026-01',
    accounts: 4,
    levels: { blue: 2, yellow: 0, orange: 1, red: 1 },
    worklist: { served: 1, expectedSaving: '345.00', unserved: 1, unservedSaving: '165.00' },
  })
})

test('the alert budget is kept: no more warnings than people', () => {
  const budget = { warnings: 10, from: 'yellow' as const }
  const short = compilePolicy({ ...shipped, file: { ...open, warning: { ...open.warning, budget } } })
  const cases = Array.from({ length: 100 }, (_, id) => past(`a${id}`, 0, 0.05 + id / 200))
  const [month] = simulatePolicy(short, cases, 0).months
  expect(month?.levels.blue).toBe(90)
  expect(month?.budgetCutoff).toBeCloseTo(0.05 + 90 / 200, 12)
})

test('the hold-out arm and the treated differ by what treating does', () => {
  const half = compilePolicy({ ...shipped, file: { ...open, holdOut: { ...open.holdOut, share: 0.5 } } })
  // Treated 10 % come to the event, untreated 30 %: by the decision that the policy takes about each.
  const cases = Array.from({ length: 2000 }, (_, id) => {
    const one = past(`a${id}`, 0, 0.15)
    const treated = simulatePolicy(half, [one], 0).treatments.some(
      ({ treatment, decisions }) => treatment === 'care-call' && decisions > 0,
    )
    return { ...one, eventMonth: id % 10 < (treated ? 1 : 3) ? 1 : 0 }
  })
  const found = simulatePolicy(half, cases, 0).holdOut.find(({ treatment }) => treatment === 'care-call')!
  expect(found.uplift.told).toBe(true)
  expect(found.uplift.interval![0]).toBeLessThan(0.2)
  expect(found.uplift.interval![1]).toBeGreaterThan(0.2)
})

test('harbinger policy: a sound policy ends with 0, a bad one with 2, its line and the reason; diff names what changed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'harbinger-policy-'))
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [join(packageFolder(), 'dist/training/cli.js'), 'policy', ...args], {
      encoding: 'utf8',
    })
  try {
    const text = readFileSync(defaultPolicyPath(), 'utf8')
    const [bad, other] = [join(folder, 'bad.yaml'), join(folder, 'other.yaml')]
    writeFileSync(bad, text.replace('cost: 15', 'cost: -15'))
    writeFileSync(other, text.replace('treatment: reminder', 'treatment: education'))
    expect(run('check')).toMatchObject({ status: 0, stdout: expect.stringContaining(shipped.hash) })
    const refused = run('check', bad)
    const line = text.slice(0, text.indexOf('cost: 15')).split('\n').length
    expect(refused).toMatchObject({ status: 2, stdout: '' })
    expect(refused.stderr).toMatch(`bad.yaml, line ${line}, field treatments.care-call.cost: found "-15"`)
    expect(run('show').stdout).toContain('## Contact')
    expect(run('diff', defaultPolicyPath(), other).stdout).toBe(
      'table.on-time-middle.treatment: "reminder" → "education"\n',
    )
    expect(run('diff', other, other).stdout).toBe('Both say the same.\n')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
