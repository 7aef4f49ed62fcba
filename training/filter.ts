/**
 * The evaluator as a filter: account-months in, feature rows out, in constant memory, so that an existing engine can run
 * it over partitions.
 */

import {
  type Account,
  type AccountMonth,
  accountMonthSchema,
  accountSchema,
  addMonthlyBorrower,
  type Borrower,
  borrowerSchema,
  type Economy,
  economyAsOf,
  formatMonth,
  HistoryBuilder,
  InputError,
  toMonth,
} from '../data/index.ts'
import { tableSchemas } from '../data/sources/index.ts'
import { evaluate, type Feature, valueAt } from '../models/index.ts'

/** How rows are written: tab-separated with a header, or one JSON object per line. */
export type FilterFormat = 'tsv' | 'ndjson'

/** Rows evaluated at once; a block ends with the borrower that fills it. */
const rowsPerBlock = 8000

const months = Object.keys(accountMonthSchema.shape)
const borrowers = Object.keys(borrowerSchema.shape).filter(name => name !== 'borrowerId')
const accounts = Object.keys(accountSchema.shape).filter(name => name !== 'accountId')
const known = new Set(['borrowerId', 'accountId', ...months, ...borrowers, ...accounts])

/** Columns whose cells are numbers. */
const numeric = new Set(
  (['accountMonths', 'borrowers', 'accounts'] as const)
    .flatMap(table => tableSchemas[table].columns)
    .filter(({ type }) => type === 'number' || type === 'integer')
    .map(({ name }) => name),
)

/** One row as read, and where it stood. */
interface Row {
  readonly number: number
  readonly borrowerId: string
  readonly accountId: string
  readonly cells: Readonly<Record<string, unknown>>
}

/** A borrower whose rows are still coming. */
interface Collected {
  readonly borrower: Borrower
  readonly accounts: (Account & { months: AccountMonth[] })[]
}

/**
 * Turns lines of account-months, sorted by borrower, account and month, into lines of features, one per account-month.
 *
 * Without `borrowerId` each account is its own borrower. Facts are taken from an account's (and a borrower's) first row.
 *
 * @param lines - With a header first if tab-separated; an empty cell is missing.
 * @param economy - As it was known at the months' ends; nothing by default.
 * @throws InputError naming row and field of what is amiss, or rows that are not sorted.
 */
export async function* filterFeatures(
  lines: AsyncIterable<string>,
  features: readonly Feature[],
  format: FilterFormat,
  economy: Economy = economyAsOf([]),
): AsyncGenerator<string> {
  if (format === 'tsv')
    yield `${['borrowerId', 'accountId', 'month', ...features.map(({ name }) => name)].join('\t')}\n`
  let collected: Collected | undefined
  let builder = new HistoryBuilder()
  let last: Row | undefined
  const finish = (): void => {
    if (collected === undefined) return
    const everything = {
      lastMonth: Number.POSITIVE_INFINITY,
      knownOn: Number.POSITIVE_INFINITY,
      economy,
    }
    addMonthlyBorrower(builder, collected.borrower, collected.accounts, everything)
  }
  for await (const row of readRows(lines, format)) {
    checkOrder(last, row)
    if (row.borrowerId !== last?.borrowerId) {
      finish()
      if (builder.rows >= rowsPerBlock) {
        yield* featureLines(builder, features, format)
        builder = new HistoryBuilder()
      }
      collected = { borrower: parse(borrowerSchema, row, borrowers, { borrowerId: row.borrowerId }), accounts: [] }
    }
    if (collected === undefined) throw new Error('a row without a borrower')
    if (row.borrowerId !== last?.borrowerId || row.accountId !== last.accountId) {
      collected.accounts.push({ ...parse(accountSchema, row, accounts, { accountId: row.accountId }), months: [] })
    }
    collected.accounts.at(-1)?.months.push(parse(accountMonthSchema, row, months, {}))
    last = row
  }
  finish()
  if (builder.rows > 0) yield* featureLines(builder, features, format)
}

function* featureLines(builder: HistoryBuilder, features: readonly Feature[], format: FilterFormat): Generator<string> {
  const { history } = builder.build()
  const rows = Int32Array.from(history.month.keys()).filter(row => history.observed[row] === 1)
  const { columns } = evaluate(features, history, rows)
  let [borrower, account] = [0, 0]
  for (let place = 0; place < rows.length; place += 1) {
    const row = rows[place] as number
    while ((history.accountStart[account + 1] as number) <= row) account += 1
    while ((history.borrowerStart[borrower + 1] as number) <= account) borrower += 1
    const keys = [history.borrowerIds[borrower], history.accountIds[account], formatMonth(history.month[row] as number)]
    const values = columns.map(column => valueAt(column, place))
    if (format === 'tsv') {
      yield `${[...keys, ...values.map(value => value ?? '')].join('\t')}\n`
    } else {
      const named = Object.fromEntries(features.map(({ name }, index) => [name, values[index] ?? null]))
      yield `${JSON.stringify({ borrowerId: keys[0], accountId: keys[1], month: keys[2], ...named })}\n`
    }
  }
}

async function* readRows(lines: AsyncIterable<string>, format: FilterFormat): AsyncGenerator<Row> {
  let header: readonly string[] | undefined
  let number = 0
  for await (const line of lines) {
    if (line === '') continue
    if (format === 'tsv' && header === undefined) {
      header = line.split('\t')
      checkColumns(header)
      continue
    }
    number += 1
    const cells = header === undefined ? jsonCells(line, number) : tabbedCells(line, header, number)
    const accountId = String(cells.accountId ?? '')
    yield { number, accountId, borrowerId: String(cells.borrowerId ?? accountId), cells }
  }
}

function checkColumns(header: readonly string[]): void {
  const unknown = header.find(name => !known.has(name))
  const missing = ['accountId', 'month'].find(name => !header.includes(name))
  if (unknown === undefined && missing === undefined) return
  throw new InputError({
    source: 'standard input',
    field: unknown ?? missing ?? '',
    expected: unknown === undefined ? 'a column of this name' : `a column of account-months: ${[...known].join(', ')}`,
    rule: 'missing-column',
  })
}

function tabbedCells(line: string, header: readonly string[], number: number): Record<string, unknown> {
  const cells = line.split('\t')
  if (cells.length !== header.length) {
    throw new InputError({
      source: 'standard input',
      row: number,
      found: `${cells.length} columns`,
      expected: `${header.length} columns`,
      rule: 'cut-off-row',
    })
  }
  return Object.fromEntries(
    header.flatMap((name, place) => {
      const cell = cells[place] as string
      if (cell === '') return []
      // What is no number stays text, so that the message can show it.
      const number = numeric.has(name) ? Number(cell) : Number.NaN
      return [[name, Number.isNaN(number) ? cell : number]]
    }),
  )
}

function jsonCells(line: string, number: number): Record<string, unknown> {
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch {
    json = undefined
  }
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return Object.fromEntries(Object.entries(json))
  throw new InputError({ source: 'standard input', row: number, expected: 'a JSON object', rule: 'cut-off-row' })
}

/** The named cells of a row as a contract's object. */
function parse<Contract>(
  schema: {
    safeParse(
      value: unknown,
    ):
      | { success: true; data: Contract }
      | { success: false; error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } }
  },
  row: Row,
  names: readonly string[],
  keys: object,
): Contract {
  const cells = Object.fromEntries(
    names.flatMap(name => (row.cells[name] === undefined ? [] : [[name, row.cells[name]]])),
  )
  const parsed = schema.safeParse({ ...keys, ...cells })
  if (parsed.success) return parsed.data
  throw new InputError(
    parsed.error.issues.map(issue => ({
      source: 'standard input',
      row: row.number,
      field: issue.path.join('.'),
      found: String(row.cells[String(issue.path[0])] ?? ''),
      expected: issue.message,
    })),
  )
}

/** Sorted rows are what makes constant memory possible; unsorted ones would silently give other features. */
function checkOrder(last: Row | undefined, row: Row): void {
  if (last === undefined) return
  const key = ({ borrowerId, accountId, cells }: Row): readonly [string, string, number] => [
    borrowerId,
    accountId,
    toMonth(String(cells.month), 'standard input', 'month'),
  ]
  const [before, now] = [key(last), key(row)]
  for (let place = 0; place < 3; place += 1) {
    const [a, b] = [before[place] as string | number, now[place] as string | number]
    if (a < b) return
    if (a > b) break
  }
  throw new InputError({
    source: 'standard input',
    row: row.number,
    found: now.slice(0, 2).join(', '),
    expected: 'rows sorted by borrowerId, accountId and month, each month once',
    rule: 'sorted-rows',
  })
}
