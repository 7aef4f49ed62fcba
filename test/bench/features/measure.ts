/** A process of its own that makes the features of one data set, so that its memory is its own: FOLDER PASSES ROWS-PER-PART. */

import { availableParallelism } from 'node:os'
import { openDataset } from '../../../data/sources/index.ts'
import { catalogue } from '../../../models/index.ts'
import { makeParts } from '../../../training/feature-parts/index.ts'

/** What it prints, as one line of JSON. */
export interface Measured {
  readonly accountMonths: number
  /** Account-months per second and core, reading included, without each worker's first two parts, in which it warms up. */
  readonly perSecondPerCore: number
  /** Seconds to open, check and lay out the data set. */
  readonly openSeconds: number
  readonly peakRssMiB: number
}

const [folder = '', passes = '1', rowsPerPart = '500000'] = process.argv.slice(2)
const started = performance.now()
const dataset = await openDataset(folder)
await dataset.layOut()
const openSeconds = (performance.now() - started) / 1000
const workers = availableParallelism()
const { parts } = await makeParts(dataset, catalogue, {
  passes: Number(passes),
  rowsPerPart: Number(rowsPerPart),
  workers,
})
dataset.close()
const warm = parts.slice(2 * workers)
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const measured: Measured = {
  accountMonths: sum(parts.map(({ accountMonths }) => accountMonths)),
  perSecondPerCore: sum(warm.map(({ accountMonths }) => accountMonths)) / sum(warm.map(({ seconds }) => seconds)),
  openSeconds,
  peakRssMiB: process.resourceUsage().maxRSS / 1024,
}
console.log(JSON.stringify(measured))
