import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { type AccountFacts, HistoryBuilder } from '../../../data/index.ts'
import { evaluate, parseFeatures } from '../../../models/features/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'harbinger-guide-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const root = new URL('../../../', import.meta.url)

test('the feature of docs/guides/add-a-feature.md is one, and counts what the guide says', async () => {
  const guide = readFileSync(new URL('docs/guides/add-a-feature.md', root), 'utf8')
  const code = /```ts\n(.*?)```/s.exec(guide)?.[1] ?? ''
  const file = join(folder, 'my-features.ts')
  writeFileSync(file, code.replaceAll("from './", `from '${root.href.replace('file://', '')}`))
  const module: { features?: unknown } = await import(pathToFileURL(file).href)
  const features = parseFeatures(module.features, 'my-features.ts')
  expect(features.map(feature => feature.name)).toEqual(['short_payment_months_6m'])

  const facts: AccountFacts = {}
  const builder = new HistoryBuilder()
  builder.borrower('b')
  builder.account('a', facts)
  builder.add(400, { amountDue: 100, amountPaid: 60, daysPastDue: 0 })
  builder.add(401, { amountDue: 100, amountPaid: 100, daysPastDue: 0 })
  builder.add(402, { amountDue: 100, amountPaid: 60, daysPastDue: 12 })
  builder.add(403, { amountPaid: 60, daysPastDue: 0 })
  builder.add(404, { amountDue: 100, amountPaid: 99.5, daysPastDue: 0 })
  builder.account('without amounts', facts)
  builder.add(404, { daysPastDue: 0 })
  const { columns } = evaluate(features, builder.build().history, Int32Array.of(0, 4, 5))
  // true in the first and fifth month, false in the second and third, unknown in the fourth
  expect(columns[0]?.values).toEqual(Float64Array.of(1, 2, Number.NaN))
})
