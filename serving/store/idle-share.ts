/** How much of the machine's processor time nobody uses: work that can wait should use that, and little more. */

import { cpus } from 'node:os'

/** Processor time of all cores since the machine started, in milliseconds. */
export interface ProcessorTimes {
  readonly idle: number
  readonly total: number
}

/** Reads the processors' times. */
function processorTimes(): ProcessorTimes {
  let [idle, total] = [0, 0]
  for (const { times } of cpus()) {
    idle += times.idle
    total += times.idle + times.user + times.nice + times.sys + times.irq
  }
  return { idle, total }
}

/** Shortest time over which a share is taken, in milliseconds: the system counts in hundredths of a second. */
const leastMs = 200

/**
 * Watches how idle the machine is.
 *
 * @param times - Where to read the processors' times.
 * @returns Gives the share of processor time that was idle since an earlier call some tenths of a second ago, in [0, 1]; 1
 * before it can be told.
 */
export function watchIdleShare(times: () => ProcessorTimes = processorTimes): () => number {
  let [before, share] = [times(), 1]
  return () => {
    const now = times()
    const passed = now.total - before.total
    if (passed < leastMs) return share
    share = Math.min(1, Math.max(0, (now.idle - before.idle) / passed))
    before = now
    return share
  }
}
