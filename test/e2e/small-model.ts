/** A small portfolio and a model trained on it, made once per test file. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeSimulation } from '../../data/simulator/index.ts'
import { openRegistry } from '../../models/index.ts'
import { type TrainResult, trainModel } from '../../training/index.ts'

/** What the portfolio is simulated with. */
const simulation = { borrowers: 500, months: 30, seed: 3 }

/** Where it lies, and how to be rid of it. */
export interface SmallModel {
  readonly root: string
  readonly portfolio: string
  readonly registry: string
  readonly result: TrainResult
  remove(): void
}

/** Simulates, trains two networks and makes the model champion. */
export async function makeSmallModel(): Promise<SmallModel> {
  const root = mkdtempSync(join(tmpdir(), 'harbinger-e2e-'))
  const [portfolio, registry] = [join(root, 'portfolio'), join(root, 'models')]
  await writeSimulation(portfolio, simulation)
  const result = await trainModel({ dataset: portfolio, registry, name: 'small', seed: 1, members: 2, command: 'test' })
  openRegistry(registry).promote('small', 1)
  return { root, portfolio, registry, result, remove: () => rmSync(root, { recursive: true, force: true }) }
}
