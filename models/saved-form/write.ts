/** Writes a trained model as an immutable version: everything into a folder beside its place, then one rename. */

import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LayersModel } from '@tensorflow/tfjs'
import { InputError } from '../../data/index.ts'
import type { Encoding } from '../encoding.ts'
import type { TensorFlow } from '../engine.ts'
import type { Feature } from '../features/index.ts'
import type { Evaluation } from '../metrics/index.ts'
import type { Scorecard } from '../scorecard.ts'
import { fileNames, sha256 } from './files.ts'
import { type Manifest, manifestSchema } from './manifest.ts'
import type { Reference } from './reference.ts'

/** All that a version consists of. */
export interface ModelContent {
  /** The manifest without what only writing knows. */
  readonly manifest: Omit<Manifest, 'version' | 'files'>
  readonly network: LayersModel
  readonly encoding: Encoding
  /** Features that aren't in the catalogue: they travel with the model. */
  readonly ownFeatures?: readonly Feature[]
  readonly reference: Reference
  /** The challenger; left out only by what is no whole model, such as a test's. */
  readonly scorecard?: Scorecard
  /** What tuning tried, where it was asked for; saved as it is. */
  readonly tuning?: object
  readonly evaluation: Evaluation
  /** Renders the documents, which name the version. */
  readonly documents: (version: number) => Promise<{ readonly report: string; readonly card: string }>
}

/** A version that has been written. */
export interface WrittenModel {
  readonly manifest: Manifest
  readonly folder: string
}

/**
 * Writes the next version of a model under `root/<name>/<version>`. Hold the registry's lock around it.
 *
 * @throws InputError if the folder can't be written; nothing is left behind then.
 */
export async function writeModel(tf: TensorFlow, root: string, content: ModelContent): Promise<WrittenModel> {
  const home = join(root, content.manifest.name)
  const version = 1 + Math.max(0, ...savedVersions(home))
  const { network, weights } = await networkFiles(tf, content.network)
  const documents = await content.documents(version)
  const files: Record<string, string | Uint8Array> = {
    [fileNames.network]: network,
    [fileNames.weights]: weights,
    [fileNames.encoding]: JSON.stringify(content.encoding),
    ...(content.ownFeatures === undefined || content.ownFeatures.length === 0
      ? {}
      : { [fileNames.features]: `${JSON.stringify(content.ownFeatures, null, 2)}\n` }),
    [fileNames.reference]: JSON.stringify(content.reference),
    ...(content.scorecard === undefined ? {} : { [fileNames.scorecard]: JSON.stringify(content.scorecard) }),
    ...(content.tuning === undefined ? {} : { [fileNames.tuning]: `${JSON.stringify(content.tuning, null, 2)}\n` }),
    [fileNames.evaluation]: `${JSON.stringify(content.evaluation, null, 2)}\n`,
    [fileNames.report]: documents.report,
    [fileNames.card]: documents.card,
  }
  const manifest = manifestSchema.parse({
    ...content.manifest,
    version,
    files: Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, sha256(bytes)])),
  })
  const folder = join(home, String(version))
  const writing = join(home, `.writing-${version}-${process.pid}`)
  try {
    mkdirSync(writing, { recursive: true })
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(writing, name), bytes, { flush: true })
    writeFileSync(join(writing, fileNames.manifest), `${JSON.stringify(manifest, null, 2)}\n`, { flush: true })
    renameSync(writing, folder)
  } catch (error) {
    removeQuietly(writing)
    throw new InputError({
      source: folder,
      found: error instanceof Error ? error.message : String(error),
      expected: 'a folder that can be written',
      rule: 'writable-folder',
    })
  }
  return { manifest, folder }
}

/** Version numbers saved in a model's folder, ascending; none if there is no such folder. */
export function savedVersions(home: string): number[] {
  try {
    return readdirSync(home)
      .filter(entry => /^[1-9]\d*$/.test(entry))
      .map(Number)
      .sort((a, b) => a - b)
  } catch {
    return []
  }
}

async function networkFiles(tf: TensorFlow, model: LayersModel): Promise<{ network: string; weights: Uint8Array }> {
  let written: { network: string; weights: Uint8Array } | undefined
  await model.save(
    tf.io.withSaveHandler(async artifacts => {
      const data = artifacts.weightData
      if (data === undefined) throw new Error('the network was saved without weights')
      const parts = Array.isArray(data) ? data : [data]
      written = {
        weights: Buffer.concat(parts.map(part => Buffer.from(part))),
        network: JSON.stringify({
          format: 'layers-model',
          generatedBy: artifacts.generatedBy,
          convertedBy: artifacts.convertedBy,
          modelTopology: artifacts.modelTopology,
          weightsManifest: [{ paths: [fileNames.weights], weights: artifacts.weightSpecs }],
        }),
      }
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } }
    }),
  )
  if (written === undefined) throw new Error('the network was not saved')
  return written
}

function removeQuietly(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true })
  } catch {
    // What couldn't be written can't always be removed either; the first error is the one to report.
  }
}
