/** Credit records and the simulated portfolio: months and borrowers never seen, by horizon, beside peers and the truth. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import Table from 'cli-table3'
import { defaultLabelSpec, defaultSplitSpec } from '../../../data/index.ts'
import { writeSimulation } from '../../../data/simulator/index.ts'
import { type Dataset, importCreditRecords, openDataset } from '../../../data/sources/index.ts'
import { catalogue } from '../../../models/index.ts'
import { buildDesignMatrix, type DesignMatrix } from '../../../training/design-matrix.ts'
import { performanceOf, rowsAtHorizon } from '../../../training/rows-at-horizon.ts'
import { endWindowsBeforeTest, type Split, splitRows } from '../../../training/splits.ts'
import { fitOurs, type Ours } from './fit-ours.ts'
import { type AccuracyOptions, remembered } from './options.ts'
import { type Estimate, pairedBootstrap, written } from './paired-bootstrap.ts'
import { exportFeatures, runPeers } from './run-peers.ts'

/** Features that neither we nor the peers get: it may be forbidden to tell people apart by them. */
const left = catalogue.filter(feature => feature.protected === true).map(({ name }) => name)

/** Test rows scored by every model; `[model][h]` of shape `[row]`. */
interface Scored {
  readonly matrix: DesignMatrix
  readonly split: Split
  readonly scores: Readonly<Record<string, Readonly<Record<number, Float64Array>>>>
  readonly seconds: Ours['seconds']
}

/** Runs the part; null where the data is not there. */
export async function benchCreditRecords(options: AccuracyOptions): Promise<object | null> {
  const source = join(options.datasets, 'credit-records')
  if (!existsSync(source)) {
    console.log(`Credit records are skipped: ${source} is not there (--datasets, HARBINGER_DATASETS).`)
    return null
  }
  const folder = join(options.work, 'records')
  if (!existsSync(folder)) {
    await importCreditRecords(join(source, 'credit_record.csv.gz'), {
      facts: join(source, 'application_record.csv.gz'),
      out: folder,
    })
  }
  const { matrix, split, scores, seconds } = await scoreTest('records', folder, options, [3])
  const all = Int32Array.from(split.test.keys())
  const parts = {
    all,
    active: all.filter(place => matrix.open[split.test[place] as number] === 1),
    unseen: all.filter(place => split.unseen[split.test[place] as number] === 1),
  }
  const judged: Record<string, Record<string, Estimate>> = {}
  for (const [name, places] of Object.entries(parts))
    judged[name] = judge({ matrix, split, scores, seconds }, 3, places)
  print('Credit records, 30+ DPD within 3 months', judged)
  console.log(`Rows: ${split.train.length} to learn from, ${split.test.length} to be judged on.`)
  console.log(`Seconds: fast ${seconds.fast.toFixed(0)}, sequence members ${seconds.sequence.toFixed(0)}`)
  const auc = (part: string, model: string): number | null => judged[part]?.[model]?.value ?? null
  const best = 'blend' in scores ? 'blend' : 'fast'
  return {
    auc: auc('all', best),
    activeAuc: auc('active', best),
    unseenAuc: auc('unseen', best),
    lightgbmAuc: auc('all', 'lightgbm'),
    lightgbmActiveAuc: auc('active', 'lightgbm'),
  }
}

/** Runs the part: the truth is known, so the share of the attainable Gini is too. */
export async function benchSimulated(options: AccuracyOptions): Promise<object> {
  const folder = join(options.work, `simulated-${options.borrowers}`)
  if (!existsSync(folder)) await writeSimulation(folder, { borrowers: options.borrowers, months: 36, seed: 7 })
  const horizons = [1, 3, 6]
  const name = `simulated-${options.borrowers}-${options.heldOut}`
  const scored = await scoreTest(name, folder, options, horizons, { holdOutShare: options.heldOut })
  const judged: Record<string, Record<string, Estimate>> = {}
  const all = Int32Array.from(scored.split.test.keys())
  for (const horizon of horizons) judged[`${horizon}`] = judge(scored, horizon, all)
  print('Simulated, out of time, by horizon', judged)
  const expected = Object.fromEntries(horizons.map(horizon => [`${horizon}`, judgeByTruth(scored, horizon)]))
  print('The same by the true PD', expected)
  return Object.fromEntries(
    horizons.map(horizon => [`h${horizon}`, { ...judged[`${horizon}`], byTruePd: expected[`${horizon}`] }]),
  )
}

async function scoreTest(
  name: string,
  folder: string,
  options: AccuracyOptions,
  horizons: readonly number[],
  divided: { readonly holdOutShare?: number } = {},
): Promise<Scored> {
  const exported = join(options.work, `${name}.csv`)
  await exportFeatures(folder, exported)
  const dataset = await openDataset(folder)
  const label = dataset.description.label ?? defaultLabelSpec
  const features = catalogue.filter(feature => feature.protected !== true)
  const whole = await buildDesignMatrix(dataset, features, label)
  const spec = { ...(dataset.description.split ?? defaultSplitSpec), ...divided }
  const split = splitRows(whole, spec, label, await dataset.folds(), 1)
  const matrix = endWindowsBeforeTest(whole, split)
  const truth = await truthOf(dataset, matrix, split)
  dataset.close()
  const { profile, members } = options
  const ours = await remembered<Ours>(join(options.work, `${name}-ours-${profile}-${members}.json`), () =>
    fitOurs(matrix, split, features, label.horizonMonths, { profile, members, shift: 0 }),
  )
  const part = new Uint8Array(matrix.rows).fill(2)
  for (const row of split.train) part[row] = 0
  for (const row of split.test) part[row] = 1
  const peers = await runPeers({
    features: exported,
    part,
    inner: split.tenth,
    contractMonths: matrix.contractMonths,
    horizons,
    configurations: options.configurations,
    leftOut: left,
    folder: join(options.work, `peers-${name}`),
  })
  const byHorizon = (pd: readonly ArrayLike<number>[]): Record<number, Float64Array> =>
    Object.fromEntries(horizons.map(horizon => [horizon, Float64Array.from(pd[horizon - 1] ?? [])]))
  return {
    matrix,
    split,
    seconds: ours.seconds,
    scores: {
      ...Object.fromEntries(Object.entries(ours.pd).map(([model, pd]) => [model, byHorizon(pd)])),
      ...peers,
      ...(truth === null ? {} : { truth: byHorizon(truth) }),
    },
  }
}

async function truthOf(dataset: Dataset, matrix: DesignMatrix, split: Split): Promise<Float64Array[] | null> {
  if (dataset.description.tables.truth === undefined) return null
  const known = await dataset.truth()
  const months = 6
  const truth = Array.from({ length: months }, () => new Float64Array(split.test.length).fill(Number.NaN))
  split.test.forEach((row, place) => {
    const account = known.get(matrix.accountIds[matrix.accountIndex[row] as number] ?? '')
    const found = account?.find(({ month }) => month === matrix.month[row])
    for (let month = 0; month < months; month += 1) {
      const column = truth[month]
      if (column !== undefined) column[place] = found?.pd[month] ?? Number.NaN
    }
  })
  return truth
}

/** AUC of every model on some test rows, paired, and our differences from the peers. */
function judge({ matrix, split, scores }: Scored, horizon: number, among: Int32Array): Record<string, Estimate> {
  const truth = scores.truth?.[horizon]
  const asked = new Set(among)
  const { rows: places, events } = rowsAtHorizon(
    performanceOf(matrix, split.test),
    horizon,
    place => asked.has(place) && !Number.isNaN(truth?.[place] ?? 0),
  )
  return pairedBootstrap(
    scoresAt(scores, horizon, places),
    events,
    borrowersOf(matrix, split, places),
    new Uint8Array(places.length),
    differences,
  )
}

/**
 * The same by the true PD: the AUC to be expected over all that could have become of the rows, where the AUC of what did
 * become of them has its chance in it. Every row is an event as far as its true PD goes and none as far as not.
 */
function judgeByTruth({ matrix, split, scores }: Scored, horizon: number): Record<string, Estimate> {
  const truth = scores.truth?.[horizon]
  if (truth === undefined) return {}
  const places = Int32Array.from(split.test.keys()).filter(
    place => !Number.isNaN(truth[place]) && (matrix.contractMonths[split.test[place] as number] as number) >= horizon,
  )
  const twice = Int32Array.from([...places, ...places])
  const isEvent = (at: number): boolean => at < places.length
  const pd = Float64Array.from(twice, (place, at) =>
    isEvent(at) ? (truth[place] as number) : 1 - (truth[place] as number),
  )
  return pairedBootstrap(
    scoresAt(scores, horizon, twice),
    Uint8Array.from(twice, (_, at) => (isEvent(at) ? 1 : 0)),
    borrowersOf(matrix, split, twice),
    new Uint8Array(twice.length),
    differences,
    pd,
  )
}

function scoresAt(scores: Scored['scores'], horizon: number, places: Int32Array): Record<string, Float64Array> {
  return Object.fromEntries(
    Object.entries(scores).map(([name, byHorizon]) => [
      name,
      Float64Array.from(places, place => byHorizon[horizon]?.[place] as number),
    ]),
  )
}

function borrowersOf(matrix: DesignMatrix, split: Split, places: Int32Array): Int32Array {
  return Int32Array.from(places, place => matrix.borrowerIndex[split.test[place] as number] as number)
}

/** Our differences from the peers, and the shares of what can be known. */
function differences(auc: Readonly<Record<string, number>>): Record<string, number> {
  const { fast = Number.NaN, blend: mine = fast, lightgbm, 'xgboost-bag': bag, scorecard, truth } = auc
  const gini = (value: number): number => 2 * value - 1
  return {
    ...(lightgbm === undefined ? {} : { lessLightgbm: mine - lightgbm, fastLessLightgbm: fast - lightgbm }),
    ...(bag === undefined ? {} : { lessXgboostBag: mine - bag, fastLessXgboostBag: fast - bag }),
    ...(scorecard === undefined ? {} : { lessScorecard: mine - scorecard }),
    ...(truth === undefined ? {} : { attainedGini: gini(mine) / gini(truth) }),
    ...(truth === undefined || lightgbm === undefined ? {} : { attainedGiniLightgbm: gini(lightgbm) / gini(truth) }),
  }
}

function print(title: string, judged: Readonly<Record<string, Readonly<Record<string, Estimate>>>>): void {
  const parts = Object.keys(judged)
  const table = new Table({ head: [title, ...parts], style: { head: [] } })
  const names = [...new Set(Object.values(judged).flatMap(figures => Object.keys(figures)))]
  for (const name of names) {
    table.push([name, ...parts.map(part => (judged[part]?.[name] === undefined ? '–' : written(judged[part][name])))])
  }
  console.log(table.toString())
}
