/** Columns of numbers as they flow from a query, chunk by chunk, without an object per row or a value boxed per cell. */

import type { DuckDBConnection, DuckDBDataChunk, DuckDBResult } from '@duckdb/node-api'
import duckdb from '@duckdb/node-bindings'
import { countChunk } from './free-chunks.ts'

const bytesPerNumber = Float64Array.BYTES_PER_ELEMENT

/** A column of a chunk. */
interface Numbers {
  readonly values: Float64Array
  readonly validity: Uint8Array | null
}

/** Streams a query whose columns are of type DOUBLE. */
export class ColumnStream {
  readonly #result: DuckDBResult
  #chunk: DuckDBDataChunk | null = null
  /** The next chunk, which DuckDB makes in a thread of its own while the present one is worked on. */
  #ahead: Promise<DuckDBDataChunk | null> | null = null
  #vectors: (Numbers | undefined)[] = []
  #rows = 0

  private constructor(result: DuckDBResult) {
    this.#result = result
  }

  /** Starts a query on a connection of its own. */
  static async open(connection: DuckDBConnection, sql: string): Promise<ColumnStream> {
    return new ColumnStream(await connection.stream(sql))
  }

  /** Rows of the present chunk; 0 before the first and after the last. */
  get rows(): number {
    return this.#rows
  }

  /** Moves to the next chunk; false if there is none. */
  async next(): Promise<boolean> {
    this.#vectors = []
    this.#chunk = null
    countChunk()
    this.#chunk = await (this.#ahead ?? this.#result.fetchChunk())
    this.#rows = this.#chunk?.rowCount ?? 0
    this.#ahead = this.#rows > 0 ? this.#result.fetchChunk() : null
    this.#ahead?.catch(() => {}) // told by the next call, if there is one
    return this.#rows > 0
  }

  /** Waits for what is being fetched: a connection must not be closed meanwhile. */
  async settle(): Promise<void> {
    await this.#ahead?.catch(() => {})
  }

  #numbers(place: number): Numbers | undefined {
    if (this.#chunk === null || this.#rows === 0) return undefined
    const known = this.#vectors[place]
    if (known !== undefined) return known
    const vector = duckdb.data_chunk_get_vector(this.#chunk.chunk, place)
    const bytes = duckdb.vector_get_data(vector, this.#rows * bytesPerNumber)
    const numbers = {
      values: new Float64Array(bytes.buffer, bytes.byteOffset, this.#rows),
      validity: duckdb.vector_get_validity(vector, 8 * Math.ceil(this.#rows / 64)),
    }
    this.#vectors[place] = numbers
    return numbers
  }

  /** Value of a column in a row of the present chunk; NaN if it is empty. */
  at(place: number, row: number): number {
    const vector = this.#numbers(place)
    if (vector === undefined) return Number.NaN
    return isValid(vector.validity, row) ? (vector.values[row] as number) : Number.NaN
  }

  /** Copies rows `from` to before `to` of a column, NaN where empty, into `target` from `at` on. */
  copy(place: number, from: number, to: number, target: Float64Array, at: number): void {
    const vector = this.#numbers(place)
    if (vector === undefined) return
    target.set(vector.values.subarray(from, to), at)
    if (vector.validity === null) return
    for (let row = from; row < to; row += 1) {
      if (!isValid(vector.validity, row)) target[at + row - from] = Number.NaN
    }
  }

  /** Copies rows `from` to before `to` of a column, NaN where empty, each to its own place in `target`. */
  scatter(place: number, from: number, to: number, target: Float64Array, places: Int32Array): void {
    const vector = this.#numbers(place)
    if (vector === undefined) return
    const { values, validity } = vector
    for (let row = from; row < to; row += 1) {
      target[places[row] as number] = isValid(validity, row) ? (values[row] as number) : Number.NaN
    }
  }
}

/** A bit per row, set where the row has a value; no bits at all where every row has. */
function isValid(validity: Uint8Array | null, row: number): boolean {
  return validity === null || (((validity[row >> 3] as number) >> (row & 7)) & 1) === 1
}
