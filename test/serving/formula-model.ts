/** A model whose answers can be worked by hand: PD(h) = 1 − (1 − days past due / 100)^h. */

import { defaultLabelSpec, type HistoryBlock } from '../../data/index.ts'
import { evaluate, type Feature, type Model } from '../../models/index.ts'
import { tinyManifest } from '../models/tiny-model.ts'

/** Creates the model; it counts how often it was asked. */
export function formulaModel(): Model & { readonly calls: number[] } {
  const calls: number[] = []
  const manifest = {
    ...tinyManifest,
    version: 1,
    files: {},
    name: 'formula',
    label: { ...defaultLabelSpec, horizonMonths: 3 },
  }
  const features: readonly Feature[] = []
  const unused = (): never => {
    throw new Error('not used by the server')
  }
  return {
    calls,
    manifest,
    manifestHash: 'f'.repeat(64),
    engine: 'wasm',
    features,
    encoding: { features: [], baseline: [] },
    score: (history: HistoryBlock, rows: Int32Array, reasonsPerRow = 0) => {
      calls.push(rows.length)
      const pd = [1, 2, 3].map(h =>
        Float64Array.from(rows, row => 1 - (1 - history.numbers.daysPastDue[row]! / 100) ** h),
      )
      const reason = {
        feature: 'days_past_due',
        family: 'lateness',
        says: 'Days past due',
        unit: 'days',
        value: 1,
        contribution: 1,
        text: { en: 'Late.', zh: '逾期。' },
      }
      const reasons = Array.from(rows, () => Array(Math.min(1, reasonsPerRow)).fill(reason))
      return { pd, reasons, features: evaluate(features, history, rows) }
    },
    scoreFeatures: unused,
    explain: unused,
    explainFamilies: unused,
    dispose: () => {},
  }
}
