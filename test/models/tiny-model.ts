/** A model small enough to write by hand, saved like any other. */

import { defaultLabelSpec, defaultSplitSpec, labelHash } from '../../data/index.ts'
import {
  assembleNetwork,
  catalogue,
  featureHash,
  identityCalibration,
  loadEngine,
  type Manifest,
  type Member,
  type ModelContent,
  type WrittenModel,
  writeModel,
} from '../../models/index.ts'

const feature = catalogue.find(({ name }) => name === 'days_past_due')!
const label = { ...defaultLabelSpec, horizonMonths: 2 }

/** Two inputs (z-score and rank-normal of days past due) → two hidden units → two hazard logits. */
const tinyMember: Member = [
  { inputs: 2, outputs: 2, kernel: Float32Array.of(1, -1, 0.5, 0.25), bias: Float32Array.of(0.1, 0.2) },
  { inputs: 2, outputs: 2, kernel: Float32Array.of(1, 0.5, -0.25, 1), bias: Float32Array.of(-2, -3) },
]

const part = { rows: 1, borrowers: 1, events: 0, firstMonth: '2024-01', lastMonth: '2024-01' }

/** The manifest of the tiny model. */
export const tinyManifest: Omit<Manifest, 'version' | 'files'> = {
  format: 1,
  name: 'tiny',
  createdAt: '2024-01-01T00:00:00Z',
  createdBy: 'test',
  harbinger: '0.0.0',
  command: 'test',
  engine: 'wasm',
  packages: {},
  seed: 1,
  features: { hash: featureHash([feature]), names: [feature.name] },
  network: { inputs: 2, hidden: [2], members: 1 },
  calibration: identityCalibration(2),
  label,
  labelHash: labelHash(label),
  data: {
    name: 'test',
    fingerprint: '0'.repeat(64),
    currency: 'EUR',
    dataCutOn: '2024-01-31',
    calendar: 'real',
    parts: { train: part, calibration: part, test: part },
    split: defaultSplitSpec,
  },
  evaluation: { test: {}, segments: {}, challenger: null, truth: null },
}

/** Writes the tiny model's next version under a registry's root. */
export async function writeTinyModel(root: string, manifest = tinyManifest): Promise<WrittenModel> {
  const { tf } = await loadEngine()
  const content: ModelContent = {
    manifest,
    network: assembleNetwork(tf, [tinyMember]),
    encoding: {
      features: [
        {
          kind: 'number',
          name: feature.name,
          mean: 5,
          deviation: 10,
          knots: [0, 30],
          normals: [-1, 1],
          missing: false,
        },
      ],
      baseline: [0, 0],
    },
    reference: { features: [], pd: { kind: 'number', name: 'pd', edges: [], shares: [1], missing: 0 } },
    evaluation: manifest.evaluation,
    documents: async version => ({ report: `<p>version ${version}</p>`, card: '# card' }),
  }
  return writeModel(tf, root, content)
}
