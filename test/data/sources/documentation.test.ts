import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { labelSpecSchema } from '../../../data/index.ts'
import { fileRules, rowRules, rules, tableSchemas } from '../../../data/sources/index.ts'
import { packageFolder } from '../../../models/index.ts'

const page = (name: string): string => readFileSync(join(packageFolder(), 'docs/reference', name), 'utf8')

test('every rule is documented with its own words, and none that does not exist', () => {
  const documented = [...page('checks.md').matchAll(/^\| `([a-z-]+)` \| (.*) \|$/gm)].map(match => [match[1], match[2]])
  const known = [
    ...Object.entries(rowRules),
    ...rules.map(({ name, says }) => [name, says]),
    ...Object.entries(fileRules),
  ]
  expect(documented).toEqual(known)
})

test('every table and column is documented, and none that does not exist', () => {
  const sections = page('data.md').split(/^### /m).slice(1)
  expect(sections.map(section => section.split('\n')[0])).toEqual(Object.keys(tableSchemas))
  for (const section of sections) {
    const name = section.split('\n')[0] as keyof typeof tableSchemas
    const columns = [...section.matchAll(/^\| `(\w+)` \| .* \| (yes)? ?\|$/gm)].map(match => [
      match[1],
      match[2] === 'yes',
    ])
    expect(columns, name).toEqual(tableSchemas[name].columns.map(column => [column.name, column.required]))
  }
})

test('every part of a label definition is documented', () => {
  const documented = [...page('data.md').matchAll(/^\| `(\w+)` \| (?:\d+|all|none|false) \|/gm)].map(match => match[1])
  expect([...documented, 'version'].sort()).toEqual(Object.keys(labelSpecSchema.shape).sort())
})
