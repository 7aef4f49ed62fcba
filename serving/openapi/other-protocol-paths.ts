/** TensorFlow Serving's API and MLflow's and SageMaker's invocations, as OpenAPI describes them. */

import { z } from 'zod'
import { invocationErrorSchema, invocationResponseSchema, invocationSchema } from '../protocols/invocations-codec.ts'
import { errorSchema } from '../protocols/open-inference-messages.ts'
import { predictRequestSchema, predictResponseSchema } from '../protocols/tensorflow-serving-codec.ts'
import { json, namePart, type PathDescription, versionPart } from './parts.ts'

const tags = ['TensorFlow Serving']
const error = (description: string) => json(errorSchema, description)
const anyError = { 400: error('The request is not as expected'), 500: error('A fault of the server') }

const selectors = [
  { path: '', id: '', params: z.object({ name: namePart }) },
  { path: '/versions/{version}', id: 'Version', params: z.object({ name: namePart, version: versionPart }) },
  {
    path: '/labels/{label}',
    id: 'Label',
    params: z.object({ name: namePart, label: z.string().describe('An alias, such as champion.') }),
  },
]

const servables = selectors.flatMap(({ path, id, params }): PathDescription[] => [
  {
    method: 'get',
    path: `/v1/models/{name}${path}`,
    operationId: `servableStatus${id}`,
    summary: 'State of a model',
    tags,
    request: { params },
    responses: {
      200: json(z.looseObject({ name: z.string(), ready: z.boolean() }), 'The state'),
      404: error('No such model is loaded'),
      ...anyError,
    },
  },
  {
    method: 'get',
    path: `/v1/models/{name}${path}/metadata`,
    operationId: `servableMetadata${id}`,
    summary: 'Signature of a model',
    tags,
    request: { params },
    responses: { 200: json(z.looseObject({}), 'The signature'), 404: error('No such model is loaded'), ...anyError },
  },
  {
    method: 'post',
    path: `/v1/models/{name}${path}:predict`,
    operationId: `predict${id}`,
    summary: 'Score feature vectors: PD within 1 … H months per row',
    tags,
    request: { params, body: { required: true, content: { 'application/json': { schema: predictRequestSchema } } } },
    responses: {
      200: json(predictResponseSchema, 'predictions for instances, outputs for inputs'),
      404: error('No such model is loaded'),
      413: error('The body is too large'),
      415: error('The body is no JSON'),
      503: error('The server is not ready or too busy'),
      ...anyError,
    },
  },
])

const invocationError = (description: string) => json(invocationErrorSchema, description)

const invocations = [
  { path: '/invocations', operationId: 'invoke', request: {} },
  {
    path: '/endpoints/{name}/invocations',
    operationId: 'invokeEndpoint',
    request: { params: z.object({ name: namePart }) },
  },
].map(
  ({ path, operationId, request }): PathDescription => ({
    method: 'post',
    path,
    operationId,
    summary: 'Score feature vectors as MLflow’s scoring server and SageMaker’s endpoints do',
    tags: ['Invocations'],
    request: {
      ...request,
      body: {
        required: true,
        content: { 'application/json': { schema: invocationSchema }, 'text/csv': { schema: { type: 'string' } } },
      },
    },
    responses: {
      200: json(invocationResponseSchema, 'PD within 1 … H months per row'),
      400: invocationError('The request is not as expected'),
      404: invocationError('No such model is loaded'),
      413: invocationError('The body is too large'),
      415: invocationError('The body is neither JSON nor CSV'),
      500: invocationError('A fault of the server'),
      503: invocationError('The server is not ready or too busy'),
    },
  }),
)

const status = json(z.object({ status: z.string() }), 'It is')

/** The paths. */
export const otherProtocolPaths: readonly PathDescription[] = [
  ...servables,
  ...invocations,
  ...(['/ping', '/health'] as const).map(
    (path): PathDescription => ({
      method: 'get',
      path,
      operationId: path.slice(1),
      summary: 'Is it ready for invocations?',
      tags: ['Invocations'],
      responses: { 200: status, 503: { ...status, description: 'It isn’t' } },
    }),
  ),
  {
    method: 'get',
    path: '/version',
    operationId: 'version',
    summary: 'The server’s version',
    tags: ['Invocations'],
    responses: { 200: json(z.object({ version: z.string() }), 'The version') },
  },
]
