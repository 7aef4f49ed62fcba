/** The files of a saved model: names, hashes, and how TensorFlow.js's artefacts lie in them. */

import { createHash } from 'node:crypto'

/** Every file of a saved model, by what it holds. The manifest names and hashes the others. */
export const fileNames = {
  manifest: 'manifest.json',
  network: 'model.json',
  weights: 'weights.bin',
  encoding: 'encoding.json',
  features: 'features.json',
  reference: 'reference.json',
  scorecard: 'scorecard.json',
  tuning: 'tuning.json',
  evaluation: 'evaluation.json',
  report: 'report.html',
  card: 'model-card.md',
} as const

/** SHA-256 of bytes, as 64 hex digits. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}
