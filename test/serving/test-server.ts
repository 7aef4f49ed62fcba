/** A server for tests, on a free port, with its log kept. */

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import type { Model } from '../../models/index.ts'
import {
  type AppDependencies,
  createApp,
  createMetrics,
  directScorer,
  type LoggedDecision,
  letAnybodyIn,
  type ModelHost,
} from '../../serving/index.ts'
import { fixedHost } from './fixed-host.ts'
import { formulaModel } from './formula-model.ts'
import { memoryLog, noDatabase } from './memory-log.ts'

/** A running test server. */
export interface TestServer {
  readonly url: string
  readonly server: Server
  readonly log: string[]
  readonly decisions: LoggedDecision[]
  readonly state: { ready: boolean }
  readonly host: ModelHost
  readonly model: ReturnType<typeof formulaModel>
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>
  close(): Promise<void>
}

/** Starts the app with the model that answers by formula, or with another one, and whatever else a test needs. */
export async function startTestServer(other?: Model, more: Partial<AppDependencies> = {}): Promise<TestServer> {
  const log: string[] = []
  const state = { ready: true }
  const model = formulaModel()
  const memory = memoryLog()
  const host = await fixedHost(other ?? model)
  const app = createApp({
    host,
    scorer: directScorer(host.champion),
    identify: letAnybodyIn,
    decisionLog: memory,
    metrics: createMetrics(
      () => host,
      () => state.ready,
    ),
    timeoutMs: 30_000,
    database: noDatabase,
    isReady: () => state.ready,
    logger: pino(
      { level: 'info' },
      new Writable({
        write: (chunk, _, done) => {
          log.push(String(chunk))
          done()
        },
      }),
    ),
    bodyLimitBytes: 2_097_152,
    batchLimit: 50,
    ...more,
  })
  const server = createServer(app)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    server,
    log,
    decisions: memory.decisions,
    state,
    host,
    model,
    post: (path, body, headers = {}) =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
