/** The calls about overdue accounts and instalment plans, as OpenAPI describes them. */

import { classifyRequestSchema, classifyResponseSchema } from '../overdue/classify-messages.ts'
import { whatIfRequestSchema, whatIfResponseSchema } from '../overdue/plan-messages.ts'
import { anyBody, failing, json, type PathDescription } from './parts.ts'

const tags = ['Overdue']

/** The paths. */
export const overduePaths: readonly PathDescription[] = [
  {
    method: 'post',
    path: '/v1/accounts/classify',
    operationId: 'classifyAccounts',
    summary: 'Classify accounts by every legal clock in force: buckets, five tiers, stages, default',
    tags,
    request: { body: { required: true, content: { 'application/json': { schema: classifyRequestSchema } } } },
    responses: { 200: json(classifyResponseSchema, 'Where the accounts stand'), ...failing(...anyBody) },
  },
  {
    method: 'post',
    path: '/v1/plans/what-if',
    operationId: 'searchPlans',
    summary: 'Search instalment plans that a borrower can afford, with schedule, cost, class and re-scored PD',
    tags,
    request: { body: { required: true, content: { 'application/json': { schema: whatIfRequestSchema } } } },
    responses: { 200: json(whatIfResponseSchema, 'Plans'), ...failing(...anyBody, 'too-busy') },
  },
]
