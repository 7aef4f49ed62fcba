/** Imports “Credit Card Approval Prediction”: monthly status of 36,732 accounts, with facts at application. */

import { readCount } from '../database.ts'
import { loadPublished, wholeColumn, writeDataset } from './published-file.ts'

/** Days past due that a status stands for, its least: 0 = 1–29 (no amount is known to be due), 1 = 30–59 … 5 = 150+. */
const daysPastDue = { '0': 0, '1': 30, '2': 60, '3': 90, '4': 120, '5': 150, C: 0, X: 0 } as const

/** Month 0, the month of extraction, is put here: the file has no calendar, only an order. */
const extraction = { month: '2020-01', dataCutOn: '2020-01-31' } as const

const recordColumns = [
  wholeColumn('ID'),
  { ...wholeColumn('MONTHS_BALANCE'), minimum: -1200, maximum: 0 } as const,
  { name: 'STATUS', type: 'text', required: true, values: Object.keys(daysPastDue) } as const,
]

/** Facts by which two applications are taken for one person's. */
const facts = [
  'CODE_GENDER',
  'FLAG_OWN_CAR',
  'FLAG_OWN_REALTY',
  'CNT_CHILDREN',
  'AMT_INCOME_TOTAL',
  'NAME_INCOME_TYPE',
  'NAME_EDUCATION_TYPE',
  'NAME_FAMILY_STATUS',
  'NAME_HOUSING_TYPE',
  'DAYS_BIRTH',
  'DAYS_EMPLOYED',
  'OCCUPATION_TYPE',
] as const

const factColumns = [
  wholeColumn('ID'),
  wholeColumn('DAYS_BIRTH'),
  wholeColumn('DAYS_EMPLOYED'),
  { ...wholeColumn('CNT_CHILDREN'), minimum: 0 } as const,
  { name: 'AMT_INCOME_TOTAL', type: 'number', required: true, minimum: 0 } as const,
  ...facts
    .filter(name => !['CNT_CHILDREN', 'AMT_INCOME_TOTAL', 'DAYS_BIRTH', 'DAYS_EMPLOYED'].includes(name))
    .map(name => ({ name, type: 'text', required: false }) as const),
]

/** As-of months by the protocol, from the extraction: training −36 … −13, test −9 … −3. */
const protocol = { train: [-36, -13], test: [-9, -3] } as const

/** Folds by account number; the last is held out of training. */
const folds = { count: 5, holdOut: 4 } as const

/**
 * Imports the data set.
 *
 * With `facts`, accounts whose application facts are all equal are taken for one borrower's, named by the smallest
 * account number. Of facts given twice for an account, the first count. Without `facts`, each account is its own
 * borrower. The label is 30+ days past due within three months; the split is by time (with a gap) and borrower.
 *
 * @param file - `credit_record.csv`, also gzipped.
 * @param options - `facts`: `application_record.csv`, also gzipped; `out`: the new folder.
 * @throws InputError naming file, row and field of what is amiss; nothing is written then.
 */
export function importCreditRecords(
  file: string,
  options: { readonly facts?: string; readonly out: string },
): Promise<{ accounts: number; accountMonths: number }> {
  return writeDataset(options.out, async (database, write) => {
    const { connection } = database
    await loadPublished(database, 'records', file, recordColumns)
    await connection.run(`CREATE TABLE owners AS SELECT DISTINCT "ID" AS account, "ID" AS borrower FROM records`)
    if (options.facts !== undefined) {
      await loadPublished(database, 'applications', options.facts, factColumns)
      await connection.run(
        `CREATE TABLE known AS SELECT a.* FROM applications a WHERE a."ID" IN (SELECT account FROM owners)
         QUALIFY row_number() OVER (PARTITION BY a."ID" ORDER BY a."row") = 1`,
      )
      await connection.run(
        `CREATE OR REPLACE TABLE owners AS
         SELECT o.account, coalesce(CAST(k.smallest AS VARCHAR), o.account) AS borrower FROM owners o LEFT JOIN (
           SELECT "ID", min("ID"::BIGINT) OVER (PARTITION BY ${facts.map(name => `"${name}"`).join(', ')}) AS smallest FROM known
         ) k ON k."ID" = o.account`,
      )
      await write(
        'borrowers',
        `SELECT o.borrower AS "borrowerId", k."AMT_INCOME_TOTAL"::DOUBLE AS income, k."CNT_CHILDREN"::INTEGER AS dependants,
           strftime(DATE '${extraction.dataCutOn}' + k."DAYS_BIRTH"::INTEGER, '%Y-%m-%d') AS "bornOn",
           CASE WHEN k."DAYS_EMPLOYED"::INTEGER <= 0
             THEN strftime(DATE '${extraction.dataCutOn}' + k."DAYS_EMPLOYED"::INTEGER, '%Y-%m-%d') END AS "employedOn",
           CASE k."CODE_GENDER" WHEN 'F' THEN 'female' WHEN 'M' THEN 'male' END AS sex,
           k."NAME_EDUCATION_TYPE" AS education, k."NAME_FAMILY_STATUS" AS "maritalStatus",
           k."NAME_HOUSING_TYPE" AS housing, k."NAME_INCOME_TYPE" AS "incomeType", k."OCCUPATION_TYPE" AS occupation
         FROM (SELECT DISTINCT borrower FROM owners) o LEFT JOIN known k ON k."ID" = o.borrower ORDER BY o.borrower`,
      )
    }
    await write('accounts', `SELECT account AS "accountId", borrower AS "borrowerId" FROM owners ORDER BY account`)
    await write(
      'account-months',
      `SELECT "ID" AS "accountId",
         strftime(DATE '${extraction.month}-01' + to_months("MONTHS_BALANCE"::INTEGER), '%Y-%m') AS month,
         CASE "STATUS" WHEN 'C' THEN 'settled' WHEN 'X' THEN 'dormant' ELSE 'open' END AS state,
         CASE "STATUS" ${Object.entries(daysPastDue)
           .map(([status, days]) => `WHEN '${status}' THEN ${days}`)
           .join(' ')} END AS "daysPastDue"
       FROM records ORDER BY "ID", "MONTHS_BALANCE"::INTEGER`,
    )
    await write(
      'folds',
      `SELECT account AS "accountId", (account::BIGINT % ${folds.count})::INTEGER AS fold FROM owners ORDER BY account`,
    )
    const month = async (offset: number): Promise<string> => {
      const reader = await connection.runAndReadAll(
        `SELECT strftime(DATE '${extraction.month}-01' + to_months(${offset}), '%Y-%m')`,
      )
      return String(reader.getRows()[0]?.[0])
    }
    return {
      result: {
        accounts: await readCount(connection, 'SELECT count(*) FROM owners'),
        accountMonths: await readCount(connection, 'SELECT count(*) FROM records'),
      },
      description: {
        format: 1,
        name: 'credit-records',
        description:
          'Credit Card Approval Prediction: monthly status by account, relative months (2020-01 is the month of extraction).',
        currency: 'none',
        dataCutOn: extraction.dataCutOn,
        calendar: 'relative',
        grain: 'account-months',
        tables: {
          ...(options.facts === undefined ? {} : { borrowers: { path: 'borrowers.parquet' } }),
          accounts: { path: 'accounts.parquet' },
          accountMonths: { path: 'account-months.parquet' },
          folds: { path: 'folds.parquet' },
        },
        label: { version: 1, targetDaysPastDue: 30, horizonMonths: 3, entryDaysPastDueAtMost: 29 },
        split: {
          kind: 'time-and-borrower',
          trainMonths: { from: await month(protocol.train[0]), to: await month(protocol.train[1]) },
          testMonths: { from: await month(protocol.test[0]), to: await month(protocol.test[1]) },
          holdOutFold: folds.holdOut,
          testOn: 'all',
        },
      },
    }
  })
}
