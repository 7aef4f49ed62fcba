/** A whole book through `/v1/scores/batch` as NDJSON. */

import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'

/** Rows per second of a stream that is written and read at the same time. */
export async function streamRows(url: string, body: object, rows: number): Promise<number> {
  const line = Buffer.from(`${JSON.stringify(body)}\n`)
  const started = performance.now()
  const response = await fetch(`${url}/v1/scores/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: Readable.toWeb(Readable.from(Array.from({ length: rows }, () => line))),
    duplex: 'half',
  } as RequestInit)
  if (response.body === null) throw new Error(`${url}: no stream came back`)
  let answered = 0
  for await (const text of createInterface({ input: Readable.fromWeb(response.body as never) })) {
    if (!text.includes('"score"')) throw new Error(`${url}: ${text.slice(0, 200)}`)
    answered += 1
  }
  if (answered !== rows) throw new Error(`${url}: ${answered} answers to ${rows} lines`)
  return rows / ((performance.now() - started) / 1000)
}
