/** Finds a file that ends inside a quoted cell: DuckDB passes over such a last row without a word. */

import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'

const quote = 0x22

/** True if the number of quotes in a CSV file, gzipped or not, is odd: its last quoted cell was cut off. */
export async function endsInsideQuote(file: string): Promise<boolean> {
  const bytes = createReadStream(file, { highWaterMark: 1 << 20 })
  let quotes = 0
  for await (const chunk of file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes) {
    const part = chunk as Buffer
    for (let at = part.indexOf(quote); at !== -1; at = part.indexOf(quote, at + 1)) quotes += 1
  }
  return quotes % 2 === 1
}
