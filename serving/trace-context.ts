/** W3C trace context: a request's place in a trace that began elsewhere, for the log. */

import { randomFillSync } from 'node:crypto'

/** A request's place in a trace. */
export interface TraceContext {
  /** 32 hex digits, the same for all that one call of a client sets off. */
  readonly traceId: string
  /** 16 hex digits, of this request. */
  readonly spanId: string
  /** 16 hex digits, of what called; null if the trace begins here. */
  readonly parentId: string | null
}

const digitsBytes = 24
/** Random bytes for many requests at once, since it is the call that costs. */
const pool = Buffer.alloc(256 * digitsBytes)
let used = pool.length

/** 48 random hex digits: a trace's and a span's. */
function randomDigits(): string {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += digitsBytes
  return pool.toString('hex', used - digitsBytes, used)
}

/** Version 00, or a later one with more fields behind. @see https://www.w3.org/TR/trace-context/#traceparent-header */
const form = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/

/** Continues the trace of a `traceparent` header, or begins one where there is none or it is malformed. */
export function traceContext(header: unknown): TraceContext {
  const random = randomDigits()
  const spanId = random.slice(0, 16)
  const [, version, traceId, parentId, more] = (typeof header === 'string' ? form.exec(header) : null) ?? []
  if (traceId === undefined || parentId === undefined || (version === '00' && more !== undefined)) {
    return { traceId: random.slice(16), spanId, parentId: null }
  }
  return { traceId, spanId, parentId }
}
