/** From a data set to a saved, judged model: the trainer's whole job, step by step. */

import { defaultLabelSpec, defaultSplitSpec, InputError, type LabelSpec, type SplitSpec } from '../data/index.ts'
import { type Dataset, openDataset } from '../data/sources/index.ts'
import {
  assembleNetwork,
  catalogue,
  cumulativePd,
  type Evaluation,
  encode,
  type Feature,
  hazardLogits,
  inputFamilies,
  inputWidth,
  loadEngine,
  loadModel,
  openRegistry,
  type RegisteredModel,
  type Scorecard,
  writeModel,
} from '../models/index.ts'
import { treeInputs } from './boosting/tree-inputs.ts'
import { countEvents, describeModel, describeNetwork } from './describe-model.ts'
import { buildDesignMatrix, type DesignMatrix } from './design-matrix.ts'
import { evaluateScores, type ScoredTest } from './evaluation.ts'
import { judgeFairness } from './fairness.ts'
import { describeFeatures } from './feature-table.ts'
import { fitEnsemble } from './fit-ensemble.ts'
import { calibrateMembers, encodeTrainingRows, rowsAtOnce, sampleInputs } from './fit-network.ts'
import { fitReference } from './fit-reference.ts'
import { fitSequenceLayout } from './fit-sequence-layout.ts'
import { requireSeparateParts, suspectedLeaks } from './honesty.ts'
import { type LeadTime, leadTime } from './lead-time.ts'
import { comparePaired, type PairedComparison } from './paired-bootstrap.ts'
import { defaultHyperparameters, type ProfileName, planMembers } from './profiles.ts'
import { noProgress, type Progress } from './progress.ts'
import { provenance } from './provenance.ts'
import { withRegistryLock } from './registry-lock.ts'
import { mainHorizon, renderModelCard, renderReport } from './report/index.ts'
import { performanceOf } from './rows-at-horizon.ts'
import { fitScorecard } from './scorecard/fit-scorecard.ts'
import { scoreWithCard } from './scorecard/score-with-card.ts'
import { segmentFeatures, segmentRows } from './segments.ts'
import { endWindowsBeforeTest, type Split, splitRows } from './splits.ts'
import { stabilityByMonth } from './stability.ts'
import type { Tuning } from './tuning/tune.ts'
import { type TuneOptions, tuneIfAsked } from './tuning/tune-if-asked.ts'

/** What to train, and how. */
export interface TrainOptions {
  /** Folder of the data set. */
  readonly dataset: string
  /** Folder of the registry. */
  readonly registry: string
  /** Name of the model. */
  readonly name: string
  readonly seed: number
  /** Perceptrons of the ensemble. */
  readonly members: number
  /** `fast` if left out. */
  readonly profile?: ProfileName
  /** Tunes how perceptrons learn before they do. */
  readonly tune?: TuneOptions
  /** Features to use, before constant ones are dropped. */
  readonly features?: readonly Feature[]
  /** Changes to the data set's own label definition. */
  readonly label?: Partial<LabelSpec>
  /** Test fold of a data set with folds. */
  readonly testFold?: number
  /** Quarantine bad rows instead of stopping. */
  readonly tolerant?: boolean
  /** The command line, for the manifest. */
  readonly command: string
  readonly progress?: Progress
}

/** What came of it. */
export interface TrainResult {
  readonly model: RegisteredModel
  readonly evaluation: Evaluation
  readonly leadTime: LeadTime
  /** What tuning came to, where it was asked for. */
  readonly tuning: Tuning | null
  /** The challenger. */
  readonly scorecard: Scorecard
  /** Features whose AUC alone is too good to be known in time. */
  readonly suspectedLeaks: readonly string[]
  /** Rows of the data set that were quarantined. */
  readonly quarantined: number
  /** Seconds by step. */
  readonly seconds: Readonly<Record<string, number>>
}

/** The largest difference in PD that saving and loading may make. */
const savedTolerance = 1e-6

/**
 * Trains, judges and saves a model.
 *
 * @throws InputError if the data set, the registry or the options are bad; nothing is saved then.
 */
export async function trainModel(options: TrainOptions): Promise<TrainResult> {
  return withRegistryLock(options.registry, async () => {
    const dataset = await openDataset(options.dataset, { tolerant: options.tolerant ?? false })
    const closing = [() => dataset.close()]
    try {
      return await trainOn(dataset, options, closing)
    } finally {
      for (const close of closing) close()
    }
  })
}

/** @param closing - What must be closed afterwards, however it ends, is added to it. */
async function trainOn(dataset: Dataset, options: TrainOptions, closing: (() => void)[]): Promise<TrainResult> {
  const progress = options.progress ?? noProgress
  const clock = stopwatch()
  const engine = await loadEngine()
  const label: LabelSpec = { ...(dataset.description.label ?? defaultLabelSpec), ...options.label }
  const features = options.features ?? catalogue.filter(feature => feature.protected !== true)

  progress.step('Building features')
  const borrowers = dataset.counts.borrowers ?? dataset.counts.accounts ?? Number.POSITIVE_INFINITY
  const wanted = [...features, ...segmentFeatures.filter(({ name }) => features.every(one => one.name !== name))]
  const whole = await buildDesignMatrix(dataset, wanted, label, done => progress.update(done / borrowers))
  closing.push(() => whole.columns.close())
  const split = splitRows(whole, splitSpec(dataset, options), label, await dataset.folds(), options.seed)
  const matrix = endWindowsBeforeTest({ ...whole, columns: whole.columns.only(features) }, split)
  requireSeparateParts(matrix, split)
  requireBothClasses(matrix, split)
  clock.lap('features')

  progress.step('Encoding')
  const { encoding, rows: trainingRows, close } = encodeTrainingRows(matrix, split, label.horizonMonths)
  closing.push(close)
  clock.lap('encoding')

  const inputGroups = inputFamilies(encoding, features).groups
  const tuning = await tuneIfAsked(dataset, options, { trainingRows, split, features, label, inputGroups }, progress)
  clock.lap('tuning')

  const profile = options.profile ?? 'fast'
  const parts = planMembers(split, {
    profile,
    members: options.members,
    shift: options.testFold ?? 0,
    layout: profile === 'fast' ? null : fitSequenceLayout(encoding, features, sampleInputs(trainingRows)),
    tuned: tuning?.chosen ?? defaultHyperparameters,
    inputGroups,
    treeInputs: treeInputs(encoding),
  })
  progress.step(`Training ${parts.length} members`)
  const trained = await fitEnsemble(trainingRows, parts, options.seed, share => progress.update(share))
  const { calibration, calibrationRows } = calibrateMembers(matrix, split, trained, parts, label.horizonMonths)
  const network = assembleNetwork(
    engine.tf,
    trained.map(({ member }) => member),
  )
  clock.lap('training')

  progress.step('Fitting the scorecard')
  const scorecard = fitScorecard(matrix, {
    horizonMonths: label.horizonMonths,
    train: split.train,
    calibration: calibrationRows,
    seed: options.seed,
  })
  clock.lap('scorecard')

  progress.step('Evaluating')
  const score = (rows: Int32Array): Float64Array[] => {
    const logits = new Float32Array(rows.length * label.horizonMonths)
    for (let first = 0; first < rows.length; first += rowsAtOnce) {
      const part = rows.subarray(first, first + rowsAtOnce)
      const inputs = encode(encoding, matrix.columns.take(part))
      logits.set(hazardLogits(engine.tf, network, inputs, part.length), first * label.horizonMonths)
    }
    return cumulativePd(calibration, logits, rows.length)
  }
  const challenger = scoreWithCard(scorecard, matrix.columns, split.test).pd
  const scored = await scoredTest(dataset, matrix, split, label.horizonMonths, score(split.test), challenger)
  const evaluation = evaluateScores(scored, { seed: options.seed })
  const lead = leadTime(scored)
  const table = describeFeatures({
    matrix,
    test: split.test,
    encoding,
    calibration,
    tf: engine.tf,
    network,
    seed: options.seed,
  })
  const leaks = suspectedLeaks(table)
  for (const { name, singleAuc } of leaks) {
    progress.note(`Suspected leak: ${name} alone reaches an AUC of ${singleAuc?.toFixed(3)}`)
  }
  const main = Number(mainHorizon({ manifest: { evaluation } }))
  const fairness = judgeFairness(scored, segmentRows(whole.columns.only(segmentFeatures).take(split.test)), main)
  const besideScorecard = compareWithChallenger(scored, options.seed)
  const pdOfCalibration = score(calibrationRows)
  const stability = stabilityByMonth(
    pdOfCalibration[main - 1] ?? new Float64Array(),
    scored.pd[main - 1] ?? new Float64Array(),
    scored.month,
  )
  clock.lap('evaluation')

  progress.step('Saving')
  const manifest = describeModel({
    name: options.name,
    seed: options.seed,
    network: describeNetwork(
      inputWidth(encoding),
      trained.map(({ member }) => member),
    ),
    engine: engine.name,
    provenance: provenance(options.command),
    dataset,
    matrix,
    split,
    splitSpec: splitSpec(dataset, options),
    label,
    features,
    encoding,
    calibration,
    calibrationRows,
    evaluation,
  })
  const written = await writeModel(engine.tf, options.registry, {
    manifest,
    network,
    encoding,
    ownFeatures: ownFeatures(features),
    scorecard,
    ...(tuning === null ? {} : { tuning }),
    reference: fitReference(matrix.columns, split.train, pdOfCalibration.at(-1) ?? new Float64Array()),
    evaluation,
    documents: async version => {
      const input = {
        manifest: { ...manifest, version },
        counts: dataset.counts,
        quarantined: dataset.quarantined,
        scored,
        leadTime: lead,
        learningCurves: trained.map(({ curve }) => curve),
        features: table,
        fairness,
        challenger: besideScorecard,
        stability,
        seconds: clock.laps,
      }
      return { report: await renderReport(input), card: renderModelCard(input) }
    },
  })
  network.dispose()
  await verifySaved(written.folder, matrix, split, scored)
  clock.lap('saving')
  progress.finish()

  return {
    model: openRegistry(options.registry).resolve(`${manifest.name}/${written.manifest.version}`),
    evaluation,
    leadTime: lead,
    suspectedLeaks: leaks.map(({ name }) => name),
    scorecard,
    tuning,
    quarantined: dataset.quarantined,
    seconds: clock.laps,
  }
}

/** Those that the catalogue doesn't have. */
function ownFeatures(features: readonly Feature[]): Feature[] {
  const known = new Set(catalogue.map(({ name }) => name))
  return features.filter(({ name }) => !known.has(name))
}

function compareWithChallenger(scored: ScoredTest, seed: number): Record<string, PairedComparison> {
  return Object.fromEntries(
    scored.pd.flatMap((pd, index) => {
      const other = scored.challenger?.[index]
      const found = other === undefined ? undefined : comparePaired(scored, other, pd, index + 1, seed)
      return found === undefined ? [] : [[String(index + 1), found]]
    }),
  )
}

function splitSpec(dataset: Dataset, options: TrainOptions): SplitSpec {
  const own = dataset.description.split ?? defaultSplitSpec
  if (options.testFold === undefined) return own
  return { kind: 'folds', testFold: options.testFold }
}

function requireBothClasses(matrix: DesignMatrix, split: Split): void {
  for (const [part, rows] of [
    ['training', split.train],
    ['test', split.test],
  ] as const) {
    const events = countEvents(matrix, rows)
    if (events === 0 || events === rows.length) {
      throw new InputError({
        source: 'labels',
        field: part,
        found: events === 0 ? `no event in ${rows.length} rows` : `an event in each of ${rows.length} rows`,
        expected: 'rows with and without an event',
        rule: 'one-class-only',
      })
    }
  }
}

async function scoredTest(
  dataset: Dataset,
  matrix: DesignMatrix,
  split: Split,
  horizonMonths: number,
  pd: readonly Float64Array[],
  challenger: readonly Float64Array[],
): Promise<ScoredTest> {
  const numbers = (column: Int32Array): Int32Array => Int32Array.from(split.test, row => column[row] as number)
  const bytes = (column: Uint8Array): Uint8Array => Uint8Array.from(split.test, row => column[row] as number)
  return {
    ...performanceOf(matrix, split.test),
    horizonMonths,
    borrowerIndex: numbers(matrix.borrowerIndex),
    accountIndex: numbers(matrix.accountIndex),
    month: numbers(matrix.month),
    pd,
    challenger,
    truth: await truthOf(dataset, matrix, split.test, horizonMonths),
    segments: { active: bytes(matrix.open), unseen: bytes(split.unseen) },
  }
}

/** The simulator's true PD of rows, `[h - 1][row]`; NaN where not known; null if the data set has none. */
async function truthOf(
  dataset: Dataset,
  matrix: DesignMatrix,
  rows: Int32Array,
  horizonMonths: number,
): Promise<Float64Array[] | null> {
  if (dataset.description.tables.truth === undefined) return null
  const byAccount = await dataset.truth()
  const known = new Map<number, ReadonlyMap<number, readonly number[]>>()
  const truth = Array.from({ length: horizonMonths }, () => new Float64Array(rows.length).fill(Number.NaN))
  rows.forEach((row, place) => {
    const account = matrix.accountIndex[row] as number
    let months = known.get(account)
    if (months === undefined) {
      months = new Map((byAccount.get(matrix.accountIds[account] ?? '') ?? []).map(({ month, pd }) => [month, pd]))
      known.set(account, months)
    }
    months.get(matrix.month[row] as number)?.forEach((pd, index) => {
      const column = truth[index]
      if (column !== undefined) column[place] = pd
    })
  })
  return truth
}

/** Loads what was saved and scores with it: a model that answers otherwise after loading must not be used. */
async function verifySaved(folder: string, matrix: DesignMatrix, split: Split, scored: ScoredTest): Promise<void> {
  const model = await loadModel(folder)
  const { pd } = model.scoreFeatures(matrix.columns.take(split.test.subarray(0, 200)))
  model.dispose()
  pd.forEach((column, index) => {
    column.forEach((value, row) => {
      const difference = Math.abs(value - (scored.pd[index]?.[row] ?? Number.NaN))
      if (!(difference < savedTolerance))
        throw new Error(`the saved model answers otherwise: PD differs by ${difference}`)
    })
  })
}

function stopwatch(): { laps: Record<string, number>; lap: (name: string) => void } {
  const laps: Record<string, number> = {}
  let since = performance.now()
  return {
    laps,
    lap: name => {
      const now = performance.now()
      laps[name] = (now - since) / 1000
      since = now
    },
  }
}
