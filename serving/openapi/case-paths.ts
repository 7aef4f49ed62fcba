/** Descriptions of the paths about contacts, promises, the worklist and outcomes. */

import { z } from 'zod'
import {
  alertsQuerySchema,
  alertsResponseSchema,
  contactRequestSchema,
  contactResponseSchema,
  permitRequestSchema,
  permitResponseSchema,
  promiseRequestSchema,
  promiseResponseSchema,
  worklistQuerySchema,
  worklistResponseSchema,
} from '../decisions/case-messages.ts'
import { outcomesRequestSchema, outcomesResponseSchema } from '../outcome-messages.ts'
import { anyBody, anyCall, failing, json, type PathDescription } from './parts.ts'

const body = (schema: z.ZodType) => ({ required: true, content: { 'application/json': { schema } } })

const idempotencyKey = z.object({
  'Idempotency-Key': z
    .string()
    .max(255)
    .optional()
    .describe('A call sent again with its key, within 7 days, is done once and answered as the first time.'),
})

const written = [...anyBody, 'idempotency-key-reused', 'store-unavailable'] as const

/** Paths about people and what they do. */
export const casePaths: readonly PathDescription[] = [
  {
    method: 'post',
    path: '/v1/contacts/permit',
    operationId: 'permitContact',
    summary: 'May this borrower be contacted now, by this channel? If not: by which rule, and when next',
    tags: ['Cases'],
    request: { body: body(permitRequestSchema) },
    responses: { 200: json(permitResponseSchema, 'Allowed or denied'), ...failing(...anyBody) },
  },
  {
    method: 'post',
    path: '/v1/contacts',
    operationId: 'recordContact',
    summary: 'Keep an attempt to reach a borrower in the ledger, with whether it was permitted',
    tags: ['Cases'],
    request: { headers: idempotencyKey, body: body(contactRequestSchema) },
    responses: { 201: json(contactResponseSchema, 'It is in the ledger'), ...failing(...written) },
  },
  {
    method: 'post',
    path: '/v1/promises',
    operationId: 'recordPromise',
    summary: 'Keep a promise to pay in the ledger',
    tags: ['Cases'],
    request: { headers: idempotencyKey, body: body(promiseRequestSchema) },
    responses: { 201: json(promiseResponseSchema, 'It is in the ledger'), ...failing(...written) },
  },
  {
    method: 'get',
    path: '/v1/worklist',
    operationId: 'readWorklist',
    summary: 'Whom to reach first with the people there are, by expected saving, with fairness to those who wait',
    tags: ['Cases'],
    request: { query: worklistQuerySchema },
    responses: {
      200: json(worklistResponseSchema, 'The worklist'),
      ...failing(...anyCall, 'invalid-request', 'store-unavailable'),
    },
  },
  {
    method: 'get',
    path: '/v1/alerts',
    operationId: 'readAlerts',
    summary: 'Warning levels that rose, and contacts that were not permitted',
    tags: ['Cases'],
    request: { query: alertsQuerySchema },
    responses: {
      200: json(alertsResponseSchema, 'The alerts'),
      ...failing(...anyCall, 'invalid-request', 'store-unavailable'),
    },
  },
  {
    method: 'post',
    path: '/v1/outcomes',
    operationId: 'recordOutcomes',
    summary: 'Record what became of accounts, month by month; the last row of an account and month counts',
    tags: ['Decisions'],
    request: { headers: idempotencyKey, body: body(outcomesRequestSchema) },
    responses: { 201: json(outcomesResponseSchema, 'They are recorded'), ...failing(...written) },
  },
]
