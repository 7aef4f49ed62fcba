/** The door of the app: no request passes unless its route is in the table and its caller may use it. */

import type { Request, RequestHandler } from 'express'
import { nothingHere } from '../nothing-here.ts'
import { findRoute, isPage, type Requirement } from '../route-table.ts'
import type { Identify } from './callers.ts'
import { scopeMissing } from './refusal.ts'

/** A body that nobody reads is thrown away for so long after its request was refused, in milliseconds. */
const lingerMs = 2000

/**
 * Refuses who may not pass, before anything of the body is read; whoever passes is `response.locals.caller`.
 *
 * A path that the table doesn't know, or not with this method, passes for nobody.
 */
export function guard(identify: Identify): RequestHandler {
  return async (request, response, next) => {
    try {
      const needed = requirementOf(request)
      if (needed === undefined && !readsPage(request)) nothingHere(request, response, next)
      if (needed !== undefined && needed !== 'public') {
        const caller = await identify(request)
        if (!caller.scopes.has(needed)) throw scopeMissing(needed)
        response.locals.caller = caller.id
      }
    } catch (error) {
      endUnreadBody(request)
      throw error
    }
    if (!request.socket.destroyed) next()
  }
}

/** What a request needs; undefined if the table doesn't have its path and method. `HEAD` is `GET` without a body. */
function requirementOf({ path, method }: Request): Requirement | undefined {
  const route = findRoute(path)
  const asked = method === 'HEAD' ? 'get' : method.toLowerCase()
  const known = route?.methods.find(one => one === asked)
  return known === undefined ? undefined : route?.requires[known]
}

/** The pages for people are open, as is the document that they show. */
function readsPage({ path, method }: Request): boolean {
  return isPage(path) && (method === 'GET' || method === 'HEAD')
}

/** Node throws a body away that nobody reads, so that the connection can be used again; here, not for ever. */
function endUnreadBody(request: Request): void {
  const timer = setTimeout(() => request.socket.destroy(), lingerMs).unref()
  for (const end of ['end', 'close']) request.once(end, () => clearTimeout(timer))
}
