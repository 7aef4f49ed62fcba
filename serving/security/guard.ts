/** The door of the app: no request passes unless its route is in the table and its caller may use it. */

import type { Request, RequestHandler, Response } from 'express'
import { nothingHere } from '../nothing-here.ts'
import { ProblemError } from '../problems.ts'
import { findRoute, isPage, type Requirement } from '../route-table.ts'
import type { Caller, Identify } from './callers.ts'
import type { RateLimit } from './rate-limit.ts'
import { scopeMissing } from './refusal.ts'

/** A body that nobody reads is thrown away for so long after its request was refused, in milliseconds. */
const lingerMs = 2000

/**
 * Refuses who may not pass, before anything of the body is read; whoever passes is `response.locals.caller`.
 *
 * A path that the table doesn't know, or not with this method, passes for nobody.
 */
export function guard(identify: Identify, limit: RateLimit | null): RequestHandler {
  return async (request, response, next) => {
    try {
      const needed = requirementOf(request)
      if (needed === undefined && !readsPage(request)) nothingHere(request, response, next)
      if (needed !== undefined && needed !== 'public') {
        const caller = await identify(request)
        if (limit !== null) await count(limit, caller, request, response)
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

/** @throws ProblemError `too-many-requests` if the caller has sent as many as it may. */
async function count(limit: RateLimit, { id }: Caller, { socket }: Request, response: Response): Promise<void> {
  const who = id === null ? `address ${socket.remoteAddress}` : `caller ${id}`
  const { allowed, remaining, resetMs } = await limit.count(who)
  const resetSeconds = Math.max(1, Math.ceil(resetMs / 1000))
  response.setHeader('RateLimit-Policy', limit.policy)
  response.setHeader('RateLimit', `"second";r=${remaining};t=${resetSeconds}`)
  if (allowed) return
  response.setHeader('Retry-After', String(resetSeconds))
  throw new ProblemError('too-many-requests', '')
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
