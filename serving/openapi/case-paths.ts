/** Descriptions of the paths about contacts, promises and the worklist. */

import { permitRequestSchema, permitResponseSchema } from '../decisions/case-messages.ts'
import { anyBody, failing, json, type PathDescription } from './parts.ts'

/** Paths about people and what they do. */
export const casePaths: readonly PathDescription[] = [
  {
    method: 'post',
    path: '/v1/contacts/permit',
    operationId: 'permitContact',
    summary: 'May this borrower be contacted now, by this channel? If not: by which rule, and when next',
    tags: ['Cases'],
    request: { body: { required: true, content: { 'application/json': { schema: permitRequestSchema } } } },
    responses: { 200: json(permitResponseSchema, 'Allowed or denied'), ...failing(...anyBody) },
  },
]
