import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { InputError } from '../../../data/index.ts'
import { packageFolder, packsInForce, parseRulePack, readRulePacks } from '../../../models/index.ts'
import { packs } from './overdue-account.ts'

const file = join(packageFolder(), 'models', 'overdue', 'packs', 'cn-five-tier-loans.json')
type Json = Record<string, unknown> & { classes: { id: string; daysPastDue: { from: number; to: number | null } }[] }
const content = (): Json => JSON.parse(readFileSync(file, 'utf8')) as Json

/** What is complained of when a pack is changed. */
function complaint(change: (pack: Json) => void): string {
  const pack = content()
  change(pack)
  try {
    parseRulePack(pack, 'pack.json')
  } catch (error) {
    if (error instanceof InputError) return error.message
    throw error
  }
  return ''
}

test('every number of a shipped pack has a source, and what was not read in a text is marked as an example', () => {
  for (const pack of packs) {
    const rules = [
      pack,
      pack.materiality,
      pack.technicalOverdue,
      pack.pauses,
      ...pack.upgrades,
      pack.restructured,
      pack.reAge,
    ]
    for (const rule of rules) {
      if (rule === undefined) continue
      expect(rule.source.length, pack.id).toBeGreaterThan(10)
      if (/from memory|as an example|a choice of ours/.test(rule.source))
        expect(rule.basis, rule.source).toBe('example')
    }
  }
})

test('a pack with a gap, an overlap, no end, an unknown class or no source is refused with the field and the reason', () => {
  expect(complaint(() => {})).toBe('')
  expect(complaint(pack => Object.assign(pack.classes[2]!.daysPastDue, { from: 95 }))).toMatch(
    /pack\.json, field classes\.2\.daysPastDue\.from: expected no gap: days 91 to 94 have no class/,
  )
  expect(complaint(pack => Object.assign(pack.classes[2]!.daysPastDue, { from: 90 }))).toMatch(
    /classes\.2\.daysPastDue\.from: expected no overlap: day 90 has a class already/,
  )
  expect(complaint(pack => Object.assign(pack.classes[4]!.daysPastDue, { to: 400 }))).toMatch(
    /a last class without end/,
  )
  expect(complaint(pack => Object.assign(pack.classes[0]!.daysPastDue, { from: 1 }))).toMatch(
    /days 0 to 0 have no class/,
  )
  expect(
    complaint(pack =>
      Object.assign(pack, { restructured: { atLeast: 'watch', months: 12, source: 's', basis: 'example' } }),
    ),
  ).toMatch(/restructured\.atLeast: expected a class of this pack: normal, special-mention/)
  expect(complaint(pack => Reflect.deleteProperty(pack, 'source'))).toMatch(/field source/)
  expect(complaint(pack => Object.assign(pack, { technicalOverdue: { daysAtMost: 7 } }))).toMatch(
    /technicalOverdue\.source/,
  )
  expect(
    complaint(pack => Object.assign(pack, { technicalOverdue: { daysAtMost: -7, source: 's', basis: 'text' } })),
  ).toMatch(/technicalOverdue\.daysAtMost/)
  expect(
    complaint(pack =>
      Object.assign(pack, {
        upgrades: [{ from: 'doubtful', to: 'special-mention', months: 6, instalments: 0, source: 's', basis: 'text' }],
      }),
    ),
  ).toMatch(/upgrades\.0\.to: expected a rule from special-mention too/)
  expect(complaint(pack => Object.assign(pack, { effectiveTo: '2020-01-01' }))).toMatch(/no earlier than effectiveFrom/)
})

test('the pack in force is the one that took effect last, and products have packs of their own', () => {
  const [pack] = packs.filter(({ id }) => id === 'cn-five-tier-loans')
  if (pack === undefined) throw new Error('no pack')
  const old = { ...pack, version: 1, effectiveFrom: '2007-07-03', effectiveTo: '2023-06-30' }
  const revised = { ...pack, version: 2 }
  expect(packsInForce([old, revised], 'loan', '2023-06-30')).toEqual([old])
  expect(packsInForce([old, revised], 'loan', '2023-07-01')).toEqual([revised])
  expect(packsInForce([old, revised], 'line', '2024-01-01')).toEqual([])
  const ids = (product: 'loan' | 'line') => packsInForce(packs, product, '2026-01-01').map(({ id }) => id)
  expect(ids('loan')).toEqual(['cn-five-tier-loans', 'eu-default', 'ifrs9-stages', 'm-buckets', 'us-ffiec-closed-end'])
  expect(ids('line')).toEqual(['cn-five-tier-cards', 'eu-default', 'ifrs9-stages', 'm-buckets', 'us-ffiec-open-end'])
})

test('a folder of a lender’s own packs is read; a broken file and a pack given twice are named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'packs-'))
  writeFileSync(join(folder, 'one.json'), JSON.stringify(content()))
  expect(readRulePacks(folder).map(({ id }) => id)).toEqual(['cn-five-tier-loans'])
  writeFileSync(join(folder, 'two.json'), JSON.stringify(content()))
  expect(() => readRulePacks(folder)).toThrow(/cn-five-tier-loans version 1.*expected each pack once/)
  writeFileSync(join(folder, 'two.json'), '{')
  expect(() => readRulePacks(folder)).toThrow(/two\.json: found .*expected a rule pack as JSON/)
  expect(() => readRulePacks(join(folder, 'none'))).toThrow(/expected a folder of rule packs/)
})
