/** Reads a saved version, and refuses one with a missing, cut or altered file. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { InputError } from '../../data/index.ts'
import { type Encoding, encodingSchema } from '../encoding.ts'
import { type Feature, parseFeatures } from '../features/index.ts'
import { type Scorecard, scorecardSchema } from '../scorecard.ts'
import { fileNames, sha256 } from './files.ts'
import { type Manifest, manifestSchema } from './manifest.ts'
import { type Reference, referenceSchema } from './reference.ts'

/** `model.json` as far as we read it ourselves; TensorFlow.js checks the topology. */
const networkSchema = z.looseObject({
  modelTopology: z.record(z.string(), z.unknown()),
  weightsManifest: z.array(
    z.looseObject({
      weights: z.array(
        z.looseObject({ name: z.string(), shape: z.array(z.int().min(0)), dtype: z.literal('float32') }),
      ),
    }),
  ),
})

/** A saved version, read and verified. */
export interface SavedModel {
  readonly manifest: Manifest
  /** SHA-256 of `manifest.json`. */
  readonly manifestHash: string
  readonly encoding: Encoding
  /** Definitions of the features that aren't in the catalogue; empty if all are. */
  readonly ownFeatures: readonly Feature[]
  readonly reference: Reference
  /** The challenger trained beside the network; null if the version has none. */
  readonly scorecard: Scorecard | null
  readonly network: z.infer<typeof networkSchema>
  readonly weights: Uint8Array
}

/**
 * Reads a version's manifest alone, without verifying the other files.
 *
 * @throws InputError naming the file and field if it is missing, no JSON or not as expected.
 */
export function readManifest(folder: string): Manifest {
  return parseFile(folder, fileNames.manifest, readBytes(folder, fileNames.manifest), manifestSchema)
}

/**
 * Reads and verifies a whole version.
 *
 * @throws InputError naming the file if any is missing, cut or altered.
 */
export function readModel(folder: string): SavedModel {
  const manifestBytes = readBytes(folder, fileNames.manifest)
  const manifest = parseFile(folder, fileNames.manifest, manifestBytes, manifestSchema)
  const contents = new Map<string, Uint8Array>()
  for (const [name, hash] of Object.entries(manifest.files)) {
    const bytes = readBytes(folder, name)
    const found = sha256(bytes)
    if (found !== hash) {
      throw new InputError({
        source: join(folder, name),
        found: `SHA-256 ${found}`,
        expected: `SHA-256 ${hash}, as the manifest says`,
        rule: 'model-file-altered',
      })
    }
    contents.set(name, bytes)
  }
  const file = <Value>(name: string, schema: z.ZodType<Value>): Value =>
    parseFile(folder, name, contents.get(name) ?? missing(folder, name), schema)
  return {
    manifest,
    manifestHash: sha256(manifestBytes),
    encoding: file(fileNames.encoding, encodingSchema),
    ownFeatures: contents.has(fileNames.features)
      ? parseFeatures(file(fileNames.features, z.unknown()), join(folder, fileNames.features))
      : [],
    reference: file(fileNames.reference, referenceSchema),
    scorecard: contents.has(fileNames.scorecard) ? file(fileNames.scorecard, scorecardSchema) : null,
    network: file(fileNames.network, networkSchema),
    weights: contents.get(fileNames.weights) ?? missing(folder, fileNames.weights),
  }
}

function readBytes(folder: string, name: string): Uint8Array {
  // A manifest is input too: a name in it must not lead out of the folder.
  if (!/^[a-z][a-z.-]*$/.test(name)) {
    throw new InputError({
      source: join(folder, fileNames.manifest),
      field: 'files',
      found: name,
      expected: 'a file name',
    })
  }
  try {
    return readFileSync(join(folder, name))
  } catch {
    return missing(folder, name)
  }
}

function missing(folder: string, name: string): never {
  throw new InputError({ source: join(folder, name), expected: 'a file of a saved model', rule: 'model-file-missing' })
}

function parseFile<Value>(folder: string, name: string, bytes: Uint8Array, schema: z.ZodType<Value>): Value {
  const source = join(folder, name)
  let json: unknown
  try {
    json = JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    throw new InputError({ source, expected: 'JSON, whole and uncut', rule: 'model-file-altered' })
  }
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  throw new InputError(
    parsed.error.issues.slice(0, 10).map(issue => ({ source, field: issue.path.join('.'), expected: issue.message })),
  )
}
