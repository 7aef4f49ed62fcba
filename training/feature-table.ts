/** What each feature is worth: how often it is missing, what it tells alone, and what it moves in the model. */

import type { LayersModel } from '@tensorflow/tfjs'
import { random, shuffle } from '../data/index.ts'
import {
  areaUnderRoc,
  type Calibration,
  createExplainer,
  type Encoding,
  encode,
  featureContributions,
  hazardLogits,
  type TensorFlow,
} from '../models/index.ts'
import type { DesignMatrix } from './design-matrix.ts'

/** One feature in the report. */
export interface FeatureDescription {
  readonly name: string
  readonly family: string
  readonly unit: string
  readonly says: string
  /** Share of test rows where it is missing, in [0, 1]. */
  readonly missingShare: number
  /** AUC of the feature alone over the test rows where it is known, in [0.5, 1]; null if it is no number or one class. */
  readonly singleAuc: number | null
  /** Mean |contribution| to logit PD(H) over a sample of the test rows, in log-odds; 0 if the model doesn't use it. */
  readonly importance: number
}

/** Test rows whose contributions are averaged. */
const sampleRows = 2000

/** Describes every feature evaluated, the most important first. */
export function describeFeatures(from: {
  readonly matrix: DesignMatrix
  readonly test: Int32Array
  readonly encoding: Encoding
  readonly calibration: Calibration
  readonly tf: TensorFlow
  readonly network: LayersModel
  readonly seed: number
}): FeatureDescription[] {
  const { matrix, test } = from
  const importance = meanContributions(from)
  const events = Uint8Array.from(test, row => ((matrix.eventMonth[row] as number) > 0 ? 1 : 0))
  return matrix.columns.features
    .map((feature, index): FeatureDescription => {
      const column = matrix.columns.column(index, test)
      const missing =
        column.kind === 'number'
          ? column.values.reduce((count, value) => count + (Number.isNaN(value) ? 1 : 0), 0)
          : column.missing
      return {
        name: feature.name,
        family: feature.family,
        unit: feature.unit,
        says: feature.says,
        missingShare: missing / Math.max(1, test.length),
        singleAuc: column.kind === 'number' ? singleAuc(column.values, events) : null,
        importance: importance.get(feature.name) ?? 0,
      }
    })
    .sort((a, b) => b.importance - a.importance || (a.name < b.name ? -1 : 1))
}

function singleAuc(values: Float64Array, events: Uint8Array): number | null {
  const known = Int32Array.from(values.keys()).filter(row => !Number.isNaN(values[row]))
  const eventsKnown = Uint8Array.from(known, row => events[row] as number)
  const happened = eventsKnown.reduce((sum, event) => sum + event, 0)
  if (happened === 0 || happened === known.length) return null
  const auc = areaUnderRoc(
    Float64Array.from(known, row => values[row] as number),
    eventsKnown,
  )
  return Math.max(auc, 1 - auc)
}

function meanContributions(from: Parameters<typeof describeFeatures>[0]): Map<string, number> {
  const { matrix, encoding, tf, network } = from
  const sample = shuffle(Int32Array.from(from.test), random(from.seed, 'importance')).slice(0, sampleRows)
  const inputs = encode(encoding, matrix.columns.take(sample))
  const explainer = createExplainer({ tf, network, calibration: from.calibration, baseline: encoding.baseline })
  const explanations = explainer.explain(inputs, hazardLogits(tf, network, inputs, sample.length), sample.length)
  explainer.dispose()
  const sums = new Float64Array(encoding.features.length)
  featureContributions(encoding, explanations).forEach((value, at) => {
    const feature = at % sums.length
    sums[feature] = (sums[feature] as number) + Math.abs(value) / sample.length
  })
  return new Map(encoding.features.map((feature, index) => [feature.name, sums[index] as number]))
}
