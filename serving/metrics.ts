/** What the server counts, for Prometheus; names and labels hold nothing of a borrower, and labels have few values. */

import { AggregatorRegistry, Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { z } from 'zod'
import { type HostEvent, type ModelHost, modelKey } from './model-host.ts'
import type { Scorer } from './scorer.ts'
import type { WorkerSide } from './workers/hub.ts'

/** The server's metrics. */
export interface Metrics {
  /** Content type of {@link Metrics.text}. */
  readonly contentType: string
  /** Counts an answered request. */
  answered(route: string, method: string, status: number, seconds: number): void
  /** Counts scored rows. */
  scored(model: string, rows: number): void
  /** Counts what became of a row for the challenger. */
  shadowed(outcome: 'scored' | 'dropped' | 'failed', rows: number): void
  /** Counts a change of models. */
  changed(event: HostEvent): void
  /** The exposition. */
  text(): Promise<string>
  /** All values as plain data, for the exposition of several processes together. */
  values(): Promise<readonly object[]>
}

/** What of the store is measured. */
export interface StoreGauges {
  /** Does the database answer? */
  isUp(): boolean
  /** Bytes that wait in the journals. */
  waitingBytes(): number
}

/** Upper edges of the buckets of request times, in seconds. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Gauges of prom-client whose names end as counters' do, which promtool refuses. */
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total']

/**
 * Makes the metrics.
 *
 * @param isReady - Whether the server is ready now.
 * @param store - Left out where there is none.
 */
export function createMetrics(
  host: () => ModelHost | null,
  isReady: () => boolean,
  store: () => StoreGauges | null = () => null,
): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  for (const name of misnamed) registry.removeSingleMetric(name)
  const registers = [registry]

  const requests = new Histogram({
    name: 'harbinger_http_request_duration_seconds',
    help: 'Time from a request’s first byte to the end of its answer.',
    labelNames: ['route', 'method', 'status'],
    buckets,
    registers,
  })
  const rows = new Counter({
    name: 'harbinger_scored_rows_total',
    help: 'Borrowers, or feature vectors, scored.',
    labelNames: ['model'],
    registers,
  })
  const shadow = new Counter({
    name: 'harbinger_shadow_rows_total',
    help: 'Borrowers for whom the challenger was asked.',
    labelNames: ['outcome'],
    registers,
  })
  const changes = new Counter({
    name: 'harbinger_model_changes_total',
    help: 'Models swapped in, and models refused.',
    labelNames: ['outcome'],
    registers,
  })
  new Gauge({
    name: 'harbinger_model_info',
    help: '1 for each loaded version and what it is used for.',
    labelNames: ['model', 'role'],
    registers,
    aggregator: 'max',
    collect() {
      this.reset()
      for (const [place, { manifest }] of (host()?.loaded() ?? []).entries()) {
        const shadowing = manifest === host()?.challenger()?.manifest
        this.set({ model: modelKey(manifest), role: place === 0 ? 'champion' : shadowing ? 'challenger' : 'other' }, 1)
      }
    },
  })
  new Gauge({
    name: 'harbinger_ready',
    help: '1 while the server takes requests.',
    registers,
    aggregator: 'min',
    collect() {
      this.set(isReady() ? 1 : 0)
    },
  })
  new Gauge({
    name: 'harbinger_store_up',
    help: '1 while the database answers.',
    registers,
    aggregator: 'min',
    collect() {
      this.set(store()?.isUp() === true ? 1 : 0)
    },
  })
  new Gauge({
    name: 'harbinger_journal_waiting_bytes',
    help: 'Bytes of decisions that wait in the journals for the database.',
    registers,
    aggregator: 'max', // all processes look into one folder
    collect() {
      this.set(store()?.waitingBytes() ?? 0)
    },
  })
  for (const outcome of ['swapped', 'refused']) changes.inc({ outcome }, 0)
  for (const outcome of ['scored', 'dropped', 'failed']) shadow.inc({ outcome }, 0)

  return {
    contentType: registry.contentType,
    answered: (route, method, status, seconds) => requests.observe({ route, method, status }, seconds),
    scored: (model, count) => rows.inc({ model }, count),
    shadowed: (outcome, count) => shadow.inc({ outcome }, count),
    changed: ({ kind }) => changes.inc({ outcome: kind }),
    text: () => registry.metrics(),
    values: () => registry.getMetricsAsJSON(),
  }
}

const topic = 'metrics'

/** The same metrics, whose exposition is of all worker processes together: a scrape meets any one of them. */
export function shareMetrics(metrics: Metrics, hub: WorkerSide): Metrics {
  hub.listen(topic, () => metrics.values())
  return {
    ...metrics,
    text: async () => {
      const told = z.array(z.array(z.looseObject({})).optional()).parse(await hub.tellAll(topic))
      const all = told.filter(values => values !== undefined)
      return all.length < 2 ? metrics.text() : AggregatorRegistry.aggregate(all).metrics()
    },
  }
}

/** A scorer whose rows are counted by model. */
export function countRows(scorer: Scorer, metrics: Metrics): Scorer {
  return {
    ...scorer,
    score: async requests => {
      const scores = await scorer.score(requests)
      for (const { model } of scores) metrics.scored(modelKey(model), 1)
      return scores
    },
    scoreFeatures: async (model, block, reasonsPerRow) => {
      const scores = await scorer.scoreFeatures(model, block, reasonsPerRow)
      metrics.scored(modelKey(model.manifest), block.rows)
      return scores
    },
  }
}
