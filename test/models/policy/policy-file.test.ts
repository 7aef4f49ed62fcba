import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { InputError, type InputProblem } from '../../../data/index.ts'
import { packageFolder } from '../../../models/index.ts'
import { defaultPolicyPath, parsePolicy, pointsOf, policyJsonSchema, readPolicy } from '../../../models/policy/index.ts'

const text = readFileSync(defaultPolicyPath(), 'utf8')

/** What a policy is refused for after some text of the default is replaced. */
function problemsAfter(found: string | RegExp, replacement: string): readonly InputProblem[] {
  const changed = text.replace(found, replacement)
  expect(changed).not.toBe(text)
  try {
    parsePolicy(changed, 'policy.yaml')
  } catch (error) {
    if (error instanceof InputError) return error.problems
    throw error
  }
  throw new Error('not refused')
}

/** Line of the default policy on which a text begins. */
const lineOf = (found: string): number => text.slice(0, text.indexOf(found)).split('\n').length

test('the policy that ships is accepted', () => {
  expect(readPolicy(defaultPolicyPath()).file.name).toBe('default')
})

test('in the policy that ships every number stands under a source, and every source says what it is', () => {
  const { file } = readPolicy(defaultPolicyPath())
  const bare: string[] = []
  const visit = (value: unknown, path: string, sourced: boolean): void => {
    if (typeof value === 'number' && !sourced) bare.push(path)
    if (typeof value !== 'object' || value === null) return
    const has = sourced || 'source' in value
    for (const [key, part] of Object.entries(value)) visit(part, `${path}/${key}`, has)
  }
  for (const [key, value] of Object.entries(file)) {
    if (!['version', 'schemaVersion'].includes(key)) visit(value, key, false)
  }
  expect(bare).toEqual([])
  for (const source of Object.values(file.sources)) expect(source.says.length).toBeGreaterThan(40)
  const used = JSON.stringify({ ...file, sources: {} })
  for (const source of Object.keys(file.sources)) expect(used).toContain(`"source":"${source}"`)
})

const gradeB = '- { grade: B, from: 0.005, below: 0.01 }'
const window = "windows: [{ from: '08:00', to: '21:00' }]"

/** What is wrong, what in the default is changed for it, and the rule that must be named on the line of the change. */
const bad: readonly (readonly [string, string, string, string])[] = [
  ['an overlap of grades', gradeB, '- { grade: B, from: 0.004, below: 0.01 }', 'overlap'],
  ['a gap between grades', gradeB, '- { grade: B, from: 0.006, below: 0.01 }', 'gap'],
  ['a grade that holds nothing', gradeB, '- { grade: B, from: 0.005, below: 0.005 }', 'empty-range'],
  ['grades that end before 1', 'from: 0.2, below: 1 }\n\nwarning', 'from: 0.2, below: 0.9 }\n\nwarning', 'gap'],
  ['two grades of one name', gradeB, '- { grade: A, from: 0.005, below: 0.01 }', 'duplicate-grade'],
  ['an unknown grade', 'grades: [A, B, C, ungraded]', 'grades: [A, B, X, ungraded]', 'unknown-grade'],
  ['a gap between levels', 'level: yellow, from: 0.05', 'level: yellow, from: 0.06', 'gap'],
  ['levels out of order', 'level: yellow, from', 'level: orange, from', 'level-order'],
  [
    'a negative cost',
    'reminder: { source: example, cost: 0.1',
    'reminder: { source: example, cost: -0.1',
    'not-as-expected',
  ],
  ['a rule without a source', '{ source: example, cost: 15', '{ cost: 15', 'missing-source'],
  ['a source that is not listed', '{ source: example, cost: 15', '{ source: hearsay, cost: 15', 'missing-source'],
  ['an unknown treatment', 'treatment: self-service', 'treatment: thumbscrews', 'not-as-expected'],
  ['an unknown key', 'salt:', 'pepper: 1\n  salt:', 'unknown-key'],
  ['a window that never opens', window, "windows: [{ from: '21:00', to: '08:00' }]", 'window-never-opens'],
  ['a window of no length', window, "windows: [{ from: '08:00', to: '08:00' }]", 'window-never-opens'],
  [
    'overlapping windows',
    window,
    "windows: [{ from: '08:00', to: '12:00' }, { days: [mon], from: '11:00', to: '21:00' }]",
    'overlap',
  ],
  ['a limit that forbids everything', 'attempts: 3', 'attempts: 0', 'window-never-opens'],
  ['a time that does not exist', window, "windows: [{ from: '25:00', to: '26:00' }]", 'not-as-expected'],
  [
    'an unknown time zone',
    'zonesWhenUnknown: [Asia/Shanghai]\n  packs',
    'zonesWhenUnknown: [Asia/Atlantis]\n  packs',
    'not-as-expected',
  ],
  [
    'collecting from whoever disputes',
    'dispute: { source: stops-first, treatment: none',
    'dispute: { source: stops-first, treatment: legal',
    'stop-overridden',
  ],
  [
    'an unknown family of reasons',
    'reasonFamilies: [burden, exposure]',
    'reasonFamilies: [burden, astrology]',
    'unknown-family',
  ],
  ['more than four reasons', 'reasonsAtMost: 4', 'reasonsAtMost: 5', 'not-as-expected'],
]

test.each(bad)('%s is refused with its line and the reason', (_, found, replacement, rule) => {
  const problems = problemsAfter(found, replacement)
  const problem = problems.find(one => one.rule === rule)
  expect(problem, JSON.stringify(problems)).toBeDefined()
  const changed = text.replace(found, replacement)
  const line = changed.split('\n')[problem!.line! - 1]
  // The line holds what was written there, or is the one right beside it.
  const near = changed
    .split('\n')
    .slice(Math.max(0, problem!.line! - 3), problem!.line! + 2)
    .join('\n')
  expect(near, line).toContain(replacement.split('\n')[0]!.slice(0, 30))
  expect(problem!.expected.length).toBeGreaterThan(3)
})

test('a missing row of the treatment table is a gap, a second one an overlap; both say for whom', () => {
  const early = '    daysPastDue: { from: 8, below: 31 }'
  const [gap] = problemsAfter(early, '    daysPastDue: { from: 9, below: 31 }')
  expect(gap).toMatchObject({ rule: 'gap', expected: expect.stringContaining('8 to 8 days past due, grade A') })
  const [overlap] = problemsAfter(early, '    daysPastDue: { from: 7, below: 31 }')
  expect(overlap).toMatchObject({ rule: 'overlap', found: 'early-self-cure and early-low' })
  expect(overlap!.line).toBe(lineOf('- id: early-low'))
})

test('an exception that a former one always forestalls is refused', () => {
  const [problem] = problemsAfter(
    'when: { responses: [promised] }',
    'when: { causes: [could-not], responses: [promised] }',
  )
  expect(problem).toMatchObject({ rule: 'overlap', line: lineOf('- id: promise-open'), found: 'promise-open' })
})

test('packs that together leave no time open are refused', () => {
  const house =
    "        - { days: [mon, tue, wed, thu, fri], from: '09:00', to: '20:00' }\n        - { days: [sat], from: '10:00', to: '16:00' }\n"
  const [problem] = problemsAfter(house, "        - { from: '22:00', to: '24:00' }\n")
  expect(problem).toMatchObject({ rule: 'window-never-opens', line: lineOf(house) - 1 })
})

test('text that is no YAML is refused with its line', () => {
  const [problem] = problemsAfter('grades:\n', 'grades: [\n')
  expect(problem).toMatchObject({ rule: 'not-yaml', line: expect.any(Number) })
  expect(problemsAfter(/^name: default$/m, 'name: default\nname: twice')[0]).toMatchObject({ rule: 'not-yaml' })
})

test('the hash is of the content: layout, comments, order and notation don’t count, a number does', () => {
  const { hash } = parsePolicy(text)
  const content = parse(text) as Record<string, unknown>
  const backwards = Object.fromEntries(Object.entries(content).reverse())
  expect(parsePolicy(JSON.stringify(backwards)).hash).toBe(hash)
  expect(parsePolicy(stringify(content)).hash).toBe(hash)
  expect(parsePolicy(text.replace('cost: 15,', 'cost: 16,')).hash).not.toBe(hash)
})

test('trap: an exported scale keeps base score, base odds and PDO, so that a policy read again gives the same points', () => {
  const { scale } = parsePolicy(text).file
  const again = parsePolicy(JSON.stringify(parsePolicy(text).file)).file.scale
  for (const pd of [0.001, 0.05, 0.37]) expect(pointsOf(again, pd)).toBe(pointsOf(scale, pd))
  expect(Object.keys(again)).toEqual(expect.arrayContaining(['baseScore', 'baseOdds', 'pointsToDoubleOdds']))
})

test('trap: no number of days past due falls between two ranges and is left without a treatment', () => {
  const [problem] = problemsAfter('daysPastDue: { from: 31, below: 61 }', 'daysPastDue: { from: 31, below: 60 }')
  expect(problem).toMatchObject({ rule: 'gap', expected: expect.stringContaining('60 to 60 days past due') })
})

test('the published JSON Schema is the one that the code checks by', () => {
  const path = join(packageFolder(), 'docs/reference/policy.schema.json')
  expect(readFileSync(path, 'utf8')).toBe(`${JSON.stringify(policyJsonSchema(), null, 2)}\n`)
})
