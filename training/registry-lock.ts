/** One trainer at a time on a registry: a second one is told so instead of racing for version numbers. */

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { lock } from 'proper-lockfile'
import { InputError } from '../data/index.ts'

/** A lock whose holder has not been heard of for this long is taken over: its process has died. */
const staleMs = 60_000

/**
 * Runs work while holding the registry's lock.
 *
 * @param root - Folder of the registry; made if it isn't there.
 * @throws InputError if another trainer holds it, or the folder can't be written.
 */
export async function withRegistryLock<Result>(root: string, work: () => Promise<Result>): Promise<Result> {
  const release = await acquire(root)
  try {
    return await work()
  } finally {
    await release()
  }
}

async function acquire(root: string): Promise<() => Promise<void>> {
  try {
    mkdirSync(root, { recursive: true })
    return await lock(root, { lockfilePath: join(root, '.training.lock'), stale: staleMs, update: staleMs / 4 })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    throw code === 'ELOCKED'
      ? new InputError({
          source: root,
          found: 'another trainer at work on this registry',
          expected: 'one trainer at a time; wait for it, or set HARBINGER_MODELS to another folder',
          rule: 'registry-locked',
        })
      : new InputError({
          source: root,
          found: error instanceof Error ? error.message : String(error),
          expected: 'a folder that can be written',
          rule: 'writable-folder',
        })
  }
}
