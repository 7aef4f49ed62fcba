import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { defaultLabelSpec, formatMonth } from '../../../data/index.ts'
import { writeSimulation } from '../../../data/simulator/index.ts'
import { readRows } from '../../../data/sources/database.ts'
import { type Dataset, literal, openDatabase, openDataset } from '../../../data/sources/index.ts'
import { catalogue, evaluate } from '../../../models/index.ts'
import { exportFeatures } from '../../../training/feature-parts/index.ts'
import { labelPopulation } from '../../../training/population.ts'

const root = mkdtempSync(join(tmpdir(), 'harbinger-export-'))
const out = join(root, 'features')
let dataset: Dataset
beforeAll(async () => {
  await writeSimulation(join(root, 'portfolio'), { borrowers: 5000, months: 20, seed: 5 })
  dataset = await openDataset(join(root, 'portfolio'))
})
afterAll(() => {
  dataset.close()
  rmSync(root, { recursive: true, force: true })
})

const shares: number[] = []
const run = (features = catalogue): ReturnType<typeof exportFeatures> =>
  exportFeatures(dataset, features, defaultLabelSpec, out, share => shares.push(share))

test('parts made by several threads hold every account-month, its features and its label', async () => {
  const made = await run()
  expect(made.parts.length).toBeGreaterThan(1)
  expect(shares.at(-1)).toBe(1)
  const database = await openDatabase()
  let [rows, labelled, differences] = [0, 0, 0]
  const files = literal(join(out, 'part-*.parquet'))
  const filed = await readRows(
    database.connection,
    `SELECT * FROM read_parquet(${files}) ORDER BY "borrowerId", "accountId", month`,
  )
  for await (const block of dataset.blocks()) {
    const { history } = block
    const asOf = Int32Array.from(history.month.keys())
    const { columns } = evaluate(catalogue, history, asOf)
    const label = labelPopulation(defaultLabelSpec, block)
    const monthOf = new Map(Array.from(label.rows, (row, place) => [row, label.eventMonth[place]!]))
    asOf.forEach(row => {
      const line = filed[rows]!
      rows += 1
      if (line.month !== formatMonth(history.month[row]!)) differences += 1
      if (line.eventMonth !== (monthOf.get(row) ?? null)) differences += 1
      if (line.eventMonth !== null) labelled += 1
      catalogue.forEach(({ name }, place) => {
        const value = columns[place]!.values[row] ?? null
        if (line[name] !== (typeof value === 'number' && Number.isNaN(value) ? null : value)) differences += 1
      })
    })
  }
  database.close()
  expect(rows).toBe(filed.length)
  expect(rows).toBeGreaterThan(50_000)
  expect(labelled).toBeGreaterThan(10_000)
  expect(differences).toBe(0)
})

test('a stopped export goes on with the parts that are missing', async () => {
  const before = readdirSync(out)
  rmSync(join(out, 'part-00001.parquet'))
  writeFileSync(join(out, 'part-00001.parquet.4711'), 'half')
  const made = await run()
  expect(made.parts).toHaveLength(1)
  expect(readdirSync(out)).toEqual(before)
})

test('a folder of another export, or of something else, is refused and left alone', async () => {
  const before = readdirSync(out)
  await expect(run(catalogue.slice(1))).rejects.toThrow('an export of other data, features or label')
  expect(readdirSync(out)).toEqual(before)
  writeFileSync(join(root, 'notes.txt'), 'x')
  await expect(exportFeatures(dataset, catalogue, defaultLabelSpec, root, () => {})).rejects.toThrow(
    'a folder with other files in it',
  )
})
