/** Names the process that writes a journal, so that another can tell whether it still lives. */

import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** A name for a journal of this process: `<process id>.<start time>.<random>`, the time 0 where the system has none. */
export function writerName(): string {
  return `${process.pid}.${startTime(process.pid) ?? '0'}.${randomBytes(4).toString('hex')}`
}

/**
 * Does the process that a file is named after still run?
 *
 * A process id may be used again, after a restart of a container even by the same program; the start time tells.
 */
export function isWriterAlive(fileName: string): boolean {
  const [, pid, since] = /^(\d+)\.(\d+)\./.exec(fileName) ?? []
  if (pid === undefined || since === undefined) return false
  try {
    process.kill(Number(pid), 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  const now = startTime(Number(pid))
  return now === null || since === '0' || now === since
}

/** When a process started, in clock ticks since the machine did; null where there is no `/proc`. @see proc(5) */
function startTime(pid: number): string | null {
  try {
    // The second field, the program's name in parentheses, may hold blanks; field 22 is the 20th after it.
    return readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ')[19] ?? null
  } catch {
    return null
  }
}
