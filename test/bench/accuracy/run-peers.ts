/** Runs the Python peers on features that `harbinger features export` wrote. */

import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { packageFolder } from '../../../models/index.ts'
import { peerPython } from '../peers.ts'

const run = promisify(execFile)

/** A program to run, with its environment. */
interface Peers {
  readonly python: string
  readonly environment: NodeJS.ProcessEnv
  readonly models: readonly string[]
}

const xgboostVersion = '3.0.5'

let found: Promise<Peers | null> | undefined

/** What of the peers can be had here; says what can't. */
function findPeers(): Promise<Peers | null> {
  found ??= find()
  return found
}

async function find(): Promise<Peers | null> {
  const base = await peerPython(['lightgbm==4.7.0', 'scikit-learn==1.9.1', 'numpy==2.4.6', 'pandas==3.0.6'])
  if ('missing' in base) {
    console.log(`Peers are skipped: ${base.missing}`)
    return null
  }
  const xgboost = (await xgboostFromPip(base.python)) ?? (await xgboostFromDebian())
  if (xgboost === null) console.log('XGBoost is skipped: neither pip nor Debian’s archive has it here.')
  return {
    python: base.python,
    environment: { ...process.env, ...xgboost },
    models: [...(xgboost === null ? [] : ['xgboost', 'xgboost-bag']), 'lightgbm', 'logistic'],
  }
}

async function xgboostFromPip(python: string): Promise<NodeJS.ProcessEnv | null> {
  const folder = join(packageFolder(), '.peers', `xgboost-${xgboostVersion}`)
  if (!existsSync(join(folder, 'xgboost'))) {
    try {
      const words = ['install', '--quiet', '--no-deps', '--retries', '0', '--target', folder]
      await run(python, ['-m', 'pip', ...words, `xgboost==${xgboostVersion}`], { timeout: 600_000 })
    } catch {
      rmSync(folder, { recursive: true, force: true })
      return null
    }
  }
  return { PYTHONPATH: folder }
}

/** Debian's packages, unpacked and not installed. */
async function xgboostFromDebian(): Promise<NodeJS.ProcessEnv | null> {
  const folder = join(packageFolder(), '.peers', 'xgboost-debian')
  const library = join(folder, 'usr/lib')
  if (!existsSync(join(library, 'python3/dist-packages/xgboost'))) {
    try {
      mkdirSync(folder, { recursive: true })
      await run('apt-get', ['download', '-qq', 'python3-xgboost', 'libxgboost0', 'libdmlc0'], { cwd: folder })
      for (const name of readdirSync(folder).filter(one => one.endsWith('.deb'))) {
        await run('dpkg-deb', ['-x', name, '.'], { cwd: folder })
      }
    } catch {
      rmSync(folder, { recursive: true, force: true })
      return null
    }
  }
  const architecture = readdirSync(library).find(name => name.endsWith('-linux-gnu')) ?? ''
  return { PYTHONPATH: join(library, 'python3/dist-packages'), LD_LIBRARY_PATH: join(library, architecture) }
}

/** Exports a data set's features, as a user does. */
export async function exportFeatures(dataset: string, file: string): Promise<void> {
  if (existsSync(file)) return
  await run(
    process.execPath,
    [join(packageFolder(), 'dist/training/cli.js'), 'features', 'export', dataset, '--out', file],
    { maxBuffer: 1e8 },
  )
}

/** What peers are to learn. */
export interface PeerTask {
  /** File of features. */
  readonly features: string
  /** 0 = learn, 1 = predict, 2 = neither; in the order of the features' rows. */
  readonly part: Uint8Array
  /** 0…9; in the order of the features' rows. */
  readonly inner: Uint8Array
  /** Months of the performance window that can be seen: no label of a longer horizon is known; in the order of the features' rows. */
  readonly contractMonths: Uint8Array
  readonly horizons: readonly number[]
  readonly configurations: number
  readonly leftOut?: readonly string[]
  /** Folder of the answers; peers that have answered for a horizon there before are not run again for it. */
  readonly folder: string
}

/**
 * Runs all peers that can be had.
 *
 * @returns By model and horizon, PD of the rows of part 1; a model that can't be had has no entry.
 */
export async function runPeers(task: PeerTask): Promise<Record<string, Record<number, Float64Array>>> {
  const peers = await findPeers()
  if (peers === null) return {}
  mkdirSync(task.folder, { recursive: true })
  const answer = (model: string, horizon: number): string => join(task.folder, `${model}-${horizon}.f64`)
  const parts = join(task.folder, 'parts.csv')
  const rows = Array.from(task.part, (part, row) => `${part},${task.inner[row]},${task.contractMonths[row]}`)
  writeFileSync(parts, `part,inner,contractMonths\n${rows.join('\n')}\n`)
  const program = join(packageFolder(), 'test/bench/accuracy/peers.py')
  const { features, folder, configurations, leftOut = [] } = task
  for (const horizon of task.horizons) {
    const missing = peers.models.filter(model => !existsSync(answer(model, horizon)))
    if (missing.length === 0) continue
    const words = [features, parts, folder, missing.join(','), String(horizon), String(configurations)]
    await run(peers.python, [program, ...words, ...(leftOut.length === 0 ? [] : [leftOut.join(',')])], {
      env: peers.environment,
      maxBuffer: 1e8,
    })
  }
  return Object.fromEntries(
    peers.models.map(model => [
      model,
      Object.fromEntries(task.horizons.map(horizon => [horizon, readDoubles(answer(model, horizon))])),
    ]),
  )
}

function readDoubles(file: string): Float64Array {
  const bytes = readFileSync(file)
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}
