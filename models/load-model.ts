/** Opens a saved version as a model that answers: the same steps for trainer and server. */

import type { LayersModel } from '@tensorflow/tfjs'
import { type HistoryBlock, InputError, labelHash } from '../data/index.ts'
import { cumulativePd } from './calibration.ts'
import { encode, inputWidth } from './encoding.ts'
import { type Engine, loadEngine } from './engine.ts'
import {
  createExplainer,
  type ExplainedModel,
  type Explainer,
  exactContributions,
  inputFamilies,
} from './explanation/index.ts'
import { catalogue, evaluate, type Feature, type FeatureColumns, featureHash } from './features/index.ts'
import type { Model } from './model.ts'
import { hazardLogits } from './network.ts'
import { reasonFinder } from './reasons.ts'
import { readModel, type SavedModel } from './saved-form/read.ts'

/**
 * Loads a saved version.
 *
 * @param folder - `models/saved/<name>/<version>`.
 * @throws InputError if a file is missing or altered, or the model was trained on other features than this code's.
 */
export async function loadModel(folder: string): Promise<Model> {
  const saved = readModel(folder)
  const features = knownFeatures(folder, saved)
  checkConsistency(folder, saved)
  const engine = await loadEngine()
  return createModel(engine, saved, features, await loadNetwork(engine, saved))
}

async function loadNetwork({ tf }: Engine, { network, weights }: SavedModel): Promise<LayersModel> {
  return tf.loadLayersModel(
    tf.io.fromMemory({
      modelTopology: network.modelTopology,
      weightSpecs: network.weightsManifest.flatMap(group => group.weights),
      weightData: Uint8Array.from(weights).buffer,
    }),
  )
}

function createModel(engine: Engine, saved: SavedModel, features: readonly Feature[], network: LayersModel): Model {
  const { manifest, encoding } = saved
  const { calibration } = manifest
  const topReasons = reasonFinder(encoding)
  const families = inputFamilies(encoding, features)
  const { baseline } = encoding
  const explained: ExplainedModel = { tf: engine.tf, network, calibration, baseline, groups: families.groups }
  let explainer: Explainer | undefined
  const explain = (inputs: Float32Array, hazards: Float32Array, rows: number) => {
    explainer ??= createExplainer(explained)
    return explainer.explain(inputs, hazards, rows)
  }

  const scoreFeatures = (columns: FeatureColumns, reasonsPerRow = 0) => {
    const inputs = encode(encoding, columns)
    const hazards = hazardLogits(engine.tf, network, inputs, columns.rows)
    return {
      pd: cumulativePd(calibration, hazards, columns.rows),
      reasons:
        reasonsPerRow > 0
          ? topReasons(columns, explain(inputs, hazards, columns.rows), reasonsPerRow)
          : Array.from({ length: columns.rows }, () => []),
      features: columns,
    }
  }

  return {
    manifest,
    manifestHash: saved.manifestHash,
    engine: engine.name,
    encoding,
    features,
    score: (history: HistoryBlock, rows: Int32Array, reasonsPerRow = 0) =>
      scoreFeatures(evaluate(features, history, rows), reasonsPerRow),
    scoreFeatures,
    explain: columns => {
      const inputs = encode(encoding, columns)
      return explain(inputs, hazardLogits(engine.tf, network, inputs, columns.rows), columns.rows)
    },
    explainFamilies: (columns, horizon) => ({
      families: families.names,
      ...exactContributions(explained, families.groups, encode(encoding, columns), columns.rows, horizon),
    }),
    dispose: () => {
      explainer?.dispose()
      network.dispose()
    },
  }
}

function knownFeatures(folder: string, { manifest, ownFeatures }: SavedModel): Feature[] {
  // the catalogue last: what a model brings must not take the place of what this version means by the name
  const byName = new Map([...ownFeatures, ...catalogue].map(feature => [feature.name, feature]))
  const features = manifest.features.names.map(name => {
    const feature = byName.get(name)
    if (feature === undefined) {
      throw new InputError({
        source: folder,
        field: 'features.names',
        found: name,
        expected: 'a feature that this version of Harbinger has',
        rule: 'feature-hash-mismatch',
      })
    }
    return feature
  })
  const hash = featureHash(features)
  if (hash !== manifest.features.hash) {
    throw new InputError({
      source: folder,
      field: 'features.hash',
      found: manifest.features.hash,
      expected: `${hash}, the hash of this version’s features; train the model anew`,
      rule: 'feature-hash-mismatch',
    })
  }
  return features
}

function checkConsistency(folder: string, { manifest, encoding, weights, network }: SavedModel): void {
  const horizon = manifest.label.horizonMonths
  const width = inputWidth(encoding)
  const floats = network.weightsManifest
    .flatMap(group => group.weights)
    .reduce((sum, weight) => sum + weight.shape.reduce((product, length) => product * length, 1), 0)
  const checks: readonly [string, unknown, unknown][] = [
    ['labelHash', manifest.labelHash, labelHash(manifest.label)],
    ['calibration.slope', manifest.calibration.slope.length, horizon],
    ['calibration.intercept', manifest.calibration.intercept.length, horizon],
    ['network.inputs', manifest.network.inputs, width],
    ['encoding.baseline', encoding.baseline.length, width],
    ['weights', weights.byteLength, floats * Float32Array.BYTES_PER_ELEMENT],
  ]
  for (const [field, found, expected] of checks) {
    if (found !== expected) {
      throw new InputError({
        source: folder,
        field,
        found: String(found),
        expected: String(expected),
        rule: 'model-inconsistent',
      })
    }
  }
}
