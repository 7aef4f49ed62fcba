/** How fast training is, what the mended kernels give, and how close the model comes to the truth. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Table from 'cli-table3'
import { random } from '../../data/index.ts'
import { writeSimulation } from '../../data/simulator/index.ts'
import { type Engine, loadEngine } from '../../models/index.ts'
import { fitMember, type MemberSettings } from '../../training/fit-member.ts'
import type { TrainingRows } from '../../training/hazard-loss.ts'
import { defaultMembers, trainModel } from '../../training/index.ts'

const settings: MemberSettings = {
  shape: { kind: 'perceptron', hidden: [128, 128] },
  dropout: 0.3,
  learningRate: 1e-3,
  weightDecay: 0.05,
  batchRows: 256,
  epochsAtMost: 2,
  patience: 2,
}
const rows = 8192
const width = 202

/** Runs the benchmark; the network is the one of published comparisons, 202-128-128-1. */
export async function benchTrain(): Promise<object> {
  // The kernels as they come must be kept before the engine mends them.
  const tf = await import('@tensorflow/tfjs')
  await import('@tensorflow/tfjs-backend-wasm')
  const stock = (['BatchMatMul', 'Sum'] as const).map(name => tf.getKernel(name, 'wasm'))
  const engine = await loadEngine()
  const mended = (['BatchMatMul', 'Sum'] as const).map(name => tf.getKernel(name, 'wasm'))
  const use = (kernels: typeof stock): void => {
    for (const kernel of kernels) {
      if (kernel === undefined) throw new Error('the WASM backend lacks a kernel')
      tf.unregisterKernel(kernel.kernelName, 'wasm')
      tf.registerKernel(kernel)
    }
  }
  const rates = { stock: 0, mended: 0 }
  for (let round = 0; round < 2; round += 1) {
    use(stock)
    rates.stock = Math.max(rates.stock, rowsPerSecond(engine))
    use(mended)
    rates.mended = Math.max(rates.mended, rowsPerSecond(engine))
  }

  const root = mkdtempSync(join(tmpdir(), 'harbinger-bench-'))
  try {
    await writeSimulation(join(root, 'portfolio'), { borrowers: 5000, months: 36, seed: 1 })
    const started = performance.now()
    const { evaluation, seconds, model } = await trainModel({
      dataset: join(root, 'portfolio'),
      registry: join(root, 'models'),
      name: 'bench',
      seed: 1,
      members: defaultMembers,
      command: 'npm run bench -- train',
    })
    const total = (performance.now() - started) / 1000
    const [ours, truth] = [evaluation.truth?.model['3'], evaluation.truth?.truth['3']]
    const peakRssMiB = process.resourceUsage().maxRSS / 1024
    const table = new Table({ head: ['What', 'Figure'], style: { head: [] } })
    table.push(
      ['Rows per second, kernels as they come', rates.stock.toFixed(0)],
      ['Rows per second, kernels mended', rates.mended.toFixed(0)],
      ['Times faster', (rates.mended / rates.stock).toFixed(2)],
      ['Training rows of the portfolio', String(model.manifest.data.parts.train.rows)],
      ['Seconds, data set to saved model', total.toFixed(1)],
      ...Object.entries(seconds).map(([step, value]) => [`  ${step}`, value.toFixed(1)]),
      ['AUC at 3 months', interval(ours)],
      ['AUC of the truth', interval(truth)],
      ['Peak memory, MiB', peakRssMiB.toFixed(0)],
    )
    console.log(table.toString())
    return {
      rowsPerSecond: Math.round(rates.mended),
      rowsPerSecondStockKernels: Math.round(rates.stock),
      timesFaster: rates.mended / rates.stock,
      seconds: total,
      auc: ours?.auc ?? null,
      aucInterval: ours?.intervals.auc ?? null,
      truthAuc: truth?.auc ?? null,
      peakRssMiB,
    }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

function interval(
  figures: { auc: number | null; intervals: Record<string, [number | null, number | null]> } | undefined,
): string {
  const [low, high] = figures?.intervals.auc ?? [null, null]
  return `${figures?.auc?.toFixed(4)} [${low?.toFixed(4)}, ${high?.toFixed(4)}]`
}

function rowsPerSecond(engine: Engine): number {
  const source = random(1, 'bench')
  const data: TrainingRows = {
    inputs: Float32Array.from({ length: rows * width }, () => source.normal()),
    width,
    horizonMonths: 1,
    observedMonths: new Uint8Array(rows).fill(1),
    eventMonth: Uint8Array.from({ length: rows }, () => (source.chance(0.2) ? 1 : 0)),
  }
  const learned = Int32Array.from({ length: rows - 256 }, (_, row) => row)
  const validation = Int32Array.from({ length: 256 }, (_, row) => rows - 256 + row)
  const started = performance.now()
  fitMember(engine, data, learned, validation, settings, 1)
  return (settings.epochsAtMost * learned.length * 1000) / (performance.now() - started)
}
