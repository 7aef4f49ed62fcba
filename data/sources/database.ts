/** DuckDB as the data sets' reader: a scratch database, literals, and rows streamed chunk by chunk. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance, type DuckDBResult, type DuckDBValue } from '@duckdb/node-api'
import { countChunk } from './free-chunks.ts'

/** A scratch database; it spills to a temporary folder, so that data larger than memory works. */
export interface Database {
  readonly connection: DuckDBConnection
  /** Temporary folder, removed by `close`. */
  readonly folder: string
  /** A further connection: each can stream one result at a time. */
  connect(): Promise<DuckDBConnection>
  close(): void
}

/**
 * Opens an empty scratch database.
 *
 * @param memory - What it may hold in memory, as DuckDB writes it; what is more goes to disk.
 * @param threads - Threads it may use; all cores if left out.
 */
export async function openDatabase(memory = '512MB', threads?: number): Promise<Database> {
  const folder = mkdtempSync(join(tmpdir(), 'harbinger-'))
  const instance = await DuckDBInstance.create(':memory:', {
    temp_directory: folder,
    memory_limit: memory,
    ...(threads === undefined ? {} : { threads: String(threads) }),
  })
  const connection = await instance.connect()
  // what a file says of itself takes as long to read as some ten thousand rows, and is asked for with every part
  await connection.run('SET GLOBAL parquet_metadata_cache = true')
  return {
    connection,
    folder,
    connect: () => instance.connect(),
    close: () => {
      connection.closeSync()
      instance.closeSync()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Text as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** A name as an SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** All rows of a query, as objects. */
export async function readRows(connection: DuckDBConnection, sql: string): Promise<Record<string, DuckDBValue>[]> {
  return (await connection.runAndReadAll(sql)).getRowObjects()
}

/** The first value of the first row of a query that counts. */
export async function readCount(connection: DuckDBConnection, sql: string): Promise<number> {
  const [row] = (await connection.runAndReadAll(sql)).getRows()
  return Number(row?.[0] ?? 0)
}

/** Walks over the rows of a query without holding them all. */
export class Cursor {
  readonly #result: DuckDBResult
  readonly #place: ReadonlyMap<string, number>
  #columns: DuckDBValue[][] = []
  #row = -1
  #rows = 0

  private constructor(result: DuckDBResult) {
    this.#result = result
    this.#place = new Map(result.columnNames().map((name, place) => [name, place]))
  }

  /** Starts a query on a connection of its own, and moves to its first row. */
  static async open(connection: DuckDBConnection, sql: string): Promise<Cursor> {
    const cursor = new Cursor(await connection.stream(sql))
    if (!cursor.step()) await cursor.refill()
    return cursor
  }

  /** True once there are no more rows. */
  get done(): boolean {
    return this.#row >= this.#rows
  }

  /** Place of a column, for {@link Cursor.value}. */
  place(name: string): number {
    return this.#place.get(name) ?? -1
  }

  /** Value at a column's place in the present row; null if there is no such column. */
  value(place: number): DuckDBValue {
    return this.#columns[place]?.[this.#row] ?? null
  }

  /** Text in a column of the present row; null if it is empty. */
  text(name: string): string | null {
    const value = this.value(this.place(name))
    return value === null ? null : String(value)
  }

  /** Moves to the next row of the chunk; false if a new chunk is needed: then await {@link Cursor.refill}. */
  step(): boolean {
    this.#row += 1
    return this.#row < this.#rows
  }

  /** Fetches the next chunk and moves to its first row; afterwards {@link Cursor.done} may be true. */
  async refill(): Promise<void> {
    countChunk()
    const chunk = await this.#result.fetchChunk()
    this.#rows = chunk?.rowCount ?? 0
    this.#columns = chunk === null || chunk.rowCount === 0 ? [] : chunk.getColumns()
    this.#row = 0
  }

  /** Moves to the next row. */
  async next(): Promise<void> {
    if (!this.step()) await this.refill()
  }
}
