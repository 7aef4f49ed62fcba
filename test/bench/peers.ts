/** Python peers of a benchmark, installed into a folder of their own, so that nothing of the machine is changed. */

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { packageFolder } from '../../models/index.ts'

const run = promisify(execFile)

/** Longest that an installation may take. */
const installTimeoutMs = 10 * 60_000

/** A Python with the packages asked for, or why there is none. */
export type PeerPython = { readonly python: string } | { readonly missing: string }

/**
 * A Python that has some packages: a virtual environment under `.peers/`, made once per list of packages.
 *
 * @param packages - As pip takes them, each with its version, such as `polars==1.35.2`.
 * @returns Its path; or, where it can't be made, a sentence that says why, for the benchmark to print and skip the peer.
 */
export async function peerPython(packages: readonly string[]): Promise<PeerPython> {
  const name = createHash('sha256').update(packages.join('\n')).digest('hex').slice(0, 12)
  const folder = join(packageFolder(), '.peers', name)
  const python = join(folder, 'bin', 'python')
  const complete = join(folder, 'complete')
  if (existsSync(complete)) return { python }
  try {
    rmSync(folder, { recursive: true, force: true })
    await run('python3', ['-m', 'venv', folder], { timeout: installTimeoutMs })
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages], {
      timeout: installTimeoutMs,
    })
    writeFileSync(complete, `${packages.join('\n')}\n`)
    return { python }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    const said = error instanceof Error ? error.message.split('\n').filter(line => line !== '') : []
    return { missing: `${packages.join(', ')} can’t be installed here: ${said.at(-1) ?? String(error)}` }
  }
}
