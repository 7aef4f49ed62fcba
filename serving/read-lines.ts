/** Lines of a body as it arrives, in constant memory: a line that is too long is skipped to its end and told. */

/** A line, or how long it was where that is too long. */
export type Line = { readonly text: string } | { readonly tooLong: number }

const newline = 0x0a

/**
 * Cuts a stream of bytes into lines; the last one needs no newline, and a carriage return before one is dropped.
 *
 * @param limitBytes - Longest line, in bytes.
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>, limitBytes: number): AsyncGenerator<Line> {
  let parts: Uint8Array[] = []
  let length = 0
  const take = (): Line => {
    const line = length > limitBytes ? { tooLong: length } : { text: textOf(parts) }
    parts = []
    length = 0
    return line
  }
  for await (const chunk of chunks) {
    let from = 0
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
      keep(chunk.subarray(from, at))
      yield take()
      from = at + 1
    }
    keep(chunk.subarray(from))
  }
  if (length > 0) yield take()

  /** Keeps bytes only as long as the line may still be read. */
  function keep(bytes: Uint8Array): void {
    length += bytes.length
    if (length <= limitBytes) parts.push(bytes)
    else parts = []
  }
}

function textOf(parts: readonly Uint8Array[]): string {
  return Buffer.concat(parts).toString('utf8').replace(/\r$/, '')
}
