/** Writes a file beside its place and renames it at the end, so that it is whole or not there. */

import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { InputError } from '../data/index.ts'

/** Characters gathered before they are written: one call then writes many lines. */
const charactersPerWrite = 65_536

/**
 * Writes lines as they come. The file is opened before the first line is asked for, so that a place that can't be
 * written is refused before any work is done, and the lines' source has come to its end before this returns or throws.
 *
 * @throws InputError if the file can't be written; what the lines' source throws passes through. Nothing is left then.
 */
export async function writeWhole(file: string, lines: Iterable<string> | AsyncIterable<string>): Promise<void> {
  const writing = `${file}.${process.pid}`
  try {
    const handle = await open(writing, 'w')
    try {
      await writeLines(handle, lines)
    } finally {
      await handle.close()
    }
    await rename(writing, file)
  } catch (error) {
    // what couldn't be written can't always be removed either; the first error is the one to report
    await rm(writing, { force: true }).catch(() => {})
    if (!isFileError(error)) throw error
    throw new InputError({
      source: file,
      found: error.message,
      expected: 'a file that can be written',
      rule: 'writable-file',
    })
  }
}

async function writeLines(handle: FileHandle, lines: Iterable<string> | AsyncIterable<string>): Promise<void> {
  let gathered = ''
  for await (const line of lines) {
    gathered += line
    if (gathered.length < charactersPerWrite) continue
    await handle.writeFile(gathered)
    gathered = ''
  }
  await handle.writeFile(gathered)
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error
}
