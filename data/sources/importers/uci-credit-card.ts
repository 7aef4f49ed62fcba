/** Imports UCI's “Default of Credit Card Clients”: six months of 30,000 card holders, and next month's default. */

import { readCount } from '../database.ts'
import { loadPublished, wholeColumn, writeDataset } from './published-file.ts'

/** September … April 2005, as the file orders them: its suffixes of status and amounts. */
const months = [
  { month: '2005-09', status: 'PAY_0', amount: 1 },
  { month: '2005-08', status: 'PAY_2', amount: 2 },
  { month: '2005-07', status: 'PAY_3', amount: 3 },
  { month: '2005-06', status: 'PAY_4', amount: 4 },
  { month: '2005-05', status: 'PAY_5', amount: 5 },
  { month: '2005-04', status: 'PAY_6', amount: 6 },
] as const

/** Repayment status: −2 no consumption, −1 paid in full, 0 revolving, 1 … 9 months late. */
const statuses = [-2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]

const columns = [
  wholeColumn('ID'),
  { name: 'LIMIT_BAL', type: 'number', required: true, minimum: 0 } as const,
  wholeColumn('SEX', [1, 2]),
  wholeColumn('EDUCATION', [0, 1, 2, 3, 4, 5, 6]),
  wholeColumn('MARRIAGE', [0, 1, 2, 3]),
  { ...wholeColumn('AGE'), minimum: 0, maximum: 130 } as const,
  ...months.map(({ status }) => ({
    ...wholeColumn(status, statuses),
    ...(status === 'PAY_0' ? { alsoNamed: ['PAY_1'] } : {}),
  })),
  ...months.flatMap(({ amount }) => [
    { name: `BILL_AMT${amount}`, type: 'number', required: true } as const,
    { name: `PAY_AMT${amount}`, type: 'number', required: true, minimum: 0 } as const,
  ]),
  { ...wholeColumn('Default', [0, 1]), alsoNamed: ['default payment next month', 'default.payment.next.month', 'Y'] },
]

const foldColumns = [
  wholeColumn('id'),
  { ...wholeColumn('fold'), minimum: 0 } as const,
  { ...wholeColumn('inner'), minimum: 0 } as const,
]

/**
 * Imports the data set.
 *
 * Months late k become 30·k days past due; no consumption is a dormant account, paid in full a settled one. A month's
 * payment is what was paid in it (`PAY_AMT1` in September, on August's bill). The birth date is 30 September 2005 less
 * the age.
 *
 * @param file - `default-of-credit-card-clients.csv`.
 * @param options - `folds`: a CSV with id, fold and inner, to be honoured by training (left out, five folds are drawn by a
 *   hash of the number); `out`: the new folder.
 * @throws InputError naming file, row and field of what is amiss; nothing is written then.
 * @see Yeh & Lien (2009), The comparisons of data mining techniques for the predictive accuracy of probability of default
 */
export function importUciCreditCard(
  file: string,
  options: { readonly folds?: string; readonly out: string },
): Promise<{ accounts: number; accountMonths: number }> {
  return writeDataset(options.out, async (database, write) => {
    await loadPublished(database, 'clients', file, columns)
    await write(
      'borrowers',
      `SELECT "ID" AS "borrowerId", strftime(DATE '2005-09-30' - to_years("AGE"::INTEGER), '%Y-%m-%d') AS "bornOn",
         CASE "SEX" WHEN '1' THEN 'male' ELSE 'female' END AS sex,
         CASE "EDUCATION" WHEN '1' THEN 'graduate school' WHEN '2' THEN 'university' WHEN '3' THEN 'high school'
           WHEN '4' THEN 'other' END AS education,
         CASE "MARRIAGE" WHEN '1' THEN 'married' WHEN '2' THEN 'single' WHEN '3' THEN 'other' END AS "maritalStatus"
       FROM clients ORDER BY "ID"`,
    )
    await write(
      'accounts',
      `SELECT "ID" AS "accountId", "ID" AS "borrowerId", "LIMIT_BAL"::DOUBLE AS "creditLimit" FROM clients ORDER BY "ID"`,
    )
    const statements = months.map(
      ({ month, status, amount }) =>
        `SELECT "ID" AS "accountId", '${month}' AS month,
           CASE "${status}" WHEN '-2' THEN 'dormant' WHEN '-1' THEN 'settled' ELSE 'open' END AS state,
           30 * greatest(0, "${status}"::INTEGER) AS "daysPastDue",
           "BILL_AMT${amount}"::DOUBLE AS balance, "PAY_AMT${amount}"::DOUBLE AS "amountPaid" FROM clients`,
    )
    await write('account-months', `SELECT * FROM (${statements.join(' UNION ALL ')}) ORDER BY "accountId", month`)
    await write(
      'labels',
      `SELECT "ID" AS "accountId", '2005-09' AS month, 1 AS horizon, "Default"::INTEGER AS event FROM clients ORDER BY "ID"`,
    )
    if (options.folds === undefined) {
      // One month of labels can't be divided by time, so five folds are drawn, for good, by a hash of the number.
      const draw = (name: string): string => `('0x' || substr(md5('${name}/' || "ID"), 1, 8))::UBIGINT`
      await write(
        'folds',
        `SELECT "ID" AS "accountId", (${draw('fold')} % 5)::INTEGER AS fold, (${draw('inner')} % 10)::INTEGER AS "inner"
         FROM clients ORDER BY "ID"`,
      )
    } else {
      await loadPublished(database, 'folds', options.folds, foldColumns)
      await write(
        'folds',
        `SELECT id AS "accountId", fold::INTEGER AS fold, "inner"::INTEGER AS "inner" FROM folds ORDER BY id`,
      )
    }
    const accounts = await readCount(database.connection, 'SELECT count(*) FROM clients')
    return {
      result: { accounts, accountMonths: accounts * months.length },
      description: {
        format: 1,
        name: 'uci-credit-card',
        description:
          'UCI Default of Credit Card Clients (Yeh & Lien 2009), CC BY 4.0: April to September 2005, default in October.',
        currency: 'TWD',
        dataCutOn: '2005-09-30',
        grain: 'account-months',
        tables: {
          borrowers: { path: 'borrowers.parquet' },
          accounts: { path: 'accounts.parquet' },
          accountMonths: { path: 'account-months.parquet' },
          labels: { path: 'labels.parquet' },
          folds: { path: 'folds.parquet' },
        },
        label: { version: 1, given: true, horizonMonths: 1, entryDaysPastDueAtMost: null },
        split: { kind: 'folds', testFold: 0 },
      },
    }
  })
}
