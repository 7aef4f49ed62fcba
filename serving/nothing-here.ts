/** The answer for a path that there isn't, or not with this method. */

import type { RequestHandler } from 'express'
import { ProblemError } from './problems.ts'
import { findRoute } from './route-table.ts'

/** Throws `method-not-allowed` with the methods that are, or `not-found`. */
export const nothingHere: RequestHandler = (request, response): never => {
  const route = findRoute(request.path)
  if (route !== undefined) {
    response.setHeader('Allow', route.methods.map(method => method.toUpperCase()).join(', '))
    throw new ProblemError('method-not-allowed', '')
  }
  throw new ProblemError('not-found', '')
}
