/** Starts the server with a saved model, and stops it without losing a request. */

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { InputError } from '../data/index.ts'
import { compilePolicy, type Model, openRegistry, readPolicy, readRulePacks } from '../models/index.ts'
import { createApp } from './app.ts'
import { batchingScorer } from './batcher.ts'
import { type Config, readConfig } from './config.ts'
import { keepPolicy, keepRulePacks, policyFolder } from './decisions/policy-archive.ts'
import { createLogger } from './logger.ts'
import { countRows, createMetrics, shareMetrics } from './metrics.ts'
import { createModelHost, type ModelHost, modelKey } from './model-host.ts'
import { exampleRequest } from './openapi.ts'
import type { ScoreResponse } from './requests.ts'
import { scoreBorrowers } from './score.ts'
import { accessWarnings, chooseAccess } from './security/access.ts'
import { letIn } from './security/callers.ts'
import { readKeys } from './security/key-store.ts'
import { rememberKeys } from './security/known-keys.ts'
import { hostAddress } from './security/loopback.ts'
import { countRates, rateLimit } from './security/rate-limit.ts'
import { tokensOf } from './security/tokens.ts'
import { createShadow, withShadow } from './shadow.ts'
import { type OpenStore, openStore } from './store/open-store.ts'
import { recordShadowScores } from './store/shadow-scores.ts'
import { StoreDownError } from './store/store-client.ts'
import { parseScoreRequest } from './validate.ts'
import { createLocalHub, type WorkerSide } from './workers/hub.ts'
import { shareModels } from './workers/share-models.ts'

/** A server that answers. */
export interface RunningServer {
  /** Where, such as `http://127.0.0.1:8080`. */
  readonly url: string
  /** Stops accepting, finishes requests in flight within the grace time, and frees the model. */
  close(): Promise<void>
}

/** While stopping, idle connections are closed this often, in milliseconds. */
const sweepMs = 50

/** While starting, the keys are waited for at most so long, in milliseconds: the store may be away. */
const firstKeysMs = 10_000

/**
 * Loads the model and listens.
 *
 * @throws InputError if a setting is wrong or would let anybody in from beyond this machine, the model is missing or damaged, or the port is taken.
 */
export async function startServer(
  config: Config = readConfig(),
  hub: WorkerSide = hubOfOne(config),
): Promise<RunningServer> {
  const logger = createLogger(config.logLevel)
  const listenOn = await hostAddress(config.host)
  const access = chooseAccess({ mode: config.auth, address: listenOn, tokens: config.tokens !== null })
  const tokens =
    config.tokens === null
      ? null
      : tokensOf(config.tokens, error => logger.error({ err: error }, 'the keys of tokens could not be had'))
  const state = { ready: true }
  let hosting: ModelHost | null = null
  let opened: OpenStore | null = null
  const metrics = shareMetrics(
    createMetrics(
      () => hosting,
      () => state.ready,
      () => opened && { isUp: opened.database.isUp, waitingBytes: opened.waitingBytes },
    ),
    hub,
  )
  const policy = compilePolicy(readPolicy(config.policy))
  keepPolicy(policyFolder(config.store), policy)
  const rulePacks = readRulePacks(config.rulePacks)
  keepRulePacks(policyFolder(config.store), rulePacks)
  const ownHost = await createModelHost({
    registry: openRegistry(config.models),
    reference: config.model,
    warmUp,
    onEvent: event => {
      metrics.changed(event)
      if (event.kind === 'swapped') logger.info(event, 'model swapped')
      else logger.error(event, 'model refused: the ones in use stay')
    },
  })
  const host = shareModels(ownHost, hub)
  hosting = host
  const store = openStore(
    {
      folder: config.store,
      waitFor: config.journalWait,
      whenDown: config.storeDown,
      journalLimitBytes: config.journalLimitBytes,
    },
    logger,
  )
  opened = store
  const known = rememberKeys(() => readKeys(store.database), {
    onFault: error => {
      if (!(error instanceof StoreDownError)) logger.error({ err: error }, 'the keys could not be read')
    },
  })
  const record = (scores: readonly ScoreResponse[]): Promise<void> => recordShadowScores(store.database, scores)
  const shadow = createShadow(host, { record }, error => logger.error({ err: error }, 'challenger failed'), metrics)
  const app = createApp({
    policy,
    host,
    scorer: countRows(withShadow(batchingScorer(host.champion, config), shadow), metrics),
    identify: letIn(access, known, tokens),
    rateLimit: rateLimit(hub, config.rates),
    metrics,
    timeoutMs: config.timeoutMs,
    rulePacks,
    decisionLog: store.log,
    database: store.database,
    isReady: () => state.ready && store.state() !== 'refusing',
    logger,
    bodyLimitBytes: config.bodyLimitBytes,
    batchLimit: config.batchLimit,
  })
  // Who is told that this process serves finds it knowing the keys, even if the store goes away right then.
  if (access !== 'anybody') await Promise.race([known.current(), sleep(firstKeysMs, undefined, { ref: false })])
  // The time of bodies is bounded by the app, which knows a stream from a slow client.
  const headersTimeout = Math.min(10_000, config.timeoutMs)
  const connectionsCheckingInterval = Math.min(5000, config.timeoutMs)
  const server = createServer({ requestTimeout: 0, headersTimeout, connectionsCheckingInterval }, app)
  try {
    server.listen(config.port, listenOn)
    await once(server, 'listening')
  } catch (error) {
    await store.close()
    await host.close()
    throw listenProblem(error, config)
  }
  const { address, port, family } = server.address() as AddressInfo
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
  const warning = accessWarnings[access]
  if (warning !== null) logger.warn(warning)
  const { manifest, engine } = host.champion()
  logger.info({ model: modelKey(manifest), engine }, 'ready')
  const following = setInterval(() => void host.refresh(), config.followMs)

  return {
    url,
    close: async () => {
      state.ready = false
      clearInterval(following)
      const closed = once(server, 'close')
      server.close()
      // A connection that a client keeps alive turns idle once its request is answered, and would hold up the end.
      const sweep = setInterval(() => server.closeIdleConnections(), sweepMs)
      const late = setTimeout(() => {
        logger.warn('requests still in flight after the grace time: closing their connections')
        server.closeAllConnections()
      }, config.graceMs)
      await closed
      clearTimeout(late)
      clearInterval(sweep)
      await shadow.idle()
      await store.close()
      await host.close()
    },
  }
}

/** What a worker asks an owner, answered in the same process. */
function hubOfOne({ rates }: Config): WorkerSide {
  const { owner, worker } = createLocalHub()
  countRates(owner, rates)
  return worker
}

/** Scores the example once, so that no client waits for the engine's first compilations. */
function warmUp(model: Model): void {
  const request = parseScoreRequest(exampleRequest())
  scoreBorrowers(model, [{ requestId: 'warm-up', decisionId: '', request }])
}

function listenProblem(error: unknown, { host, port }: Config): InputError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE') {
    return new InputError({
      source: 'environment',
      field: 'PORT',
      found: String(port),
      expected: `a port that is free on ${host}: another program listens on this one`,
      rule: 'port-in-use',
    })
  }
  return new InputError({
    source: 'environment',
    field: 'HOST',
    found: `${host}:${port}`,
    expected: `an address to listen on (${error instanceof Error ? error.message : String(error)})`,
  })
}
