/** Accounts with whom they belong to and their facts, as both grains read them: in the order of borrower and account. */

import type { DuckDBValue } from '@duckdb/node-api'
import type { CheckContext } from './checks/index.ts'
import { type Cursor, identifier } from './database.ts'
import type { ColumnSchema } from './table-schema.ts'

/**
 * The present row as an object of a contract. Its cells have been checked against the columns' schema, which is derived
 * from the contract, so the type is what the check has shown.
 */
export function readObject<Row>(cursor: Cursor, columns: readonly ColumnSchema[]): Row {
  const row: Record<string, DuckDBValue> = {}
  for (const { name } of columns) {
    const value = cursor.value(cursor.place(name))
    if (value !== null) row[name] = value
  }
  return row as Row
}

/** Accounts and whom they belong to; without an accounts table, as the account-months say. */
export function ownersSql(context: CheckContext): string {
  const accounts = context.tables.get('accounts')
  if (accounts !== undefined) return `SELECT "accountId", "borrowerId" FROM ${accounts.view}`
  const months = context.tables.get('accountMonths')
  const borrower = months?.columns.some(({ name }) => name === 'borrowerId')
    ? 'coalesce("borrowerId", "accountId")'
    : '"accountId"'
  return `SELECT "accountId", any_value(${borrower}) AS "borrowerId" FROM ${months?.view} GROUP BY "accountId"`
}

/**
 * Accounts with their borrower's facts, by borrower and account.
 *
 * @param join - A further table joined to `o`.
 * @param further - Columns read from it.
 */
export function accountsSql(context: CheckContext, join = '', further: readonly string[] = []): string {
  const borrowers = context.tables.get('borrowers')
  const columns = [
    'o."borrowerId"',
    'o."accountId"',
    ...accountColumns(context).flatMap(column => (column.name === 'accountId' ? [] : [selected(column, 'a')])),
    ...borrowerColumns(context).map(column => selected(column, 'b')),
    ...further,
  ]
  const accounts = context.tables.get('accounts')
  return `SELECT ${columns.join(', ')} FROM (${ownersSql(context)}) o
    ${accounts === undefined ? '' : `JOIN ${accounts.view} a ON a."accountId" = o."accountId"`}
    ${borrowers === undefined ? '' : `LEFT JOIN ${borrowers.view} b ON b."borrowerId" = o."borrowerId"`}
    ${join}
    ORDER BY o."borrowerId", o."accountId"`
}

/** Columns of ours that say something of an account itself. */
export function accountColumns(context: CheckContext): ColumnSchema[] {
  const accounts = context.tables.get('accounts')
  if (accounts === undefined) return [{ name: 'accountId', type: 'text', required: true }]
  return accounts.columns.filter(({ name }) => name !== 'borrowerId')
}

/** Columns of ours that say something of a borrower, their id apart. */
export function borrowerColumns(context: CheckContext): ColumnSchema[] {
  return (context.tables.get('borrowers')?.columns ?? []).filter(({ name }) => name !== 'borrowerId')
}

/** A column as it is read: numbers as DOUBLE. */
export function selected(column: ColumnSchema, alias: string): string {
  const name = identifier(column.name)
  const number = column.type === 'number' || column.type === 'integer'
  return number ? `CAST(${alias}.${name} AS DOUBLE) AS ${name}` : `${alias}.${name} AS ${name}`
}
