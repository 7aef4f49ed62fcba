/** The portfolio's tables in SQL, written apart from the code under test: roll rates, transitions, cures and vintages. */

import type { DuckDBConnection } from '@duckdb/node-api'

/** Bucket 0 … 7 by days past due: M1 1–30, M2 31–60 … M7+ from 181. */
const bucket = 'CASE WHEN dpd = 0 THEN 0 WHEN dpd > 180 THEN 7 ELSE CAST(ceil(dpd / 30.0) AS INTEGER) END'

/** What SQL says of a table `months(account, month, dpd, worst, state, balance, opened)`, months as numbers. */
export interface SqlPortfolio {
  /** `from,to` → account-months and balance; 8 = paid, 9 = loss, 10 = left. */
  readonly transitions: ReadonlyMap<string, readonly [number, number]>
  /** Bucket → roll rate by count and amount; null where nothing was in it. */
  readonly rolls: ReadonlyMap<number, readonly [number | null, number | null]>
  /** `cohort,months on book` → accounts ever 30+ past due, and accounts. */
  readonly vintages: ReadonlyMap<string, readonly [number, number]>
}

/** Works the tables out of `months`. */
export async function portfolioSql(connection: DuckDBConnection): Promise<SqlPortfolio> {
  const rows = async (sql: string): Promise<number[][]> => {
    const reader = await connection.runAndReadAll(sql)
    return reader.getRows().map(row => row.map(cell => (cell === null ? Number.NaN : Number(cell))))
  }
  await connection.run(`CREATE OR REPLACE TABLE s AS
    SELECT account, month, balance, CASE WHEN dpd = 0 AND state <> 'open' THEN 8 ELSE ${bucket} END AS status FROM months`)
  await connection.run(`CREATE OR REPLACE TABLE t AS
    SELECT a.month, a.status AS "from", coalesce(b.status, CASE WHEN a.status BETWEEN 1 AND 7 THEN 9 ELSE 10 END) AS "to",
      a.balance FROM s a LEFT JOIN s b ON b.account = a.account AND b.month = a.month + 1
    WHERE a.month < (SELECT max(month) FROM s)`)
  const transitions = await rows(`SELECT "from", "to", count(*), sum(balance) FROM t GROUP BY ALL`)
  const rolls = await rows(`
    WITH stock AS (SELECT month, status, count(*) AS n, sum(balance) AS a FROM s WHERE status < 8 GROUP BY ALL),
    worst AS (SELECT max(status) AS status FROM stock),
    before AS (SELECT x.status, sum(x.n) AS n, sum(x.a) AS a FROM stock x
      WHERE x.month < (SELECT max(month) FROM stock) GROUP BY 1),
    crossing AS (SELECT x.status - 1 AS status, sum(x.n) AS n, sum(x.a) AS a FROM stock x
      WHERE x.month > (SELECT min(month) FROM stock) AND x.status > 0 AND x.status < (SELECT status FROM worst) GROUP BY 1),
    linked AS (SELECT "from" AS status, count(*) AS n, sum(balance) AS a FROM t
      WHERE "to" = 9 OR ("to" = "from" + 1 AND "to" = (SELECT status FROM worst)) GROUP BY 1)
    SELECT b.status, (coalesce(c.n, 0) + coalesce(l.n, 0)) / b.n, (coalesce(c.a, 0) + coalesce(l.a, 0)) / b.a
    FROM before b LEFT JOIN crossing c USING (status) LEFT JOIN linked l USING (status)
    WHERE b.status < (SELECT status FROM worst) ORDER BY 1`)
  const vintages = await rows(`
    WITH a AS (SELECT account, coalesce(min(opened), min(month)) AS cohort,
      min(month) FILTER (worst >= 30) - coalesce(min(opened), min(month)) AS hit FROM months GROUP BY 1),
    c AS (SELECT cohort, count(*) AS accounts FROM a GROUP BY 1),
    cells AS (SELECT cohort, accounts, unnest(range(CAST((SELECT max(month) FROM months) - cohort + 1 AS BIGINT))) AS mob FROM c)
    SELECT cohort, mob, (SELECT count(*) FROM a WHERE a.cohort = cells.cohort AND a.hit IS NOT NULL AND greatest(0, a.hit) <= mob), accounts
    FROM cells`)
  return {
    transitions: new Map(transitions.map(([from, to, count, amount]) => [`${from},${to}`, [count ?? 0, amount ?? 0]])),
    rolls: new Map(rolls.map(([status, count, amount]) => [status ?? 0, [count ?? null, amount ?? null]])),
    vintages: new Map(
      vintages.map(([cohort, onBook, hit, accounts]) => [`${cohort},${onBook}`, [hit ?? 0, accounts ?? 0]]),
    ),
  }
}
