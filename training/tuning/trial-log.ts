/** What trials have come to, one line of JSON each, so that tuning goes on where it was cut off. */

import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'

const resultSchema = z.strictObject({
  /** Number of the trial. */
  trial: z.int().min(0),
  /** Epochs that it was given. */
  epochs: z.int().min(1),
  /** Mean negative log-likelihood per validation row. */
  loss: z.number(),
  seconds: z.number().min(0),
})

/** What one trial came to at one number of epochs. */
export type TrialResult = z.infer<typeof resultSchema>

/** Results so far. */
export interface TrialLog {
  find(trial: number, epochs: number): TrialResult | undefined
  add(result: TrialResult): void
}

/**
 * Opens a log; a last line that was cut off is left out.
 *
 * @param file - Created with its folder at the first result.
 */
export function openTrialLog(file: string): TrialLog {
  const results: TrialResult[] = []
  let endsWhole = true
  if (existsSync(file)) {
    const text = readFileSync(file, 'utf8')
    endsWhole = text === '' || text.endsWith('\n')
    for (const line of text.split('\n')) {
      try {
        const parsed = resultSchema.safeParse(JSON.parse(line))
        if (parsed.success) results.push(parsed.data)
      } catch {
        // A line that was cut off when the program ended: its trial is run again.
      }
    }
  }
  return {
    find: (trial, epochs) => results.find(result => result.trial === trial && result.epochs === epochs),
    add: result => {
      mkdirSync(dirname(file), { recursive: true })
      appendFileSync(file, `${endsWhole ? '' : '\n'}${JSON.stringify(result)}\n`)
      endsWhole = true
      results.push(result)
    },
  }
}
