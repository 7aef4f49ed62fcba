/** UCI “Default of Credit Card Clients”: five given folds, every model on the same features. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import Table from 'cli-table3'
import { importUciCreditCard, openDataset } from '../../../data/sources/index.ts'
import { brierScore, catalogue, expectedCalibrationError, kolmogorovSmirnov, logLoss } from '../../../models/index.ts'
import { buildDesignMatrix } from '../../../training/design-matrix.ts'
import { splitRows } from '../../../training/splits.ts'
import { fitOurs, type Ours } from './fit-ours.ts'
import { type AccuracyOptions, remembered } from './options.ts'
import { pairedBootstrap, written } from './paired-bootstrap.ts'
import { exportFeatures, runPeers } from './run-peers.ts'

/**
 * Bins of the expected calibration error, as in published comparisons of this data. It is taken over all folds' test rows
 * together: in a bin of one fold's 300 rows a PD of 0.2 that is exactly right misses the share of events by 0.018 on
 * average, √(2·p·(1 − p)/(π·n)), so that one fold's figure would be noise.
 */
const calibrationBins = 20

/** Runs the part; null where the data is not there. */
export async function benchUci(options: AccuracyOptions): Promise<object | null> {
  const source = join(options.datasets, 'uci-credit-card')
  if (!existsSync(source)) {
    console.log(`UCI is skipped: ${source} is not there (--datasets, HARBINGER_DATASETS).`)
    return null
  }
  const folder = join(options.work, 'uci')
  if (!existsSync(folder)) {
    await importUciCreditCard(join(source, 'default-of-credit-card-clients.csv'), {
      folds: join(source, 'folds.csv'),
      out: folder,
    })
  }
  const exported = join(options.work, 'uci.csv')
  await exportFeatures(folder, exported)
  const dataset = await openDataset(folder)
  const label = dataset.description.label
  if (label === undefined) throw new Error('the importer gives a label')
  const matrix = await buildDesignMatrix(dataset, catalogue, label)
  const folds = await dataset.folds()
  dataset.close()

  const scores: Record<string, number[]> = {}
  const events: number[] = []
  const foldOf: number[] = []
  const seconds = { fast: 0, blend: 0 }
  for (const fold of options.folds) {
    const split = splitRows(matrix, { kind: 'folds', testFold: fold }, label, folds, 1)
    const ours = await remembered<Ours>(
      join(options.work, `uci-ours-${options.profile}-${options.members}-${fold}.json`),
      () => fitOurs(matrix, split, catalogue, 1, { profile: options.profile, members: options.members, shift: fold }),
    )
    seconds.fast += ours.seconds.fast / options.folds.length
    seconds.blend += (ours.seconds.fast + ours.seconds.sequence) / options.folds.length
    const part = new Uint8Array(matrix.rows)
    for (const row of split.test) part[row] = 1
    const peers = await runPeers({
      features: exported,
      part,
      inner: split.tenth,
      contractMonths: matrix.contractMonths,
      horizons: [1],
      configurations: options.configurations,
      folder: join(options.work, `peers-uci-${fold}`),
    })
    const add = (name: string, pd: ArrayLike<number>): void => {
      scores[name] ??= []
      for (let row = 0; row < pd.length; row += 1) scores[name].push(pd[row] as number)
    }
    for (const [name, pd] of Object.entries(ours.pd)) add(name, pd[0] ?? [])
    for (const [name, pd] of Object.entries(peers)) add(name, pd[1] ?? [])
    for (const row of split.test) {
      events.push(matrix.eventMonth[row] as number)
      foldOf.push(fold)
    }
  }
  return judge(scores, Uint8Array.from(events), foldOf, seconds)
}

function judge(
  scores: Readonly<Record<string, number[]>>,
  events: Uint8Array,
  foldOf: readonly number[],
  seconds: { readonly fast: number; readonly blend: number },
): object {
  const models = Object.fromEntries(Object.entries(scores).map(([name, pd]) => [name, Float64Array.from(pd)]))
  const best = 'blend' in models ? 'blend' : 'fast'
  const estimates = pairedBootstrap(models, events, [...events.keys()], foldOf, auc => ({
    ...('xgboost-bag' in auc
      ? {
          fastLessBag: (auc.fast ?? 0) - (auc['xgboost-bag'] ?? 0),
          ...('blend' in auc ? { blendLessBag: (auc.blend ?? 0) - (auc['xgboost-bag'] ?? 0) } : {}),
        }
      : {}),
    lessScorecard: (auc[best] ?? 0) - (auc.scorecard ?? 0),
  }))
  const folds = [...new Set(foldOf)]
  const meanOver = (name: string, figure: (pd: Float64Array, happened: Uint8Array) => number): number =>
    folds.reduce((sum, fold) => {
      const rows = [...events.keys()].filter(row => foldOf[row] === fold)
      const pd = Float64Array.from(rows, row => models[name]?.[row] as number)
      return (
        sum +
        figure(
          pd,
          Uint8Array.from(rows, row => events[row] as number),
        ) /
          folds.length
      )
    }, 0)
  const ece = (pd: Float64Array): number => expectedCalibrationError(pd, events, calibrationBins)
  const table = new Table({
    head: ['UCI, mean over folds', 'AUC (95 %)', 'KS', 'Brier', 'Log-loss', 'ECE, all folds'],
    style: { head: [] },
  })
  for (const name of Object.keys(models)) {
    const estimate = estimates[name]
    if (estimate === undefined) continue
    const figures = [
      meanOver(name, kolmogorovSmirnov),
      meanOver(name, brierScore),
      meanOver(name, logLoss),
      ece(models[name] as Float64Array),
    ]
    table.push([name, written(estimate), ...figures.map(value => value.toFixed(4))])
  }
  console.log(table.toString())
  for (const name of ['blendLessBag', 'fastLessBag', 'lessScorecard']) {
    const estimate = estimates[name]
    if (estimate !== undefined) console.log(`${name}: ${written(estimate)}`)
  }
  console.log(`Seconds per fold: fast ${seconds.fast.toFixed(0)}, blend ${seconds.blend.toFixed(0)}`)
  const value = (name: string): number | null => estimates[name]?.value ?? null
  return {
    blendAuc: value('blend'),
    fastAuc: value('fast'),
    xgboostBagAuc: value('xgboost-bag'),
    ks: meanOver(best, kolmogorovSmirnov),
    ece: ece(models[best] as Float64Array),
  }
}
