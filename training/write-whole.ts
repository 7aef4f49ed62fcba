/** Writes a file beside its place and renames it at the end, so that it is whole or not there. */

import { createWriteStream, renameSync, rmSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { InputError } from '../data/index.ts'

/**
 * Writes lines as they come.
 *
 * @throws InputError if the file can't be written; what the lines' source throws passes through. Nothing is left then.
 */
export async function writeWhole(file: string, lines: Iterable<string> | AsyncIterable<string>): Promise<void> {
  const writing = `${file}.${process.pid}`
  try {
    await pipeline(lines, createWriteStream(writing))
    renameSync(writing, file)
  } catch (error) {
    removeQuietly(writing)
    if (!isFileError(error)) throw error
    throw new InputError({
      source: file,
      found: error.message,
      expected: 'a file that can be written',
      rule: 'writable-file',
    })
  }
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error
}

function removeQuietly(file: string): void {
  try {
    rmSync(file, { force: true })
  } catch {
    // What couldn't be written can't always be removed either; the first error is the one to report.
  }
}
