/** Rules on single cells: there, of the right kind, within range. */

import { literal } from '../database.ts'
import type { ColumnSchema } from '../table-schema.ts'
import { perColumn, type Rule } from './rule.ts'

const isNumeric = (column: ColumnSchema): boolean => column.type === 'number' || column.type === 'integer'

/** A cell as a number; null if it is none. NaN and infinities are none. */
function numeric(column: ColumnSchema): string {
  const value = `TRY_CAST("${column.name}" AS DOUBLE)`
  return `CASE WHEN isfinite(${value}) THEN ${value} END`
}

/** Rules on single cells. */
export const valueRules: readonly Rule[] = [
  {
    name: 'required-value-missing',
    says: 'Columns without which a row means nothing have a value in every row.',
    queries: context =>
      perColumn(
        context,
        column => column.required,
        (_, column) => ({ expected: 'a value', where: `"${column.name}" IS NULL` }),
      ),
  },
  {
    name: 'not-a-date',
    says: 'Dates are written YYYY-MM-DD and exist in the calendar.',
    queries: context =>
      perColumn(
        context,
        column => column.type === 'date',
        (_, { name }) => ({
          expected: 'a date that exists, as YYYY-MM-DD',
          where: `"${name}" IS NOT NULL AND (NOT regexp_full_match("${name}", '\\d{4}-\\d{2}-\\d{2}') OR TRY_CAST("${name}" AS DATE) IS NULL)`,
        }),
      ),
  },
  {
    name: 'not-a-month',
    says: 'Months are written YYYY-MM and exist.',
    queries: context =>
      perColumn(
        context,
        column => column.type === 'month',
        (_, { name }) => ({
          expected: 'a month, as YYYY-MM',
          where: `"${name}" IS NOT NULL AND NOT regexp_full_match("${name}", '\\d{4}-(0[1-9]|1[0-2])')`,
        }),
      ),
  },
  {
    name: 'not-a-number',
    says: 'Amounts, counts and rates are finite numbers with a decimal point; counts are whole.',
    queries: context =>
      perColumn(context, isNumeric, (_, column) => ({
        expected: column.type === 'integer' ? 'a whole number' : 'a number, with a decimal point',
        where: `"${column.name}" IS NOT NULL AND (${numeric(column)} IS NULL${column.type === 'integer' ? ` OR ${numeric(column)} <> floor(${numeric(column)})` : ''})`,
      })),
  },
  {
    name: 'negative-amount',
    says: 'Amounts, counts and days past due that can’t be below 0 are not.',
    queries: context =>
      perColumn(
        context,
        column => isNumeric(column) && column.minimum === 0,
        (_, column) => ({ expected: 'a number of at least 0', where: `${numeric(column)} < 0` }),
      ),
  },
  {
    name: 'out-of-range',
    says: 'Numbers lie within the range that their column can have.',
    queries: context =>
      perColumn(
        context,
        column => isNumeric(column) && column.values === undefined,
        (_, column) => ({
          expected: `a number from ${column.minimum ?? '−∞'} to ${column.maximum ?? '∞'}`,
          where: `${numeric(column)} > ${column.maximum ?? 1e300} OR (${numeric(column)} < ${column.minimum ?? -1e300} AND ${column.minimum === 0 ? 'false' : 'true'})`,
        }),
      ),
  },
  {
    name: 'unknown-value',
    says: 'Columns with a fixed set of values hold one of them.',
    queries: context =>
      perColumn(
        context,
        column => column.values !== undefined,
        (_, column) => ({
          expected: `one of ${column.values?.join(', ')}`,
          where: isNumeric(column)
            ? `${numeric(column)} NOT IN (${column.values?.join(', ')})`
            : `"${column.name}" IS NOT NULL AND "${column.name}" NOT IN (${column.values?.map(literal).join(', ')})`,
        }),
      ),
  },
]
