/** The native calls about models, as OpenAPI describes them. */

import { z } from 'zod'
import { modelListSchema, modelsInUseSchema, promoteSchema } from '../model-messages.ts'
import { anyBody, anyCall, failing, json, namePart, type PathDescription, versionPart } from './parts.ts'

const tags = ['Models']
const params = z.object({ name: namePart, version: versionPart })
const changes = ['model-not-found', 'model-refused', 'model-conflict'] as const

/** The paths. */
export const modelPaths: readonly PathDescription[] = [
  {
    method: 'get',
    path: '/v1/models',
    operationId: 'listModels',
    summary: 'List saved models, and say which one answers',
    tags,
    responses: { 200: json(modelListSchema, 'The models'), ...failing(...anyCall) },
  },
  {
    method: 'get',
    path: '/v1/models/{name}/versions',
    operationId: 'listVersions',
    summary: 'List the versions of one model',
    tags,
    request: { params: params.pick({ name: true }) },
    responses: { 200: json(modelListSchema, 'Its versions'), ...failing(...anyCall, 'model-not-found') },
  },
  {
    method: 'post',
    path: '/v1/models/{name}/versions/{version}/promote',
    operationId: 'promoteModel',
    summary: 'Make a version champion; the one in use stays if it is refused',
    tags,
    request: { params, body: { required: false, content: { 'application/json': { schema: promoteSchema } } } },
    responses: { 200: json(modelsInUseSchema, 'The models in use now'), ...failing(...anyBody, ...changes) },
  },
  {
    method: 'post',
    path: '/v1/models/{name}/versions/{version}/rollback',
    operationId: 'rollBackModel',
    summary: 'Go back from this version, which must be champion, to the champion before it',
    tags,
    request: { params },
    responses: { 200: json(modelsInUseSchema, 'The models in use now'), ...failing(...anyBody, ...changes) },
  },
  {
    method: 'post',
    path: '/v1/models/{name}/versions/{version}/shadow',
    operationId: 'shadowModel',
    summary: 'Make a version challenger: it scores what the champion answered, for the log only',
    tags,
    request: { params },
    responses: { 200: json(modelsInUseSchema, 'The models in use now'), ...failing(...anyBody, ...changes) },
  },
  {
    method: 'delete',
    path: '/v1/models/{name}/versions/{version}/shadow',
    operationId: 'stopShadowing',
    summary: 'Stop this version, which must be challenger, from shadowing',
    tags,
    request: { params },
    responses: { 200: json(modelsInUseSchema, 'The models in use now'), ...failing(...anyBody, ...changes) },
  },
]
