/** Two saved versions on the same rows of the same data: which one to use, and how sure that is. */

import { InputError, type LabelSpec } from '../data/index.ts'
import { openDataset } from '../data/sources/index.ts'
import { catalogue, loadModel, type Manifest, type Model } from '../models/index.ts'
import { buildDesignMatrix, type DesignMatrix } from './design-matrix.ts'
import type { FeatureStore } from './feature-store.ts'
import { type ComparedFigure, comparePaired, greaterIsBetter, type PairedComparison } from './paired-bootstrap.ts'
import { performanceOf } from './rows-at-horizon.ts'
import { splitRows } from './splits.ts'

/** What became of a comparison. */
export interface ModelComparison {
  readonly a: ComparedModel
  readonly b: ComparedModel
  /** Name of the data set. */
  readonly data: string
  /** Rows that both are judged on: test rows of both. */
  readonly rows: number
  readonly borrowers: number
  /** By horizon, `"1"` … `"H"`. */
  readonly horizons: Readonly<Record<string, PairedComparison>>
  /** On accounts open on the as-of date alone. */
  readonly active: Readonly<Record<string, PairedComparison>>
  readonly recommendation: Recommendation
  /** What may make the comparison unfair. */
  readonly caveats: readonly string[]
}

/** One side. */
export interface ComparedModel {
  readonly name: string
  readonly version: number
  readonly createdAt: string
  readonly features: number
}

/** What to do. */
export interface Recommendation {
  readonly use: 'a' | 'b'
  /** Whether the evidence decides; if not, the model in use (a) stays. */
  readonly isDecided: boolean
  readonly because: string
}

/** Rows scored together. */
const rowsAtOnce = 10_000

/**
 * Compares two saved versions on a data set, on the rows that are test rows of both.
 *
 * @param folders - Folders of the versions: the one in use, and the one that might replace it.
 * @param dataset - Folder of the data set.
 * @param seed - Draws the bootstrap samples.
 * @throws InputError if the models predict different events, or have no test row in common.
 */
export async function compareModels(
  folders: { readonly a: string; readonly b: string },
  dataset: string,
  seed: number,
  onProgress: (share: number) => void = () => {},
): Promise<ModelComparison> {
  const [a, b] = [await loadModel(folders.a), await loadModel(folders.b)]
  const opened = await openDataset(dataset)
  let columns: FeatureStore | undefined
  try {
    requireSameEvent(a.manifest, b.manifest)
    const wanted = new Set([...a.features, ...b.features].map(({ name }) => name))
    const features = catalogue.filter(({ name }) => wanted.has(name))
    const { label } = a.manifest
    const borrowers = opened.counts.borrowers ?? opened.counts.accounts ?? Number.POSITIVE_INFINITY
    const matrix = await buildDesignMatrix(opened, features, label, done => onProgress(done / borrowers))
    columns = matrix.columns
    const folds = await opened.folds()
    const [ofA, ofB] = [a, b].map(({ manifest }) => splitRows(matrix, manifest.data.split, label, folds, manifest.seed))
    const inB = new Set(ofB?.test)
    const rows = ofA?.test.filter(row => inB.has(row)) ?? new Int32Array()
    if (rows.length === 0) {
      throw new InputError({
        source: dataset,
        expected: 'rows that neither model was trained on; these two have no test row in common',
        rule: 'no-common-test-rows',
      })
    }
    const both = { a: scoreRows(a, matrix, rows), b: scoreRows(b, matrix, rows) }
    const horizons = compareHorizons(matrix, rows, both, label, seed)
    const open = rows.filter(row => matrix.open[row] === 1)
    const isOpen = Uint8Array.from(rows, row => matrix.open[row] as number)
    const ofOpen = (columns: readonly Float64Array[]) =>
      columns.map(column => column.filter((_, row) => isOpen[row] === 1))
    return {
      a: describe(a.manifest),
      b: describe(b.manifest),
      data: opened.description.name,
      rows: rows.length,
      borrowers: new Set(rows.map(row => matrix.borrowerIndex[row] as number)).size,
      horizons,
      active: compareHorizons(matrix, open, { a: ofOpen(both.a), b: ofOpen(both.b) }, label, seed),
      recommendation: recommend(horizons),
      caveats: caveats(a.manifest, b.manifest, opened.fingerprint),
    }
  } finally {
    columns?.close()
    opened.close()
    a.dispose()
    b.dispose()
  }
}

function scoreRows(model: Model, matrix: DesignMatrix, rows: Int32Array): Float64Array[] {
  const pd = Array.from({ length: model.manifest.label.horizonMonths }, () => new Float64Array(rows.length))
  for (let first = 0; first < rows.length; first += rowsAtOnce) {
    const scores = model.scoreFeatures(matrix.columns.take(rows.subarray(first, first + rowsAtOnce)))
    scores.pd.forEach((column, index) => {
      pd[index]?.set(column, first)
    })
  }
  return pd
}

function compareHorizons(
  matrix: DesignMatrix,
  rows: Int32Array,
  pd: { readonly a: readonly Float64Array[]; readonly b: readonly Float64Array[] },
  label: LabelSpec,
  seed: number,
): Record<string, PairedComparison> {
  const test = {
    ...performanceOf(matrix, rows),
    borrowerIndex: Int32Array.from(rows, row => matrix.borrowerIndex[row] as number),
  }
  return Object.fromEntries(
    Array.from({ length: label.horizonMonths }, (_, index) => {
      const none = new Float64Array()
      return [String(index + 1), comparePaired(test, pd.a[index] ?? none, pd.b[index] ?? none, index + 1, seed)]
    }).filter((entry): entry is [string, PairedComparison] => entry[1] !== undefined),
  )
}

const decisive = ['auc', 'logLoss'] as const satisfies readonly ComparedFigure[]

/**
 * The newer version replaces the one in use only on evidence: AUC or log-loss better at some horizon with an interval
 * that excludes 0, and neither worse so at any.
 */
export function recommend(horizons: Readonly<Record<string, PairedComparison>>): Recommendation {
  const verdicts = Object.entries(horizons).flatMap(([months, { figures }]) =>
    decisive.map(name => ({ months, name, verdict: verdictOf(name, figures[name].interval) })),
  )
  const said = (verdict: 'better' | 'worse'): string =>
    verdicts
      .filter(one => one.verdict === verdict)
      .map(({ months, name }) => `${figureNames[name]} at ${months} month${months === '1' ? '' : 's'}`)
      .join(', ')
  const [better, worse] = [said('better'), said('worse')]
  if (better !== '' && worse === '') return { use: 'b', isDecided: true, because: `better: ${better}; nowhere worse` }
  if (worse !== '') {
    return {
      use: 'a',
      isDecided: true,
      because: better === '' ? `worse: ${worse}` : `better: ${better}; but worse: ${worse}`,
    }
  }
  return { use: 'a', isDecided: false, because: 'no difference that the data could tell from chance' }
}

/** What figures are called in text. */
export const figureNames = {
  auc: 'AUC',
  ks: 'KS',
  captureTop10: 'capture in the top 10 %',
  brier: 'Brier',
  logLoss: 'log-loss',
} as const satisfies Record<ComparedFigure, string>

/** Whether the second score is better or worse at a figure beyond chance. */
export function verdictOf(name: ComparedFigure, [low, high]: readonly [number, number]): 'better' | 'worse' | 'same' {
  if (low > 0) return greaterIsBetter[name] ? 'better' : 'worse'
  if (high < 0) return greaterIsBetter[name] ? 'worse' : 'better'
  return 'same'
}

function requireSameEvent(a: Manifest, b: Manifest): void {
  if (a.labelHash === b.labelHash) return
  throw new InputError({
    source: `${b.name}/${b.version}`,
    field: 'label',
    found: JSON.stringify(b.label),
    expected: `the event of ${a.name}/${a.version}, ${JSON.stringify(a.label)}: PDs of different events can’t be compared`,
    rule: 'label-mismatch',
  })
}

function caveats(a: Manifest, b: Manifest, fingerprint: string): string[] {
  return [a, b].flatMap(manifest =>
    manifest.data.fingerprint === fingerprint
      ? []
      : [
          `${manifest.name}/${manifest.version} was trained on other data (${manifest.data.name}, cut ${manifest.data.dataCutOn}): if it shares borrowers or months with this data set, it may have seen some of these rows`,
        ],
  )
}

function describe({ name, version, createdAt, features }: Manifest): ComparedModel {
  return { name, version, createdAt, features: features.names.length }
}
