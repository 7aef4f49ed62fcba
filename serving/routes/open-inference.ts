/** Open Inference Protocol v2: what KServe, Triton, MLServer and their clients speak. */

import express, { type Request, type Response, Router } from 'express'
import { type Model, ownPackage } from '../../models/index.ts'
import { type ModelHost, modelKey } from '../model-host.ts'
import { ProblemError } from '../problems.ts'
import { jsonLengthHeader, splitBody } from '../protocols/binary-tensors.ts'
import { modelInputs, readFeatures } from '../protocols/feature-input.ts'
import { type ModelPath, withModel } from '../protocols/find-model.ts'
import { readColumns, reasonsFor, wantedOutputs, writeResponse } from '../protocols/open-inference-codec.ts'
import { inferRequestSchema } from '../protocols/open-inference-messages.ts'
import { parseMessage } from '../protocols/parse-message.ts'
import type { Scorer } from '../scorer.ts'

/** Adds the routes. */
export function openInferenceRoutes(
  host: ModelHost,
  scorer: Scorer,
  isReady: () => boolean,
  bodyLimitBytes: number,
): Router {
  const router = Router()
  const binary = express.raw({ type: 'application/octet-stream', limit: bodyLimitBytes })

  router.get('/v2', (_: Request, response: Response) => {
    const { name, version } = ownPackage()
    response.json({ name, version, extensions: ['binary_tensor_data', 'model_repository'] })
  })
  router.get('/v2/health/live', (_: Request, response: Response) => {
    response.json({ live: true })
  })
  router.get('/v2/health/ready', (_: Request, response: Response) => {
    response.status(isReady() ? 200 : 503).json({ ready: isReady(), live: true })
  })
  router.get(modelPaths(''), async (request: Request<ModelPath>, response: Response) => {
    response.json(await withModel(host, request.params, model => modelMetadata(model, host)))
  })
  router.get(modelPaths('/ready'), async (request: Request<ModelPath>, response: Response) => {
    response.json(await withModel(host, request.params, ({ manifest }) => ({ name: manifest.name, ready: isReady() })))
  })
  router.post(modelPaths('/infer'), binary, async (request: Request<ModelPath>, response: Response) => {
    const { json, tensors } = readBody(request)
    const asked = parseMessage(inferRequestSchema, json)
    const wanted = wantedOutputs(asked)
    const columns = readColumns(asked, tensors)
    const answer = await withModel(host, request.params, async model => {
      const scores = await scorer.scoreFeatures(model, readFeatures(model, columns), reasonsFor(wanted))
      return writeResponse(model, asked, wanted, scores)
    })
    sendAnswer(response, answer)
  })
  router.post('/v2/repository/index', (request: Request, response: Response) => {
    response.json(repositoryIndex(host, request.body as unknown))
  })
  return router
}

/** With and without a version. */
function modelPaths(rest: string): string[] {
  return [`/v2/models/:name${rest}`, `/v2/models/:name/versions/:version${rest}`]
}

/** A JSON body, or JSON and tensors in one. */
function readBody(request: Request<ModelPath>): { json: unknown; tensors: Buffer } {
  if (Buffer.isBuffer(request.body)) return splitBody(request.body, request.get(jsonLengthHeader))
  if (!request.is('application/json')) {
    throw new ProblemError('unsupported-media-type', 'Send Content-Type: application/json or application/octet-stream.')
  }
  return { json: request.body as unknown, tensors: Buffer.alloc(0) }
}

function sendAnswer(response: Response, { response: answer, tensors }: ReturnType<typeof writeResponse>): void {
  if (tensors.length === 0) {
    response.json(answer)
    return
  }
  const json = Buffer.from(JSON.stringify(answer), 'utf8')
  response.setHeader(jsonLengthHeader, json.length)
  response.type('application/octet-stream').send(Buffer.concat([json, tensors]))
}

function modelMetadata(model: Model, host: ModelHost): object {
  const { name, label } = model.manifest
  return {
    name,
    versions: host
      .loaded()
      .filter(({ manifest }) => manifest.name === name)
      .map(({ manifest }) => String(manifest.version)),
    platform: 'tensorflowjs_layers',
    inputs: modelInputs(model).map(feature => ({
      name: feature.name,
      datatype: feature.kind === 'number' ? 'FP64' : 'BYTES',
      shape: [-1, 1],
    })),
    outputs: [
      { name: 'pd', datatype: 'FP64', shape: [-1, label.horizonMonths] },
      { name: 'reasons', datatype: 'BYTES', shape: [-1] },
    ],
  }
}

function repositoryIndex(host: ModelHost, body: unknown): object[] {
  const onlyReady = typeof body === 'object' && body !== null && 'ready' in body && body.ready === true
  const loaded = new Set(host.loaded().map(({ manifest }) => modelKey(manifest)))
  return host.registry
    .versions()
    .map(saved => ({
      name: saved.name,
      version: String(saved.version),
      ...(loaded.has(modelKey(saved))
        ? { state: 'READY', reason: '' }
        : { state: 'UNAVAILABLE', reason: 'no alias points at it' }),
    }))
    .filter(({ state }) => state === 'READY' || !onlyReady)
}
