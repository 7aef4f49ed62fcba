/** Rules between rows: each thing once, and nothing that refers to what isn't there. */

import type { TableName } from '../../index.ts'
import { type CheckContext, hasColumns, type Rule, type RuleQuery } from './rule.ts'

/** Rows of a table whose reference finds nothing in another. */
function orphans(context: CheckContext, table: TableName, field: string, parent: TableName): RuleQuery[] {
  const [child, other] = [context.tables.get(table), context.tables.get(parent)]
  if (child === undefined || other === undefined || !hasColumns(context, table, field)) return []
  if (!hasColumns(context, parent, field)) return []
  return [
    {
      table,
      expected: `the ${field} of a row of ${parent}`,
      sql: `SELECT c."row", '${field}' AS field, c."${field}" AS found FROM ${child.view} c
            ANTI JOIN ${other.view} p ON c."${field}" = p."${field}" WHERE c."${field}" IS NOT NULL`,
    },
  ]
}

/** Rules between rows. */
export const relationRules: readonly Rule[] = [
  {
    name: 'duplicate-row',
    says: 'Each borrower, account, instalment, payment and account-month comes once.',
    queries: context =>
      [...context.tables.values()].flatMap(table => {
        if (!hasColumns(context, table.name, ...table.key)) return []
        const key = table.key.map(name => `"${name}"`).join(', ')
        return [
          {
            table: table.name,
            expected: `each ${table.key.join(' and ')} once`,
            // keys that come twice are few: only their rows are put in order
            sql: `SELECT "row", '${table.key.at(-1)}' AS field, concat_ws(', ', ${key}) AS found FROM ${table.view}
                  WHERE (${key}) IN (SELECT (${key}) FROM ${table.view} GROUP BY ${key} HAVING count(*) > 1)
                  QUALIFY row_number() OVER (PARTITION BY ${key} ORDER BY "row") > 1`,
          },
        ]
      }),
  },
  {
    name: 'unknown-borrower',
    says: 'An account belongs to a borrower of the borrowers table.',
    queries: context => orphans(context, 'accounts', 'borrowerId', 'borrowers'),
  },
  {
    name: 'unknown-account',
    says: 'Instalments, payments, account-months, contacts and labels belong to an account of the accounts table.',
    queries: context =>
      (['instalments', 'payments', 'accountMonths', 'contacts', 'labels'] as const).flatMap(table =>
        orphans(context, table, 'accountId', 'accounts'),
      ),
  },
  {
    name: 'unknown-instalment',
    says: 'A payment that names an instalment names one of its own account.',
    queries: context => {
      const [payments, instalments] = [context.tables.get('payments'), context.tables.get('instalments')]
      if (payments === undefined || instalments === undefined || !hasColumns(context, 'payments', 'instalmentId'))
        return []
      return [
        {
          table: 'payments' as const,
          expected: 'an instalment of the same account',
          sql: `SELECT p."row", 'instalmentId' AS field, p."instalmentId" AS found FROM ${payments.view} p
                ANTI JOIN ${instalments.view} i ON p."accountId" = i."accountId" AND p."instalmentId" = i."instalmentId"
                WHERE p."instalmentId" IS NOT NULL`,
        },
      ]
    },
  },
  {
    name: 'mixed-currency',
    says: 'Where a table has a currency column, it holds the data set’s own currency.',
    queries: context =>
      [...context.tables.values()].flatMap(table =>
        table.currencyColumn === undefined
          ? []
          : [
              {
                table: table.name,
                expected: `${context.currency}, the data set’s currency`,
                sql: `SELECT "row", 'currency' AS field, currency AS found FROM ${table.view}
                      WHERE currency IS DISTINCT FROM '${context.currency}'`,
              },
            ],
      ),
  },
]
