/** From a model's name, version or label in a path to the loaded model that it means. */

import { z } from 'zod'
import { modelNameSchema } from '../../models/index.ts'
import type { Lease, ModelHost } from '../model-host.ts'
import { ProblemError } from '../problems.ts'

const version = z
  .string()
  .regex(/^[1-9]\d{0,8}$/)
  .optional()
const named = modelNameSchema.optional()

/** Parts of a path, unchecked: nothing of them goes near a file or a header before it is checked here. */
export interface ModelPath {
  readonly name?: string | undefined
  readonly version?: string | undefined
  readonly label?: string | undefined
}

/**
 * Runs with the model that a path means, and holds it meanwhile.
 *
 * @throws ProblemError `model-not-found` if no loaded version is meant.
 */
export async function withModel<T>(
  host: ModelHost,
  path: ModelPath,
  run: (lease: Lease['model']) => T | Promise<T>,
): Promise<T> {
  const name = named.safeParse(path.name)
  const label = named.safeParse(path.label)
  const number = version.safeParse(path.version)
  const lease =
    name.success && label.success && number.success
      ? host.lease({
          ...(name.data === undefined ? {} : { name: name.data }),
          ...(label.data === undefined ? {} : { label: label.data }),
          ...(number.data === undefined ? {} : { version: Number(number.data) }),
        })
      : null
  if (lease === null) {
    throw new ProblemError('model-not-found', 'No loaded model has this name and version: see /v1/models.')
  }
  try {
    return await run(lease.model)
  } finally {
    lease.release()
  }
}
