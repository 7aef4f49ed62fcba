/** What a call is told that a bounded queue has no room or no time for. */

import { ProblemError } from './problems.ts'

/** There is no room. */
export function noRoom(waiting: number): ProblemError {
  return new ProblemError('too-busy', `${waiting} requests wait already.`)
}

/** It has waited too long. */
export function tooLate(deadlineMs: number): ProblemError {
  return new ProblemError('too-busy', `The request waited for more than ${deadlineMs} ms.`)
}
