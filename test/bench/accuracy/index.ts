/** How close the networks come to the best that is known of the same data: peers, data sets, truth, speed, memory. */

import { accuracyOptions, type PartName } from './options.ts'
import { benchCreditRecords, benchSimulated } from './over-time.ts'
import { benchSpeed } from './speed.ts'
import { benchUci } from './uci.ts'

/** Runs the parts asked for; those not run, or skipped for want of data, are null. */
export async function benchAccuracy(words: readonly string[]): Promise<object> {
  const options = accuracyOptions(words)
  const run = async (name: PartName, part: () => Promise<object | null>): Promise<object | null> =>
    options.only.includes(name) ? part() : null
  try {
    if (options.only.includes('speed')) await benchSpeed()
    return {
      uci: await run('uci', () => benchUci(options)),
      creditRecords: await run('credit-records', () => benchCreditRecords(options)),
      simulated: await run('simulated', () => benchSimulated(options)),
    }
  } finally {
    options.done()
  }
}
