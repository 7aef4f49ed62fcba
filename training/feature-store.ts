/** The features of all as-of rows: in memory while they are few, else on disk, and read alike. */

import { Categories, noCategory } from '../data/index.ts'
import type { Feature, FeatureColumn, FeatureColumns } from '../models/index.ts'
import { openSpillFile, readNumbers, type SpillFile, writeNumbers } from './spill-file.ts'

/** Features in columns; rows in the order in which they were added. */
export interface FeatureStore {
  readonly features: readonly Feature[]
  readonly rows: number
  /**
   * One feature.
   *
   * @param rows - Of these rows, in the order given; of all if left out.
   */
  column(index: number, rows?: Int32Array): FeatureColumn
  /** All features of some rows, in the order given. Rows that lie close together are read together. */
  take(rows: Int32Array): FeatureColumns
  /** Some of the features, over the same numbers. */
  only(features: readonly Feature[]): FeatureStore
  /** Frees the disk; nothing can be read after it. */
  close(): void
}

/** Collects features until they are whole. */
export interface FeatureStoreBuilder {
  add(columns: FeatureColumns): void
  done(): FeatureStore
  /** Frees the disk, if they will never be whole. */
  abandon(): void
}

/** Rows of a chunk on disk: in it every column lies in one piece. */
const chunkRows = 1 << 14

/** Bytes that features may take in memory: beyond that they go to disk. */
const bytesInMemory = 1 << 29

/** Where numbers are kept, `[column][row]`. */
interface Numbers {
  /** Writes `count` values of every column from `from` on. */
  read(column: number, from: number, count: number, into: Float64Array): void
}

/**
 * Collects features. Categories are kept as numbers of their levels.
 *
 * @param atMost - Bytes in memory; beyond them everything goes to disk.
 */
export function buildFeatureStore(features: readonly Feature[], atMost: number = bytesInMemory): FeatureStoreBuilder {
  const chunkBytes = chunkRows * features.length * Float64Array.BYTES_PER_ELEMENT
  const levels = features.map(() => new Map<string, number>())
  const full: Float64Array[] = []
  let chunk = new Float64Array(chunkRows * features.length)
  let rows = 0
  let inChunk = 0
  let spill: SpillFile | undefined
  let written = 0

  const flush = (): void => {
    if (spill === undefined && (full.length + 1) * chunkBytes > atMost) {
      spill = openSpillFile()
      for (const one of full.splice(0)) writeNumbers(spill.descriptor, one, chunkBytes * written++)
    }
    if (spill === undefined) {
      full.push(chunk)
      chunk = new Float64Array(chunkRows * features.length)
    } else writeNumbers(spill.descriptor, chunk, chunkBytes * written++)
    inChunk = 0
  }

  return {
    add: columns => {
      for (let first = 0; first < columns.rows; ) {
        const count = Math.min(columns.rows - first, chunkRows - inChunk)
        columns.columns.forEach((column, index) => {
          const at = index * chunkRows + inChunk
          if (column.kind === 'number') chunk.set(column.values.subarray(first, first + count), at)
          else putLevels(chunk, at, column, first, count, levels[index] as Map<string, number>)
        })
        first += count
        inChunk += count
        rows += count
        if (inChunk === chunkRows) flush()
      }
    },
    done: () => {
      if (inChunk > 0) flush()
      const file = spill
      const numbers: Numbers = {
        read: (column, from, count, into) => {
          for (let done = 0; done < count; ) {
            const row = from + done
            const place = column * chunkRows + (row % chunkRows)
            const here = Math.min(count - done, chunkRows - (row % chunkRows))
            const number = Math.floor(row / chunkRows)
            if (file === undefined) into.set((full[number] as Float64Array).subarray(place, place + here), done)
            else {
              const position = number * chunkBytes + place * Float64Array.BYTES_PER_ELEMENT
              readNumbers(file.descriptor, into.subarray(done, done + here), position)
            }
            done += here
          }
        },
      }
      const names = levels.map(known => [...known.keys()])
      return storeOf(features, rows, Int32Array.from(features.keys()), numbers, names, () => file?.close())
    },
    abandon: () => spill?.close(),
  }
}

function putLevels(
  chunk: Float64Array,
  at: number,
  { codes, texts }: Categories,
  first: number,
  count: number,
  levels: Map<string, number>,
): void {
  for (let row = 0; row < count; row += 1) {
    const text = texts[codes[first + row] as number]
    if (text !== undefined && !levels.has(text)) levels.set(text, levels.size)
    chunk[at + row] = text === undefined ? Number.NaN : (levels.get(text) as number)
  }
}

/** @param places - Column of each feature in `numbers`. */
function storeOf(
  features: readonly Feature[],
  rows: number,
  places: Int32Array,
  numbers: Numbers,
  levels: readonly (readonly string[])[],
  close: () => void,
): FeatureStore {
  const column = (index: number, wanted?: Int32Array): FeatureColumn => {
    const place = places[index] as number
    const values = new Float64Array(wanted?.length ?? rows)
    if (wanted === undefined) numbers.read(place, 0, rows, values)
    else readRows(numbers, place, wanted, values)
    if (features[index]?.kind !== 'category') return { kind: 'number', values }
    const codes = Int32Array.from(values, level => (Number.isNaN(level) ? noCategory : level))
    return new Categories(codes, levels[place] as readonly string[])
  }
  return {
    features,
    rows,
    column,
    take: wanted => ({ features, rows: wanted.length, columns: features.map((_, index) => column(index, wanted)) }),
    only: wanted => {
      const own = wanted.map(({ name }) => {
        const index = features.findIndex(feature => feature.name === name)
        if (index < 0) throw new Error(`the feature ${name} was not evaluated`)
        return places[index] as number
      })
      return storeOf(wanted, rows, Int32Array.from(own), numbers, levels, close)
    },
    close,
  }
}

/** Rows further apart than this are not read together. */
const gapAtMost = 256

/** Reads one column of some rows: a stretch at a time where they ascend and lie close together. */
function readRows(numbers: Numbers, column: number, rows: Int32Array, into: Float64Array): void {
  for (let first = 0; first < rows.length; ) {
    const from = rows[first] as number
    let end = first + 1
    while (
      end < rows.length &&
      (rows[end] as number) > (rows[end - 1] as number) &&
      (rows[end] as number) - (rows[end - 1] as number) <= gapAtMost &&
      (rows[end] as number) - from < chunkRows
    ) {
      end += 1
    }
    const stretch = new Float64Array((rows[end - 1] as number) - from + 1)
    numbers.read(column, from, stretch.length, stretch)
    for (let place = first; place < end; place += 1) into[place] = stretch[(rows[place] as number) - from] as number
    first = end
  }
}
