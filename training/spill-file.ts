/** A file for numbers that don't fit into memory: gone when the process is, however it ends. */

import { closeSync, mkdtempSync, openSync, readSync, rmSync, unlinkSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InputError } from '../data/index.ts'

/** An open file without a name. Worker threads of the process may read it by its descriptor. */
export interface SpillFile {
  readonly descriptor: number
  close(): void
}

/**
 * Opens one in the system's folder for temporary files (`TMPDIR`).
 *
 * @throws InputError if no file can be made there.
 */
export function openSpillFile(): SpillFile {
  let folder: string
  let descriptor: number
  try {
    folder = mkdtempSync(join(tmpdir(), 'harbinger-spill-'))
    descriptor = openSync(join(folder, 'numbers'), 'wx+')
  } catch (error) {
    throw notWritable(error)
  }
  let isNamed = true
  try {
    unlinkSync(join(folder, 'numbers'))
    rmSync(folder, { recursive: true })
    isNamed = false
  } catch {
    // Windows keeps the name of an open file; it is removed on closing then.
  }
  return {
    descriptor,
    close: () => {
      closeSync(descriptor)
      if (isNamed) rmSync(folder, { recursive: true, force: true })
    },
  }
}

/**
 * Writes all of some numbers.
 *
 * @param position - In bytes.
 * @throws InputError if the disk is full.
 */
export function writeNumbers(descriptor: number, values: Float32Array | Float64Array, position: number): void {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  try {
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(descriptor, bytes, done, bytes.length - done, position + done)
    }
  } catch (error) {
    throw notWritable(error)
  }
}

/** Reads as many numbers as `values` takes. `position` in bytes. */
export function readNumbers(descriptor: number, values: Float32Array | Float64Array, position: number): void {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  for (let done = 0; done < bytes.length; ) {
    const read = readSync(descriptor, bytes, done, bytes.length - done, position + done)
    if (read === 0) throw new Error('a spill file ended early')
    done += read
  }
}

function notWritable(error: unknown): InputError {
  return new InputError({
    source: tmpdir(),
    found: error instanceof Error ? error.message : String(error),
    expected: 'room for the features, which don’t fit into memory; TMPDIR names another folder',
    rule: 'writable-folder',
  })
}
