/** The file into which a tolerant run puts bad rows: what was wrong with each, and the row as it was. */

import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { InputError, type InputProblem } from '../index.ts'

/** A bad row. */
export interface QuarantinedRow {
  readonly table: string
  readonly problem: InputProblem
  /** The row as it was. */
  readonly raw: string
}

/**
 * Writes the quarantine file, whole or not at all; removes an old one if there is nothing to quarantine.
 *
 * @throws InputError if it can't be written.
 */
export function writeQuarantine(file: string, rows: readonly QuarantinedRow[]): void {
  const writing = `${file}.${process.pid}`
  try {
    if (rows.length === 0) {
      rmSync(file, { force: true })
      return
    }
    const lines = rows.map(({ table, problem, raw }) =>
      [table, problem.row ?? '', problem.field ?? '', problem.rule ?? '', problem.found ?? '', problem.expected, raw]
        .map(cell)
        .join(','),
    )
    writeFileSync(writing, `table,row,field,rule,found,expected,content\n${lines.join('\n')}\n`)
    renameSync(writing, file)
  } catch (error) {
    rmSync(writing, { force: true })
    throw new InputError({
      source: file,
      found: error instanceof Error ? error.message : String(error),
      expected: 'a file that can be written',
      rule: 'writable-folder',
    })
  }
}

function cell(value: string | number): string {
  const text = String(value)
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
