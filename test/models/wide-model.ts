/** A model of every feature with random weights: as wide as a trained one, so that its sums round like one's. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultLabelSpec, labelHash, random } from '../../data/index.ts'
import {
  assembleNetwork,
  catalogue,
  type FeatureEncoding,
  featureHash,
  identityCalibration,
  inputWidth,
  loadEngine,
  loadModel,
  type Member,
  type Model,
  type WrittenModel,
  writeModel,
} from '../../models/index.ts'
import { tinyManifest } from './tiny-model.ts'

const hidden = [48, 32] as const
const members = 3

/** Writes the model's next version under a registry's root. */
export async function writeWideModel(root: string): Promise<WrittenModel> {
  const source = random(7, 'wide-model')
  const label = { ...defaultLabelSpec, horizonMonths: 3 }
  const features = catalogue.map(
    ({ name, of }): FeatureEncoding =>
      of.kind === 'named' || of.kind === 'categoryFact'
        ? { kind: 'category', name, levels: ['app', 'open'] }
        : {
            kind: 'number',
            name,
            mean: 3,
            deviation: 7,
            knots: [0, 1, 10, 100],
            normals: [-1, 0, 1, 2],
            missing: true,
          },
  )
  const width = inputWidth({ features })
  const layers = [width, ...hidden, label.horizonMonths]
  const weights = (count: number, scale: number) => Float32Array.from({ length: count }, () => scale * source.normal())
  const network = Array.from(
    { length: members },
    (): Member =>
      layers.slice(1).map((outputs, depth) => {
        const inputs = layers[depth] as number
        return { inputs, outputs, kernel: weights(inputs * outputs, inputs ** -0.5), bias: weights(outputs, 0.5) }
      }),
  )
  const { tf } = await loadEngine()
  return writeModel(tf, root, {
    manifest: {
      ...tinyManifest,
      name: 'wide',
      features: { hash: featureHash(catalogue), names: catalogue.map(({ name }) => name) },
      network: { inputs: width, hidden: [...hidden], members },
      calibration: identityCalibration(label.horizonMonths),
      label,
      labelHash: labelHash(label),
    },
    network: assembleNetwork(tf, network),
    encoding: { features, baseline: new Array(width).fill(0) },
    reference: { features: [], pd: { kind: 'number', name: 'pd', edges: [], shares: [1], missing: 0 } },
    evaluation: tinyManifest.evaluation,
    documents: async () => ({ report: '<p>', card: '#' }),
  })
}

/** Writes the model, loads it and removes its files. */
export async function loadWideModel(): Promise<Model> {
  const root = mkdtempSync(join(tmpdir(), 'harbinger-wide-'))
  try {
    return await loadModel((await writeWideModel(root)).folder)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
