import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type AccountFacts, HistoryBuilder, InputError } from '../../data/index.ts'
import { writeSimulation } from '../../data/simulator/index.ts'
import { catalogue, evaluate, fileNames, loadModel } from '../../models/index.ts'
import { trainModel } from '../../training/index.ts'
import { loadFeatures } from '../../training/load-features.ts'

const folder = mkdtempSync(join(tmpdir(), 'harbinger-own-features-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const guide = readFileSync(new URL('../../docs/guides/add-a-feature.md', import.meta.url), 'utf8')
const code = /```ts\n(.*?)```/s.exec(guide)?.[1] ?? ''

function fileOf(name: string, text: string): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

test('the feature of docs/guides/add-a-feature.md is loaded from a file of its own, and counts what the guide says', async () => {
  const features = await loadFeatures(fileOf('my-features.ts', code))
  expect(features.slice(0, catalogue.length)).toEqual(catalogue)
  const own = features.slice(catalogue.length)
  expect(own.map(({ name }) => name)).toEqual(['short_payment_months_6m'])

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
  const { columns } = evaluate(own, builder.build().history, Int32Array.of(0, 4, 5))
  // true in the first and fifth month, false in the second and third, unknown in the fourth
  expect(columns[0]?.values).toEqual(Float64Array.of(1, 2, Number.NaN))
})

test('JSON is read too', async () => {
  const [own] = (await loadFeatures(fileOf('again.ts', code))).slice(catalogue.length)
  const features = await loadFeatures(fileOf('features.json', JSON.stringify([own])))
  expect(features.at(-1)).toEqual(own)
})

test.each([
  ['a missing file', 'missing.ts', undefined, /missing\.ts: expected a file of features/],
  ['code that breaks', 'broken.ts', 'export const features = nothing', /a module that can be loaded/],
  ['no export of that name', 'none.ts', 'export const other = 1', /expected an export named features/],
  ['a wrong definition', 'wrong.ts', 'export const features = [{ name: "x" }]', /field 0\.kind/],
  ['a name of the catalogue', 'taken.ts', code.replace('short_payment_months_6m', 'days_past_due'), /days_past_due/],
])('%s is refused by name', async (_, name, text, message) => {
  const file = text === undefined ? join(folder, name) : fileOf(name, text)
  const refused = await loadFeatures(file).then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(refused).toBeInstanceOf(InputError)
  expect(String(refused)).toMatch(message)
})

test('own features travel with the model: it needs no file to score by them', async () => {
  const [portfolio, registry] = [join(folder, 'portfolio'), join(folder, 'models')]
  await writeSimulation(portfolio, { borrowers: 400, months: 30, seed: 3 })
  const all = await loadFeatures(fileOf('travels.ts', code))
  const own = all.slice(catalogue.length)
  const few = [...catalogue.filter(({ family }) => family === 'lateness'), ...own]
  const made = await trainModel({
    dataset: portfolio,
    registry,
    name: 'own',
    seed: 1,
    members: 1,
    features: few,
    command: 'test',
  })
  const model = await loadModel(made.model.folder)
  expect(model.features.at(-1)).toEqual(own[0])
  expect(JSON.parse(readFileSync(join(made.model.folder, fileNames.features), 'utf8'))).toEqual(own)
  model.dispose()
})
