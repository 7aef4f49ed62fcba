/** Reads a part of a laid-out data set as blocks of whole borrowers. */

import {
  type Account,
  addLedgerBorrower,
  type Borrower,
  economyAsOf,
  HistoryBuilder,
  type Instalment,
  type LabelledHistory,
  type LedgerAccount,
  lastEndedMonth,
  type NumberColumnName,
  type Payment,
  toDay,
} from '../index.ts'
import { Cursor, type Database, identifier, literal } from './database.ts'
import { AccountMonthReader } from './read-account-months.ts'
import type { ChildFile, Shard, ShardSource } from './shards.ts'
import type { ColumnSchema } from './table-schema.ts'

/** How to read. */
export interface ReadOptions {
  /** Rows per block, about: a block ends with the borrower that fills it. */
  readonly rowsPerBlock: number
  /** Fill the same columns again and again: a block is valid until the next one is asked for. */
  readonly reuse?: boolean
}

/** Streams the blocks of a part. */
export async function* readShard(
  database: Database,
  source: ShardSource,
  shard: Shard,
  options: ReadOptions,
): AsyncGenerator<LabelledHistory> {
  if (source.months === undefined) yield* readLedger(database, source, shard, options)
  else yield* readMonths(database, source, source.months, shard, options)
}

async function* readMonths(
  database: Database,
  source: ShardSource,
  months: NonNullable<ShardSource['months']>,
  shard: Shard,
  { rowsPerBlock, reuse = false }: ReadOptions,
): AsyncGenerator<LabelledHistory> {
  const { reader, close } = await AccountMonthReader.open(database, source.accounts, months, shard, source.economy)
  try {
    let builder = new HistoryBuilder()
    while (await reader.fill(builder, rowsPerBlock)) {
      if (builder.rows > 0) yield builder.build()
      builder = nextBuilder(builder, reuse, reader.overwritten)
    }
  } finally {
    await close()
  }
}

async function* readLedger(
  database: Database,
  source: ShardSource,
  shard: Shard,
  { rowsPerBlock, reuse = false }: ReadOptions,
): AsyncGenerator<LabelledHistory> {
  const connections = await Promise.all([database.connect(), database.connect(), database.connect()])
  const [first, second, third] = connections
  try {
    const accounts = await Cursor.open(
      first,
      `SELECT * FROM read_parquet(${literal(source.accounts)}) WHERE place BETWEEN ${shard.from} AND ${shard.to} ORDER BY place`,
    )
    const children = {
      instalments: await openChild(
        () => Cursor.open(second, childSql(source.children?.instalments, shard)),
        source.children?.instalments,
      ),
      payments: await openChild(
        () => Cursor.open(third, childSql(source.children?.payments, shard)),
        source.children?.payments,
      ),
    }
    const knownOn = toDay(source.dataCutOn)
    const { outages } = source
    const lowering = { lastMonth: lastEndedMonth(knownOn), knownOn, economy: economyAsOf(source.economy), outages }

    let builder = new HistoryBuilder()
    while (!accounts.done) {
      const borrowerId = accounts.text('borrowerId') ?? ''
      const borrower = { ...readObject<Borrower>(accounts, source.borrowerColumns), borrowerId }
      const ledgers: LedgerAccount[] = []
      while (!accounts.done && accounts.text('borrowerId') === borrowerId) {
        const place = Number(accounts.value(accounts.place('place')))
        ledgers.push({
          ...readObject<Account>(accounts, source.accountColumns),
          instalments: await readChildren<Instalment>(children.instalments, place),
          payments: await readChildren<Payment>(children.payments, place),
        })
        if (!accounts.step()) await accounts.refill()
      }
      addLedgerBorrower(builder, borrower, ledgers, lowering)
      if (builder.rows >= rowsPerBlock) {
        yield builder.build()
        builder = nextBuilder(builder, reuse)
      }
    }
    if (builder.rows > 0) yield builder.build()
  } finally {
    for (const connection of connections) connection.closeSync()
  }
}

/** For the next block, which is about as long. */
function nextBuilder(
  builder: HistoryBuilder,
  reuse: boolean,
  overwritten?: ReadonlySet<NumberColumnName>,
): HistoryBuilder {
  return reuse ? builder.renew(overwritten) : new HistoryBuilder(Math.ceil(1.05 * Math.max(builder.rows, 1)))
}

function childSql(child: ChildFile | undefined, { from, to }: Shard): string {
  if (child === undefined) return ''
  return `SELECT place, ${child.columns.map(({ name }) => identifier(name)).join(', ')}
    FROM read_parquet(${literal(child.file)}) WHERE place BETWEEN ${from} AND ${to}`
}

/** A ledger's rows, by account. */
interface Child {
  readonly cursor: Cursor
  readonly columns: readonly ColumnSchema[]
}

async function openChild(open: () => Promise<Cursor>, child: ChildFile | undefined): Promise<Child | undefined> {
  return child === undefined ? undefined : { cursor: await open(), columns: child.columns }
}

async function readChildren<Row>(child: Child | undefined, place: number): Promise<Row[]> {
  const rows: Row[] = []
  if (child === undefined) return rows
  const { cursor, columns } = child
  const owner = cursor.place('place')
  while (!cursor.done && cursor.value(owner) === place) {
    rows.push(readObject<Row>(cursor, columns))
    if (!cursor.step()) await cursor.refill()
  }
  return rows
}

/**
 * The present row as an object of a contract. Its cells have been checked against the columns' schema, which is derived
 * from the contract, so the type is what the check has shown.
 */
function readObject<Row>(cursor: Cursor, columns: readonly ColumnSchema[]): Row {
  const row: Record<string, unknown> = {}
  for (const { name } of columns) {
    const value = cursor.value(cursor.place(name))
    if (value !== null) row[name] = value
  }
  return row as Row
}
