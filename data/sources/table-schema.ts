/** The columns of every table, derived from the zod contracts: what a file must hold, and what its cells may hold. */

import { z } from 'zod'
import {
  accountMonthSchema,
  accountSchema,
  borrowerSchema,
  contactSchema,
  economyMonthSchema,
  instalmentSchema,
  paymentSchema,
  type TableName,
} from '../index.ts'

/** What a column's cells hold. */
export interface ColumnSchema {
  readonly name: string
  readonly type: 'text' | 'date' | 'month' | 'number' | 'integer'
  /** True if the column must be there and no cell may be empty. */
  readonly required: boolean
  readonly minimum?: number
  readonly maximum?: number
  /** The only values allowed, as text. */
  readonly values?: readonly string[]
}

/** A table's columns, in order. */
export interface TableSchema {
  readonly columns: readonly ColumnSchema[]
  /** Columns that together are unique. */
  readonly key: readonly string[]
}

/** The parts of a JSON schema that say what a cell holds. */
const jsonValue = z.looseObject({
  type: z.string().optional(),
  format: z.string().optional(),
  pattern: z.string().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  enum: z.array(z.union([z.string(), z.number()])).optional(),
  const: z.union([z.string(), z.number()]).optional(),
})
const jsonProperty = jsonValue.extend({
  anyOf: z.array(z.looseObject({ ...jsonValue.shape, anyOf: z.array(jsonValue).optional() })).optional(),
})
const jsonProperties = z.looseObject({
  properties: z.record(z.string(), jsonProperty).optional(),
  required: z.array(z.string()).optional(),
})
const jsonObject = jsonProperties.extend({ $defs: z.record(z.string(), jsonProperties).optional() })

const identifier = z.string().min(1).max(200)
const accountKey = z.strictObject({ accountId: identifier })
const monthText = accountMonthSchema.shape.month

/** The schema of every table. `truth` also has `pd1`, `pd2` … as far as its file goes. */
export const tableSchemas: Readonly<Record<TableName, TableSchema>> = {
  borrowers: table(['borrowerId'], borrowerSchema),
  accounts: table(['accountId'], accountKey, z.strictObject({ borrowerId: identifier }), accountSchema),
  instalments: table(['accountId', 'instalmentId'], accountKey, instalmentSchema),
  payments: table(['accountId', 'paymentId'], accountKey, paymentSchema),
  accountMonths: table(
    ['accountId', 'month'],
    accountKey,
    z.strictObject({ borrowerId: identifier.optional() }),
    accountMonthSchema,
  ),
  contacts: table(['accountId', 'contactId'], accountKey, contactSchema),
  economy: table(['month'], economyMonthSchema),
  labels: table(
    ['accountId', 'month'],
    accountKey,
    z.strictObject({ month: monthText, horizon: z.int().min(1).max(24), event: z.int().min(0).max(1) }),
  ),
  folds: table(
    ['accountId'],
    accountKey,
    z.strictObject({ fold: z.int().min(0).max(1000), inner: z.int().min(0).max(1000).optional() }),
  ),
  truth: table(['accountId', 'month'], accountKey, z.strictObject({ month: monthText, pd1: z.number().min(0).max(1) })),
}

/** Columns of a zod object. */
function columnsOf(schema: z.ZodObject): ColumnSchema[] {
  const json = jsonObject.parse(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }))
  const object = json.properties === undefined ? Object.values(json.$defs ?? {})[0] : json
  const required = new Set(object?.required ?? [])
  return Object.entries(object?.properties ?? {}).map(([name, value]) => columnOf(name, value, required.has(name)))
}

function table(key: readonly string[], ...schemas: readonly z.ZodObject[]): TableSchema {
  const columns = new Map<string, ColumnSchema>()
  for (const column of schemas.flatMap(columnsOf)) if (!columns.has(column.name)) columns.set(column.name, column)
  return { columns: [...columns.values()], key }
}

function columnOf(name: string, property: z.infer<typeof jsonProperty>, required: boolean): ColumnSchema {
  const variants = (property.anyOf ?? [property])
    .flatMap(variant => variant.anyOf ?? [variant])
    .filter(({ type }) => type !== 'null')
  const main = variants[0] ?? {}
  const values = variants.flatMap(variant => variant.enum ?? (variant.const === undefined ? [] : [variant.const]))
  const type =
    main.format === 'date'
      ? 'date'
      : main.pattern !== undefined
        ? 'month'
        : main.type === 'integer'
          ? 'integer'
          : main.type === 'number'
            ? 'number'
            : 'text'
  return {
    name,
    type,
    required,
    ...(main.minimum === undefined ? {} : { minimum: main.minimum }),
    ...(main.maximum === undefined ? {} : { maximum: main.maximum }),
    ...(values.length === 0 ? {} : { values: values.map(String) }),
  }
}
