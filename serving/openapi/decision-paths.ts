/** The calls about decisions, as OpenAPI describes them. */

import { z } from 'zod'
import { decisionSchema } from '../routes/decisions.ts'
import { anyCall, failing, json, type PathDescription } from './parts.ts'

/** The paths. */
export const decisionPaths: readonly PathDescription[] = [
  {
    method: 'get',
    path: '/v1/decisions/{id}',
    operationId: 'readDecision',
    summary: 'Read what was decided, why, by which model, and what became of it',
    tags: ['Decisions'],
    request: { params: z.object({ id: z.string().describe('`decisionId` of an answer.') }) },
    responses: {
      200: json(decisionSchema, 'The decision'),
      ...failing(...anyCall, 'decision-not-found', 'store-unavailable'),
    },
  },
]
