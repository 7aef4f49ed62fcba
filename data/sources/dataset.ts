/** A data set on disk, checked and ready to stream. */

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import {
  type DatasetDescription,
  type Day,
  type FoundOutage,
  type InputProblem,
  type LabelledHistory,
  lastEndedMonth,
  type Month,
  type TableName,
  toDay,
  toMonth,
} from '../index.ts'
import { openDatabase, readRows } from './database.ts'
import { readDescription } from './describe.ts'
import { prepareTables } from './prepare-tables.ts'
import { readShard } from './read-shard.ts'
import { layOut, type Sharded } from './shards.ts'

/** A checked data set. Close it when done. */
export interface Dataset {
  readonly folder: string
  readonly description: DatasetDescription
  /** SHA-256, 64 hex digits, over dataset.json and every table file. */
  readonly fingerprint: string
  /** Rows per table, quarantined ones not counted. */
  readonly counts: Readonly<Partial<Record<TableName, number>>>
  /** Last month that had ended by the data cut. */
  readonly lastMonth: Month
  /** What was found in a tolerant run; a strict run with findings throws instead. */
  readonly findings: readonly InputProblem[]
  /** Rows put into `quarantine.csv`. */
  readonly quarantined: number
  /** The rows laid out on disk, for worker threads to read part by part; valid until `close`. */
  layOut(): Promise<Sharded>
  /** Blocks of whole borrowers, by borrower, account and month; memory is bounded by `rowsPerBlock`. */
  blocks(options?: { readonly rowsPerBlock?: number }): AsyncIterable<LabelledHistory>
  /** Labels that the data set brings, by account; empty if it brings none. */
  labels(): Promise<ReadonlyMap<string, readonly { month: Month; horizon: number; event: 0 | 1 }[]>>
  /** Folds that the data set brings, by account; empty if it brings none. */
  folds(): Promise<ReadonlyMap<string, { fold: number; inner: number | null }>>
  /** Times in which debits failed for reasons that weren't the borrowers', as the payments show; needs their `bank`. */
  outages(): Promise<readonly FoundOutage[]>
  /** Days on which borrowers were contacted, by account, in order; null if the data set doesn't say. */
  contacts(): Promise<ReadonlyMap<string, readonly Day[]> | null>
  /** True PD(1…H) of a simulated data set, by account; empty if it brings none. */
  truth(): Promise<ReadonlyMap<string, readonly { month: Month; pd: readonly number[] }[]>>
  close(): void
}

/** How to open a data set. */
export interface OpenOptions {
  /** Put bad rows into `quarantine.csv` in the folder and go on, instead of stopping. */
  readonly tolerant?: boolean
  readonly onProgress?: (step: string, done: number, of: number) => void
}

/** Rows per block, about, unless told. */
const rowsPerBlockByDefault = 200_000

/**
 * Opens and checks a data set.
 *
 * @param folder - Holds `dataset.json` and the files that it names.
 * @throws InputError naming file, row, field, value and rule of what is amiss.
 */
export async function openDataset(folder: string, options: OpenOptions = {}): Promise<Dataset> {
  const description = readDescription(folder)
  const database = await openDatabase()
  try {
    const prepared = await prepareTables(
      database.connection,
      folder,
      description,
      options.tolerant ?? false,
      options.onProgress ?? (() => {}),
    )
    const { context, counts, findings, quarantined } = prepared
    const rowsOf = async (table: TableName): Promise<Record<string, unknown>[]> => {
      const view = context.tables.get(table)?.view
      return view === undefined
        ? []
        : readRows(database.connection, `SELECT * EXCLUDE ("row") FROM ${view} ORDER BY "row"`)
    }
    let laidOut: Promise<Sharded> | undefined
    const layOutOnce = (): Promise<Sharded> => {
      laidOut ??= layOut(database, context, description.grain)
      return laidOut
    }
    return {
      folder,
      description,
      fingerprint: await fingerprintOf(folder, description),
      counts,
      lastMonth: lastEndedMonth(toDay(description.dataCutOn)),
      findings,
      quarantined,
      layOut: layOutOnce,
      blocks: async function* ({ rowsPerBlock = rowsPerBlockByDefault } = {}) {
        const { source, shards } = await layOutOnce()
        for (const shard of await shards(rowsPerBlock)) yield* readShard(database, source, shard, { rowsPerBlock })
      },
      labels: async () =>
        grouped(await rowsOf('labels'), row => ({
          month: toMonth(String(row.month)),
          horizon: Number(row.horizon),
          event: Number(row.event) === 1 ? (1 as const) : (0 as const),
        })),
      folds: async () =>
        new Map(
          (await rowsOf('folds')).map(row => [
            String(row.accountId),
            { fold: Number(row.fold), inner: (row.inner ?? null) === null ? null : Number(row.inner) },
          ]),
        ),
      outages: async () => (await layOutOnce()).source.outages,
      contacts: async () => {
        if (!context.tables.has('contacts')) return null
        const days = grouped(await rowsOf('contacts'), row => toDay(String(row.contactedOn)))
        for (const list of days.values()) list.sort((a, b) => a - b)
        return days
      },
      truth: async () =>
        grouped(await rowsOf('truth'), row => ({
          month: toMonth(String(row.month)),
          pd: Object.keys(row)
            .filter(name => /^pd\d+$/.test(name))
            .sort((a, b) => Number(a.slice(2)) - Number(b.slice(2)))
            .map(name => Number(row[name])),
        })),
      close: database.close,
    }
  } catch (error) {
    database.close()
    throw error
  }
}

function grouped<Value>(
  rows: readonly Record<string, unknown>[],
  read: (row: Record<string, unknown>) => Value,
): Map<string, Value[]> {
  const groups = new Map<string, Value[]>()
  for (const row of rows) {
    const accountId = String(row.accountId)
    const group = groups.get(accountId)
    if (group === undefined) groups.set(accountId, [read(row)])
    else group.push(read(row))
  }
  return groups
}

async function fingerprintOf(folder: string, description: DatasetDescription): Promise<string> {
  const hash = createHash('sha256')
  const files = ['dataset.json', ...Object.values(description.tables).flatMap(table => (table ? [table.path] : []))]
  for (const file of [...new Set(files)].sort()) {
    hash.update(`${file}\n`)
    for await (const bytes of createReadStream(join(folder, file))) hash.update(bytes as Buffer)
  }
  return hash.digest('hex')
}
