/**
 * How a journal holds records, so that a reader can tell a whole one from one that a crash cut off.
 *
 * A record is a line `HBJ1 <head> <request> <answer> <crc>` (three lengths in bytes, CRC-32 of all that follows in
 * hexadecimal), then the head (JSON), the request and the answer, as they came.
 */

import { crc32 } from 'node:zlib'
import { z } from 'zod'

const mark = 'HBJ1'

/** Longest first line, in bytes: mark, three lengths, CRC and newline. */
const lineAtMost = 64

const headSchema = z.strictObject({
  id: z.uuid(),
  decidedAt: z.iso.datetime(),
  caller: z.string().nullable(),
  route: z.string(),
})

/** What a record says besides request and answer. */
export type JournalHead = z.infer<typeof headSchema>

/** One decision on its way to the store. */
export interface JournalRecord {
  readonly head: JournalHead
  /** What was asked, as JSON in UTF-8. */
  readonly request: Uint8Array
  /** What was answered, as JSON in UTF-8. */
  readonly answer: Uint8Array
}

/** The bytes of a record, in pieces: request and answer aren't copied. */
export function encodeRecord({ head, request, answer }: JournalRecord): [Uint8Array, Uint8Array, Uint8Array] {
  const json = Buffer.from(JSON.stringify(head))
  const crc = crc32(answer, crc32(request, crc32(json)))
  const line = `${mark} ${json.length} ${request.length} ${answer.length} ${crc.toString(16)}\n`
  return [Buffer.concat([Buffer.from(line, 'latin1'), json]), request, answer]
}

/** What lies at a place of a journal. */
export type DecodedRecord =
  | { readonly kind: 'record'; readonly record: JournalRecord; readonly end: number }
  /** So far all is well, but the bytes end before the record does. */
  | { readonly kind: 'cut' }
  /** No record begins here, or its bytes aren't those that were written. */
  | { readonly kind: 'damaged' }

/** Reads the record that begins at a place. */
export function decodeRecord(bytes: Uint8Array, start: number): DecodedRecord {
  const newline = bytes.indexOf(10, start)
  if (newline < 0 || newline - start > lineAtMost) {
    return { kind: bytes.length - start <= lineAtMost && newline < 0 ? 'cut' : 'damaged' }
  }
  const line = Buffer.from(bytes.subarray(start, newline)).toString('latin1')
  const parts = /^HBJ1 (\d{1,9}) (\d{1,10}) (\d{1,10}) ([0-9a-f]{1,8})$/.exec(line)
  if (parts === null) return { kind: 'damaged' }
  const [headLength, requestLength, answerLength] = parts.slice(1, 4).map(Number) as [number, number, number]
  const headEnd = newline + 1 + headLength
  const requestEnd = headEnd + requestLength
  const end = requestEnd + answerLength
  if (end > bytes.length) return { kind: 'cut' }
  if (crc32(bytes.subarray(newline + 1, end)).toString(16) !== parts[4]) return { kind: 'damaged' }
  const head = readHead(bytes.subarray(newline + 1, headEnd))
  if (head === null) return { kind: 'damaged' }
  const record = { head, request: bytes.subarray(headEnd, requestEnd), answer: bytes.subarray(requestEnd, end) }
  return { kind: 'record', record, end }
}

function readHead(bytes: Uint8Array): JournalHead | null {
  try {
    return headSchema.parse(JSON.parse(Buffer.from(bytes).toString()))
  } catch {
    return null
  }
}
