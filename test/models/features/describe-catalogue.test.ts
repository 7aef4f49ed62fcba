import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  above,
  acrossOtherAccountsEver,
  both,
  catalogue,
  clamp,
  column,
  count,
  describeCatalogue,
  describeExpression,
  ever,
  inState,
  last,
  max,
  monthsSinceFirstSeen,
  not,
  stateName,
} from '../../../models/features/index.ts'

const page = new URL('../../../docs/reference/features.md', import.meta.url)

test('docs/reference/features.md is what the catalogue says', () => {
  const described = describeCatalogue(catalogue)
  if (process.env.HARBINGER_WRITE_DOCS === '1') writeFileSync(page, described)
  expect(
    readFileSync(page, 'utf8') === described,
    'write it anew: HARBINGER_WRITE_DOCS=1 npx vitest run test/models/features/describe-catalogue.test.ts',
  ).toBe(true)
})

test('the page names every feature once, in the section of its family', () => {
  const headings = describeCatalogue(catalogue)
    .split('\n')
    .filter(line => line.startsWith('### '))
  expect(headings.toSorted()).toEqual(catalogue.map(feature => `### \`${feature.name}\``).toSorted())
})

test('an expression reads like its sentence', () => {
  const late = above(column('daysPastDue'), 0)
  expect(describeExpression(count(last(6), late))).toBe('count(last 6, daysPastDue > 0)')
  expect(describeExpression(count(ever, both(late, not(inState('settled')))))).toBe(
    'count(ever, (daysPastDue > 0 and not(state = 1)))',
  )
  expect(describeExpression(clamp(monthsSinceFirstSeen, 0, 36))).toBe('clamp(monthsSinceFirstSeen, 0, 36)')
  expect(describeExpression(acrossOtherAccountsEver('max', max(ever, column('balance'))))).toBe(
    'max across other accounts, ended ones too(max(ever, balance))',
  )
  expect(describeExpression(stateName(column('state')))).toBe('name of state (open, settled, dormant)')
})
