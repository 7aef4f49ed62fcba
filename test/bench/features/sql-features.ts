/** Features of the catalogue written anew as DuckDB SQL: an independent account of what they mean, and a peer to race. */

const delay = 'least(greatest(coalesce("worstDaysPastDue", "daysPastDue"), 0), 360)'
const over = (months: number): string => `OVER (w ROWS BETWEEN ${months - 1} PRECEDING AND CURRENT ROW)`
const ratio = (above: string, below: string): string => `CASE WHEN ${below} > 0 THEN ${above} / ${below} END`
const clamp = (of: string, low: number, high: number): string =>
  `CASE WHEN ${of} IS NOT NULL THEN least(greatest(${of}, ${low}), ${high}) END`
const signedLog = (of: string): string => `sign(${of}) * ln(1 + abs(${of}))`

/** By name of the feature. Columns of the account-month, and those of `prepared`, can be read. */
export const sqlFeatures: Readonly<Record<string, string>> = {
  days_past_due: clamp('"daysPastDue"', 0, 360),
  delay_now: 'delay',
  delay_1m_ago: 'before',
  delay_3m_ago: 'lag(delay, 3) OVER w',
  late_months_3m: `sum((delay > 0)::INTEGER) ${over(3)}`,
  late_months_6m: `sum((delay > 0)::INTEGER) ${over(6)}`,
  late_months_12m: `sum((delay > 0)::INTEGER) ${over(12)}`,
  late_30_months_6m: `sum((delay >= 30)::INTEGER) ${over(6)}`,
  worst_delay_3m: `max(delay) ${over(3)}`,
  worst_delay_6m: `max(delay) ${over(6)}`,
  worst_delay_12m: `max(delay) ${over(12)}`,
  worst_delay_ever: 'max(delay) OVER (w ROWS UNBOUNDED PRECEDING)',
  delay_sum_3m: `sum(delay) ${over(3)}`,
  delay_slope_6m: `CASE WHEN count(delay) ${over(6)} >= 3 THEN regr_slope(delay, number) ${over(6)} END`,
  delay_deviation_6m: `stddev_samp(delay) ${over(6)}`,
  short_lapses_12m: `sum((delay >= 1 AND delay <= 5)::INTEGER) ${over(12)}`,
  cures_12m: `sum(CASE WHEN before IS NOT NULL THEN (delay = 0 AND before > 0)::INTEGER END) ${over(12)}`,
  paid_now: signedLog('"amountPaid"'),
  paid_of_balance_now: clamp(`(${ratio('"amountPaid"', '"balanceBefore"')})`, 0, 2),
  paid_of_due_mean_6m: `avg(${clamp(`(${ratio('"amountPaid"', '"amountDue"')})`, 0, 3)}) ${over(6)}`,
  partial_payments_6m: `sum("partialPayments") ${over(6)}`,
  days_before_due_mean_6m: `avg(${clamp('"daysBeforeDue"', -360, 360)}) ${over(6)}`,
  utilisation_now: 'utilisation',
  utilisation_mean_6m: `avg(utilisation) ${over(6)}`,
  utilisation_max_6m: `max(utilisation) ${over(6)}`,
  utilisation_change_3m: 'utilisation - lag(utilisation, 3) OVER w',
  failed_debits_12m: `sum("failedDebits") ${over(12)}`,
  channel_switches_6m: `sum("channelSwitches") ${over(6)}`,
  state_changes_12m: `sum(CASE WHEN "stateBefore" IS NOT NULL THEN ("stateBefore" <> state)::INTEGER END) ${over(12)}`,
  months_on_record: 'number - min(number) OVER (PARTITION BY "borrowerId", "accountId")',
}

/** Names in their order. */
export const sqlFeatureNames = Object.keys(sqlFeatures)

/**
 * A query with a row per account-month: borrowerId, accountId, number of the month, and each feature as DOUBLE.
 *
 * @param file - Parquet file of account-months without gaps, that says of each the limit.
 */
export function sqlQuery(file: string): string {
  const columns = sqlFeatureNames.map(name => `(${sqlFeatures[name]})::DOUBLE AS ${name}`)
  return `WITH numbered AS (
      SELECT *, CAST(substr(month, 1, 4) AS INTEGER) * 12 + CAST(substr(month, 6, 2) AS INTEGER) AS number,
        ${delay} AS delay, ${clamp(`(${ratio('balance', '"creditLimit"')})`, -1, 3)} AS utilisation
      FROM read_parquet('${file}')
    ), prepared AS (
      SELECT *, lag(delay) OVER w AS before, lag(balance) OVER w AS "balanceBefore", lag(state) OVER w AS "stateBefore"
      FROM numbered WINDOW w AS (PARTITION BY "borrowerId", "accountId" ORDER BY number)
    )
    SELECT "borrowerId", "accountId", number, ${columns.join(', ')}
    FROM prepared WINDOW w AS (PARTITION BY "borrowerId", "accountId" ORDER BY number)`
}
