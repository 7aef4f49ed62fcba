/** The OpenAPI 3.1 document, generated from the same schemas that check requests. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { OpenAPIRegistry, OpenApiGeneratorV31 } from '@asteasolutions/zod-to-openapi'
import { z } from 'zod'
import { ownPackage, packageFolder } from '../models/index.ts'
import { casePaths } from './openapi/case-paths.ts'
import { decisionPaths } from './openapi/decision-paths.ts'
import { modelPaths } from './openapi/model-paths.ts'
import { openInferencePaths } from './openapi/open-inference-paths.ts'
import { otherProtocolPaths } from './openapi/other-protocol-paths.ts'
import { overduePaths } from './openapi/overdue-paths.ts'
import { anyBody, failing, json, type PathDescription } from './openapi/parts.ts'
import { registerSecuritySchemes, secured } from './openapi/secured.ts'
import { problemSchema } from './problems.ts'
import { scoreRequestSchema, scoreResponseSchema } from './requests.ts'

type OpenApiDocument = ReturnType<OpenApiGeneratorV31['generateDocument']>

const health = z
  .object({ status: z.string(), model: z.string().optional(), engine: z.string().optional() })
  .meta({ id: 'Health' })

const batchResponse = z
  .object({ results: z.array(z.object({ score: scoreResponseSchema.optional(), problem: problemSchema.optional() })) })
  .meta({ id: 'BatchResponse' })

/** Builds the document. */
export function openApiDocument(): OpenApiDocument {
  const registry = new OpenAPIRegistry()
  registerSecuritySchemes(registry)
  const register = (path: PathDescription): void => registry.registerPath(secured(path))
  register({
    method: 'post',
    path: '/v1/scores',
    operationId: 'scoreBorrower',
    summary: 'Score one borrower: probability of delinquency by account and horizon, with reasons',
    tags: ['Scores'],
    request: {
      body: {
        required: true,
        content: { 'application/json': { schema: scoreRequestSchema, example: exampleRequest() } },
      },
    },
    responses: { 200: json(scoreResponseSchema, 'The score'), ...failing(...anyBody) },
  })
  register({
    method: 'post',
    path: '/v1/scores/batch',
    operationId: 'scoreBorrowers',
    summary: 'Score many borrowers; a bad request among them gets its own problem',
    tags: ['Scores'],
    request: { body: { required: true, content: { 'application/json': { schema: z.array(scoreRequestSchema) } } } },
    responses: { 200: json(batchResponse, 'A score or a problem per request, in order'), ...failing(...anyBody) },
  })
  for (const path of [
    ...overduePaths,
    ...casePaths,
    ...decisionPaths,
    ...modelPaths,
    ...openInferencePaths,
    ...otherProtocolPaths,
  ]) {
    register(path)
  }
  register({
    method: 'get',
    path: '/healthz',
    operationId: 'isAlive',
    summary: 'Is the process alive?',
    tags: ['Operations'],
    responses: { 200: json(health, 'It is') },
  })
  register({
    method: 'get',
    path: '/readyz',
    operationId: 'isReady',
    summary: 'Is it ready for requests, and with which model?',
    tags: ['Operations'],
    responses: { 200: json(health, 'It is'), ...failing('not-ready') },
  })
  register({
    method: 'get',
    path: '/metrics',
    operationId: 'metrics',
    summary: 'What the server counts, for Prometheus',
    tags: ['Operations'],
    responses: { 200: { description: 'The exposition', content: { 'text/plain': { schema: { type: 'string' } } } } },
  })
  register({
    method: 'get',
    path: '/openapi.json',
    operationId: 'openApi',
    summary: 'This document',
    tags: ['Operations'],
    responses: { 200: json(z.looseObject({}), 'OpenAPI 3.1') },
  })
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Harbinger',
      version: ownPackage().version,
      description: 'Warns a lender which borrowers are about to fall behind. Problems are RFC 9457 documents.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
  })
}

/** The example of the documentation: the file that the README's `curl` line sends. */
export function exampleRequest(): unknown {
  return JSON.parse(readFileSync(join(packageFolder(), 'docs', 'examples', 'score-request.json'), 'utf8'))
}
