/** Exports a data set's features as a folder of Parquet parts; a stopped export goes on where it was. */

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { InputError, type LabelSpec, labelHash } from '../../data/index.ts'
import type { Dataset } from '../../data/sources/index.ts'
import { type Feature, featureHash } from '../../models/index.ts'
import { makeParts, type PartsMade } from './make-parts.ts'

/** Account-months of a part, about: as many as a worker can gather in memory, and what is done again after a stop. */
const rowsPerPart = 50_000

/** What an export says of itself, in `export.json`: parts of another data set or other features aren't mixed in. */
const exportSchema = z.strictObject({
  format: z.literal(1),
  fingerprint: z.string(),
  featureHash: z.string(),
  labelHash: z.string(),
  rowsPerPart: z.int(),
  /** True once every part is there. */
  complete: z.boolean(),
})

const description = 'export.json'

/**
 * Writes keys, label and features of every observed account-month. `observedMonths` and `eventMonth` are empty where an
 * account-month isn't in the label's population.
 *
 * @param folder - New, or one that a stopped export of the same data and features has begun.
 * @throws InputError if the folder holds anything else, or can't be written.
 */
export async function exportFeatures(
  dataset: Dataset,
  features: readonly Feature[],
  label: LabelSpec,
  folder: string,
  onProgress: (share: number) => void,
): Promise<PartsMade> {
  const says = {
    format: 1 as const,
    fingerprint: dataset.fingerprint,
    featureHash: featureHash(features),
    labelHash: labelHash(label),
    rowsPerPart,
    complete: false,
  }
  begin(folder, says)
  const made = await makeParts(dataset, features, {
    rowsPerPart,
    outputOf: place => {
      const name = `part-${String(place + 1).padStart(5, '0')}.parquet`
      return existsSync(join(folder, name)) ? null : { folder, name, label }
    },
    onProgress,
  })
  writeDescription(folder, { ...says, complete: true })
  return made
}

function begin(folder: string, says: z.infer<typeof exportSchema>): void {
  const refuse = (found: string): never => {
    throw new InputError({
      source: folder,
      found,
      expected: 'a new folder, or one in which the same export was begun',
      rule: 'new-folder',
    })
  }
  if (!existsSync(folder) || readdirSync(folder).length === 0) {
    try {
      mkdirSync(folder, { recursive: true })
      writeDescription(folder, says)
    } catch (error) {
      throw new InputError({
        source: folder,
        found: error instanceof Error ? error.message : String(error),
        expected: 'a folder that can be written',
        rule: 'writable-folder',
      })
    }
    return
  }
  if (!existsSync(join(folder, description))) refuse('a folder with other files in it')
  const begun = exportSchema.safeParse(JSON.parse(readFileSync(join(folder, description), 'utf8')))
  const before = begun.success ? { ...begun.data, complete: false } : undefined
  if (JSON.stringify(before) !== JSON.stringify(says)) refuse('an export of other data, features or label')
  // what a stopped worker had begun
  for (const file of readdirSync(folder)) if (/\.parquet\.\d+$/.test(file)) rmSync(join(folder, file), { force: true })
}

function writeDescription(folder: string, says: z.infer<typeof exportSchema>): void {
  const writing = join(folder, `${description}.${process.pid}`)
  writeFileSync(writing, `${JSON.stringify(says, null, 2)}\n`)
  renameSync(writing, join(folder, description))
}
