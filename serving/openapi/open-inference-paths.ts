/** The Open Inference Protocol, as OpenAPI describes it. */

import { z } from 'zod'
import {
  errorSchema,
  inferRequestSchema,
  inferResponseSchema,
  modelMetadataSchema,
  serverMetadataSchema,
} from '../protocols/open-inference-messages.ts'
import { json, namePart, type PathDescription, versionPart } from './parts.ts'

const tags = ['Open Inference Protocol v2']
const error = (description: string) => json(errorSchema, description)
const notFound = { 404: error('No such model is loaded'), 500: error('A fault of the server') }
const ready = z.object({ name: z.string(), ready: z.boolean() })
const bytes = { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } as const } }

const byModel = (rest: string, version: boolean) => ({
  path: `/v2/models/{name}${version ? '/versions/{version}' : ''}${rest}`,
  tags,
  request: { params: z.object(version ? { name: namePart, version: versionPart } : { name: namePart }) },
})

const ofModel = (version: boolean): PathDescription[] => {
  const which = version ? 'Version' : ''
  return [
    {
      method: 'get',
      ...byModel('', version),
      operationId: `inferMetadata${which}`,
      summary: 'Inputs and outputs of a model',
      responses: { 200: json(modelMetadataSchema, 'The metadata'), ...notFound },
    },
    {
      method: 'get',
      ...byModel('/ready', version),
      operationId: `inferReady${which}`,
      summary: 'Is this model ready?',
      responses: { 200: json(ready, 'Whether it is'), ...notFound },
    },
    {
      method: 'post',
      ...byModel('/infer', version),
      operationId: `infer${which}`,
      summary: 'Score feature vectors, a named column per feature: PD within 1 … H months per row',
      request: {
        ...byModel('/infer', version).request,
        headers: z.object({
          'Inference-Header-Content-Length': z
            .string()
            .optional()
            .describe('With application/octet-stream: how many bytes are JSON; tensors follow.'),
        }),
        body: {
          required: true,
          content: { 'application/json': { schema: inferRequestSchema }, ...bytes },
        },
      },
      responses: {
        200: {
          description: 'The outputs; in binary where that was asked for',
          content: { 'application/json': { schema: inferResponseSchema }, ...bytes },
        },
        400: error('The request is not as expected'),
        413: error('The body is too large'),
        415: error('The body has another type'),
        503: error('The server is not ready'),
        ...notFound,
      },
    },
  ]
}

/** The paths. */
export const openInferencePaths: readonly PathDescription[] = [
  {
    method: 'get',
    path: '/v2',
    operationId: 'inferServerMetadata',
    summary: 'What the server is',
    tags,
    responses: { 200: json(serverMetadataSchema, 'The metadata') },
  },
  {
    method: 'get',
    path: '/v2/health/live',
    operationId: 'inferServerLive',
    summary: 'Is the process alive?',
    tags,
    responses: { 200: json(z.object({ live: z.boolean() }), 'It is') },
  },
  {
    method: 'get',
    path: '/v2/health/ready',
    operationId: 'inferServerReady',
    summary: 'Is it ready for requests?',
    tags,
    responses: {
      200: json(z.object({ ready: z.boolean(), live: z.boolean() }), 'It is'),
      503: json(z.object({ ready: z.boolean(), live: z.boolean() }), 'It isn’t'),
    },
  },
  ...ofModel(false),
  ...ofModel(true),
  {
    method: 'post',
    path: '/v2/repository/index',
    operationId: 'inferRepositoryIndex',
    summary: 'Saved versions, and which are loaded',
    tags,
    request: {
      body: {
        required: false,
        content: { 'application/json': { schema: z.looseObject({ ready: z.boolean().optional() }) } },
      },
    },
    responses: {
      200: json(
        z.array(z.object({ name: z.string(), version: z.string(), state: z.string(), reason: z.string() })),
        'The versions',
      ),
      400: error('The body is no JSON'),
      413: error('The body is too large'),
      415: error('The body has an unknown encoding'),
      500: error('A fault of the server'),
    },
  },
]
