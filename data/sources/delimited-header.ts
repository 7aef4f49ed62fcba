/** The header of a delimited text file: its column names and delimiter, read without guessing at the rows. */

import { closeSync, openSync, readSync } from 'node:fs'
import { constants, gunzipSync } from 'node:zlib'
import { InputError } from '../index.ts'

/** A header and what separates its names. */
export interface DelimitedHeader {
  readonly names: readonly string[]
  readonly delimiter: ',' | ';' | '\t'
}

/** Bytes that a header lies within. */
const headerBytes = 65_536

/**
 * Reads the first line of a CSV file, gzipped or not.
 *
 * @throws InputError if the file can't be read, or is empty.
 */
export function readHeader(file: string): DelimitedHeader {
  const line = firstLine(file)
  if (line.trim() === '') {
    throw new InputError({ source: file, expected: 'a header with column names and rows below it', rule: 'empty-file' })
  }
  const candidates = ([',', ';', '\t'] as const).map(delimiter => ({ delimiter, names: splitLine(line, delimiter) }))
  return candidates.reduce((best, candidate) => (candidate.names.length > best.names.length ? candidate : best))
}

function firstLine(file: string): string {
  const buffer = Buffer.alloc(headerBytes)
  let length = 0
  try {
    const descriptor = openSync(file, 'r')
    try {
      length = readSync(descriptor, buffer, 0, headerBytes, 0)
    } finally {
      closeSync(descriptor)
    }
    const bytes = buffer.subarray(0, length)
    const text = file.endsWith('.gz') ? gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }) : bytes
    return (text.toString('utf8').split(/\r?\n|\r/, 1)[0] ?? '').replace(/^\uFEFF/, '')
  } catch (error) {
    throw new InputError({
      source: file,
      found: error instanceof Error ? error.message : String(error),
      expected: 'a file that can be read',
      rule: 'missing-file',
    })
  }
}

/** Splits a header line; a name in quotes may hold the delimiter, and doubled quotes. */
function splitLine(line: string, delimiter: string): string[] {
  const names: string[] = []
  let name = ''
  let quoted = false
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at] as string
    if (character === '"' && quoted && line[at + 1] === '"') {
      name += '"'
      at += 1
    } else if (character === '"') quoted = !quoted
    else if (character === delimiter && !quoted) {
      names.push(name.trim())
      name = ''
    } else name += character
  }
  return [...names, name.trim()]
}
