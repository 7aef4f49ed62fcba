/** From a protocol's JSON to its message, the same whatever the protocol. */

import type { z } from 'zod'
import { isAsIs } from '../as-is.ts'
import { ProblemError } from '../problems.ts'
import { describeIssues } from '../validate.ts'

/** Checks a message. @throws ProblemError `invalid-request`, with pointers. */
export function parseMessage<Schema extends z.ZodType>(schema: Schema, json: unknown): z.output<Schema> {
  if (isAsIs(schema, json)) return json
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  throw new ProblemError('invalid-request', 'The request is not as expected.', describeIssues(parsed.error))
}
