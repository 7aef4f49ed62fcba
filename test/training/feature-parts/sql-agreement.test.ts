import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ColumnStream } from '../../../data/sources/column-stream.ts'
import { openDatabase, openDataset } from '../../../data/sources/index.ts'
import { catalogue, evaluate } from '../../../models/index.ts'
import { portfolioOf } from '../../bench/features/portfolio.ts'
import { sqlFeatureNames, sqlQuery } from '../../bench/features/sql-features.ts'

const borrowers = 50_000
const root = mkdtempSync(join(tmpdir(), 'harbinger-sql-'))
let folder: string
beforeAll(async () => {
  folder = await portfolioOf(root, borrowers, { borrowers, months: 13 })
}, 600_000)
afterAll(() => rmSync(root, { recursive: true, force: true }))

const close = (a: number, b: number): boolean =>
  Object.is(a, b) || a === b || Math.abs(a - b) <= 1e-9 * (1 + Math.abs(b))

test('thirty features agree with SQL on every account-month of 50,000 simulated borrowers', async () => {
  const features = sqlFeatureNames.map(name => catalogue.find(feature => feature.name === name)!)
  const dataset = await openDataset(folder)
  const database = await openDatabase('1GB')
  const differences = new Map<string, number>()
  const known = new Map<string, number>()
  let compared = 0
  try {
    const wanted = sqlQuery(join(folder, 'account-months.parquet'))
    const sql = await ColumnStream.open(
      await database.connect(),
      `SELECT number::DOUBLE, * EXCLUDE ("borrowerId", "accountId", number) FROM (${wanted})
       ORDER BY "borrowerId", "accountId", number`,
    )
    let at = 0
    for await (const { history } of dataset.blocks()) {
      const { columns, rows } = evaluate(features, history, Int32Array.from(history.month.keys()))
      for (let row = 0; row < rows; row += 1) {
        if (at === sql.rows) {
          expect(await sql.next()).toBe(true)
          at = 0
        }
        // here months count from the year 0 and from 1, in Harbinger from January 1970 and from 0
        if (sql.at(0, at) !== history.month[row]! + 1970 * 12 + 1) {
          throw new Error(`row ${row}: months differ`)
        }
        columns.forEach(({ values }, place) => {
          const [ours, theirs] = [values[row] as number, sql.at(place + 1, at)]
          const name = sqlFeatureNames[place]!
          if (!close(ours, theirs)) differences.set(name, (differences.get(name) ?? 0) + 1)
          if (!Number.isNaN(theirs)) known.set(name, (known.get(name) ?? 0) + 1)
        })
        compared += 1
        at += 1
      }
    }
    expect(at === sql.rows && !(await sql.next())).toBe(true)
  } finally {
    dataset.close()
    database.close()
  }
  expect(compared).toBeGreaterThan(500_000)
  expect([...known.keys()].sort()).toEqual([...sqlFeatureNames].sort())
  expect(Object.fromEntries(differences)).toEqual({})
}, 600_000)
