/** Finds the outages that a data set's payments show: hours in which debits through one bank failed together. */

import type { DuckDBConnection } from '@duckdb/node-api'
import { type FoundOutage, findOutages, toDay } from '../index.ts'
import { type CheckContext, hasColumns } from './checks/index.ts'
import { readRows } from './database.ts'

/** Counts attempts by bank, channel, day and hour in one pass, and tells outages by them; none without banks. */
export async function readOutages(connection: DuckDBConnection, context: CheckContext): Promise<FoundOutage[]> {
  const payments = context.tables.get('payments')
  if (payments === undefined || !hasColumns(context, 'payments', 'bank', 'outcome')) return []
  const column = (name: string): string => (hasColumns(context, 'payments', name) ? `"${name}"` : 'NULL')
  const rows = await readRows(
    connection,
    `SELECT "bank" AS bank, ${column('channel')} AS channel, "paidOn" AS day, CAST(${column('attemptedHour')} AS DOUBLE) AS hour,
       count(*)::DOUBLE AS attempts, count(*) FILTER ("outcome" = 'failed')::DOUBLE AS failures
     FROM ${payments.view} WHERE "bank" IS NOT NULL GROUP BY ALL ORDER BY ALL`,
  )
  return findOutages(
    rows.map(({ bank, channel, day, hour, attempts, failures }) => ({
      bank: String(bank),
      channel: channel === null ? null : String(channel),
      day: toDay(String(day)),
      hour: hour === null ? Number.NaN : Number(hour),
      attempts: Number(attempts),
      failures: Number(failures),
    })),
  )
}
