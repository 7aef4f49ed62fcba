/** Compares a portfolio report with what SQL says, cell by cell. */

import { parseMonth } from '../../../data/index.ts'
import type { PortfolioReport } from '../../../training/index.ts'
import type { SqlPortfolio } from './portfolio-sql.ts'

/** How many cells there are, and which differ (`transition 0,1: 3 in the report, 4 in SQL`). */
export interface Comparison {
  readonly cells: number
  readonly differences: readonly string[]
}

/** Compares counts exactly; shares and amounts, which are sums of floating point, to 1e-9 of their size. */
export function compareWithSql(report: PortfolioReport, sql: SqlPortfolio, amounts: boolean): Comparison {
  const differences: string[] = []
  let cells = 0
  const compare = (name: string, ours: number | null | undefined, theirs: number | null | undefined): void => {
    cells += 1
    const [a, b] = [ours ?? Number.NaN, theirs ?? Number.NaN]
    const same = Number.isNaN(a) ? Number.isNaN(b) : Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b))
    if (!same) differences.push(`${name}: ${ours} in the report, ${theirs} in SQL`)
  }
  const { matrix, rolls } = report.rollRates
  matrix.counts.forEach((row, from) => {
    row.forEach((count, to) => {
      const theirs = sql.transitions.get(`${from},${to}`) ?? [0, 0]
      compare(`transition ${from},${to}`, count, theirs[0])
      if (amounts) compare(`amount ${from},${to}`, matrix.amounts?.[from]?.[to], Math.round(100 * theirs[1]) / 100)
    })
  })
  rolls.forEach(({ count, amount }, bucket) => {
    const theirs = sql.rolls.get(bucket) ?? [null, null]
    compare(`roll rate ${bucket}`, count, theirs[0])
    if (amounts) compare(`roll rate by amount ${bucket}`, amount, theirs[1])
  })
  compare('roll rates', rolls.length, sql.rolls.size)
  let cellsOfVintages = 0
  for (const { cohort, accounts, everShare } of report.vintages.months) {
    everShare.forEach((share, onBook) => {
      const [hit, all] = sql.vintages.get(`${parseMonth(cohort)},${onBook}`) ?? [Number.NaN, Number.NaN]
      compare(`vintage ${cohort} accounts`, accounts, all)
      compare(`vintage ${cohort} at ${onBook}`, share, hit / all)
      cellsOfVintages += 1
    })
  }
  compare('vintage cells', cellsOfVintages, sql.vintages.size)
  return { cells, differences }
}
