/** A worker thread that makes the features of the parts it is sent, one after the other. */

import { join } from 'node:path'
import { parentPort } from 'node:worker_threads'
import type { LabelSpec } from '../../data/index.ts'
import { type Database, openDatabase, readShard, type Shard, type ShardSource } from '../../data/sources/index.ts'
import { BlockEvaluator, type Feature } from '../../models/index.ts'
import { labelPopulation } from '../population.ts'
import { openPartFile, type PartFile } from './part-file.ts'

/** Asks a worker for the features of one part. */
export interface PartTask {
  readonly source: ShardSource
  readonly shard: Shard
  readonly features: readonly Feature[]
  /** Where to write them; left out, they are made and counted. */
  readonly output?: { readonly folder: string; readonly name: string; readonly label: LabelSpec }
}

/** What a worker answers. */
export type PartMessage =
  | { readonly kind: 'done'; readonly accountMonths: number; readonly seconds: number }
  | { readonly kind: 'failed'; readonly reason: string }

/** Rows evaluated at once: with the borrower that fills them, no more than a block evaluator does in one go. */
const rowsPerBlock = 950

/** What DuckDB may hold in memory, per worker. */
const databaseMemory = '400MB'

let opened: Promise<Database> | undefined
let features: readonly Feature[] | undefined
let evaluator: BlockEvaluator | undefined

parentPort?.on('message', async (task: PartTask) => {
  const answer = (message: PartMessage): void => parentPort?.postMessage(message)
  try {
    opened ??= openDatabase(databaseMemory, 1)
    answer(await makePart(await opened, task))
  } catch (error) {
    answer({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) })
  }
})

async function makePart(database: Database, task: PartTask): Promise<PartMessage> {
  // every task brings an array of its own
  if (evaluator === undefined || JSON.stringify(features) !== JSON.stringify(task.features)) {
    evaluator = new BlockEvaluator(task.features)
    features = task.features
  }
  const { source, shard, output } = task
  const started = performance.now()
  const file: PartFile | undefined =
    output === undefined ? undefined : await openPartFile(database, join(output.folder, output.name), task.features)
  let accountMonths = 0
  for await (const block of readShard(database, source, shard, { rowsPerBlock, reuse: true })) {
    const { history } = block
    const rows = observedRows(history.observed)
    const columns = evaluator.evaluate(history, rows)
    accountMonths += rows.length
    if (output !== undefined) file?.append(history, rows, columns, labelPopulation(output.label, block))
  }
  await file?.finish()
  return { kind: 'done', accountMonths, seconds: (performance.now() - started) / 1000 }
}

function observedRows(observed: Uint8Array): Int32Array {
  const rows = new Int32Array(observed.length)
  let count = 0
  for (let row = 0; row < observed.length; row += 1) {
    rows[count] = row
    count += observed[row] as number
  }
  return rows.subarray(0, count)
}
