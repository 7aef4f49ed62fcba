/** Errors in the words of each protocol: its clients know no problem documents. */

import type { Response } from 'express'
import { type ProblemError, problems, problemText } from '../problems.ts'
import type { Protocol } from '../route-table.ts'

/** MLflow's names of errors, by status; any other is a bad request. */
const mlflowCodes: Readonly<Record<number, string>> = {
  404: 'RESOURCE_DOES_NOT_EXIST',
  500: 'INTERNAL_ERROR',
  503: 'TEMPORARILY_UNAVAILABLE',
  429: 'REQUEST_LIMIT_EXCEEDED',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
}

/**
 * Answers a problem as a protocol does.
 *
 * @returns False for the native API, which answers with problem documents.
 */
export function sendProtocolError(protocol: Protocol, error: ProblemError, response: Response): boolean {
  if (protocol === 'native') return false
  // The protocols know 400 for a request that isn't as expected, and not 422.
  const status = problems[error.slug].status === 422 ? 400 : problems[error.slug].status
  const text = problemText(error)
  response
    .status(status)
    .json(
      protocol === 'invocations'
        ? { error_code: mlflowCodes[status] ?? 'INVALID_PARAMETER_VALUE', message: text }
        : { error: text },
    )
  return true
}
