/** What every scoring route adds to a body: ids, and who asks. */

import { randomUUID } from 'node:crypto'
import type { Response } from 'express'
import { rememberLedgers } from '../ledgers.ts'
import type { IdentifiedRequest } from '../score.ts'
import { parseScoreRequest } from '../validate.ts'

/** Checks a body and gives it its ids. @throws ProblemError `invalid-request` */
export function identified(requestId: string, body: unknown): IdentifiedRequest {
  return { requestId, decisionId: randomUUID(), request: parseScoreRequest(body), ledgerOf: rememberLedgers() }
}

/** Id of the caller's key; null if nobody needs one. */
export function callerOf(response: Response): string | null {
  const caller: unknown = response.locals.caller
  return typeof caller === 'string' ? caller : null
}
