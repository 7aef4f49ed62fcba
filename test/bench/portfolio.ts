/**
 * The portfolio report on the published credit records against the same worked out in SQL over the published file.
 * `HARBINGER_CREDIT_RECORDS` says where `credit_record.csv` (also gzipped) lies.
 */

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importCreditRecords, openDatabase, openDataset } from '../../data/sources/index.ts'
import { summarisePortfolio } from '../../training/index.ts'
import { compareWithSql } from '../training/portfolio-report/compare-with-sql.ts'
import { portfolioSql } from '../training/portfolio-report/portfolio-sql.ts'

/** Compares and times; skips without the file. */
export async function benchPortfolio(): Promise<object> {
  const file = process.env.HARBINGER_CREDIT_RECORDS ?? 'credit_record.csv.gz'
  if (!existsSync(file)) {
    console.log(`Skipped: ${file} is not there; set HARBINGER_CREDIT_RECORDS to the published credit_record.csv.`)
    return { skipped: file }
  }
  const folder = mkdtempSync(join(tmpdir(), 'bench-portfolio-'))
  const database = await openDatabase()
  try {
    const imported = await importCreditRecords(file, { out: join(folder, 'records') })
    const dataset = await openDataset(join(folder, 'records'))
    const started = performance.now()
    const report = await summarisePortfolio(dataset)
    const seconds = (performance.now() - started) / 1000
    dataset.close()
    // statuses as days past due, as the importer's documentation has them; 2020-01 is month 600 since 1970-01
    const startedSql = performance.now()
    await database.connection.run(`CREATE TABLE months AS SELECT "ID" AS account, 600 + "MONTHS_BALANCE" AS month,
      CASE "STATUS" WHEN '1' THEN 30 WHEN '2' THEN 60 WHEN '3' THEN 90 WHEN '4' THEN 120 WHEN '5' THEN 150 ELSE 0 END AS dpd,
      dpd AS worst, CASE "STATUS" WHEN 'C' THEN 'settled' WHEN 'X' THEN 'dormant' ELSE 'open' END AS state,
      NULL::DOUBLE AS balance, NULL::BIGINT AS opened
      FROM read_csv('${file.replaceAll("'", "''")}', types = {'STATUS': 'VARCHAR'})`)
    const { cells, differences } = compareWithSql(report, await portfolioSql(database.connection), false)
    const secondsSql = (performance.now() - startedSql) / 1000
    console.table([
      { what: 'account-months', value: imported.accountMonths },
      { what: 'cells compared with SQL', value: cells },
      { what: 'cells that differ', value: differences.length },
      { what: 'report, seconds', value: Number(seconds.toFixed(2)) },
      { what: 'SQL without classes, cures and concentration, seconds', value: Number(secondsSql.toFixed(2)) },
    ])
    for (const difference of differences.slice(0, 10)) console.log(difference)
    return { cells, differences: differences.length, seconds, secondsSql, accountMonths: imported.accountMonths }
  } finally {
    database.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
