/** Rules on the order of dates: nothing happens before it can, or after the data ends. */

import type { TableName } from '../../index.ts'
import { literal } from '../database.ts'
import { type CheckContext, hasColumns, type Rule, type RuleQuery } from './rule.ts'

const date = (table: string, field: string): string => `TRY_CAST(${table}."${field}" AS DATE)`

/** Rows in which one date lies before another of the same row that it can't lie before. */
function before(context: CheckContext, table: TableName, field: string, earlier: string): RuleQuery[] {
  const checked = context.tables.get(table)
  if (checked === undefined || !hasColumns(context, table, field, earlier)) return []
  return [
    {
      table,
      expected: `a date on or after ${earlier}`,
      sql: `SELECT "row", '${field}' AS field, "${field}" AS found FROM ${checked.view} t
            WHERE ${date('t', field)} < ${date('t', earlier)}`,
    },
  ]
}

/** Rows whose date lies before their account's opening. */
function beforeOpening(context: CheckContext, table: TableName, field: string): RuleQuery[] {
  const [checked, accounts] = [context.tables.get(table), context.tables.get('accounts')]
  if (checked === undefined || accounts === undefined) return []
  if (!hasColumns(context, table, field) || !hasColumns(context, 'accounts', 'openedOn')) return []
  return [
    {
      table,
      expected: 'a date on or after the account’s opening',
      sql: `SELECT t."row", '${field}' AS field, t."${field}" AS found FROM ${checked.view} t
            JOIN ${accounts.view} a ON a."accountId" = t."accountId" WHERE ${date('t', field)} < ${date('a', 'openedOn')}`,
    },
  ]
}

/** Dates that can't lie in the future of the data. */
const known: readonly (readonly [TableName, string])[] = [
  ['accounts', 'openedOn'],
  ['payments', 'paidOn'],
  ['payments', 'recordedOn'],
  ['payments', 'reversedOn'],
  ['contacts', 'contactedOn'],
  ['borrowers', 'bornOn'],
]

/** Rules on the order of dates. */
export const dateRules: readonly Rule[] = [
  {
    name: 'payment-before-opening',
    says: 'No payment comes before its account was opened.',
    queries: context => beforeOpening(context, 'payments', 'paidOn'),
  },
  {
    name: 'due-before-opening',
    says: 'No instalment falls due before its account was opened.',
    queries: context => beforeOpening(context, 'instalments', 'dueOn'),
  },
  {
    name: 'recorded-before-paid',
    says: 'A payment isn’t recorded before it is paid, nor reversed before that.',
    queries: context => [
      ...before(context, 'payments', 'recordedOn', 'paidOn'),
      ...before(context, 'payments', 'reversedOn', 'paidOn'),
      ...before(context, 'payments', 'reversedOn', 'recordedOn'),
    ],
  },
  {
    name: 'closed-before-opening',
    says: 'An account isn’t closed before it is opened.',
    queries: context => before(context, 'accounts', 'closedOn', 'openedOn'),
  },
  {
    name: 'after-data-cut',
    says: 'What has happened has happened by the data set’s last day (dataCutOn).',
    queries: context => [
      ...known.flatMap(([table, field]) => {
        const checked = context.tables.get(table)
        if (checked === undefined || !hasColumns(context, table, field)) return []
        return [
          {
            table,
            expected: `a date up to ${context.dataCutOn}, the data set’s last day`,
            sql: `SELECT "row", '${field}' AS field, "${field}" AS found FROM ${checked.view} t
                  WHERE ${date('t', field)} > DATE ${literal(context.dataCutOn)}`,
          },
        ]
      }),
      ...(context.tables.has('accountMonths')
        ? [
            {
              table: 'accountMonths' as const,
              expected: `a month that had ended by ${context.dataCutOn}, the data set’s last day`,
              sql: `SELECT "row", 'month' AS field, "month" AS found FROM ${context.tables.get('accountMonths')?.view}
                    WHERE last_day(TRY_CAST("month" || '-01' AS DATE)) > DATE ${literal(context.dataCutOn)}`,
            },
          ]
        : []),
    ],
  },
]
