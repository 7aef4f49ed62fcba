/** The economy from a file, for the filter, whose standard input holds account-months only. */

import { readFileSync } from 'node:fs'
import { csvParse } from 'd3-dsv'
import { type EconomyMonth, economyMonthSchema, InputError } from '../data/index.ts'

const numbers: ReadonlySet<string> = new Set(['unemployment', 'interestRate'])

/**
 * Reads the months of a table `economy` (CSV with a header; an empty cell is missing).
 *
 * @throws InputError naming file, row, field, what was found and what was expected.
 */
export function readEconomy(path: string): EconomyMonth[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error)
    throw new InputError({ source: path, found, expected: 'a CSV file that can be read' })
  }
  return csvParse(text).map((cells, place) => {
    const row = Object.fromEntries(
      Object.entries(cells).map(([name, cell]) => [name, cell === '' ? null : numbers.has(name) ? Number(cell) : cell]),
    )
    const parsed = economyMonthSchema.safeParse(row)
    if (parsed.success) return parsed.data
    throw new InputError(
      parsed.error.issues.map(issue => {
        const field = issue.code === 'unrecognized_keys' ? (issue.keys[0] ?? '') : issue.path.join('.')
        const found = cells[field]
        return {
          source: path,
          row: place + 1,
          field,
          ...(found === undefined ? {} : { found }),
          expected: issue.code === 'unrecognized_keys' ? 'no such column' : issue.message,
        }
      }),
    )
  })
}
