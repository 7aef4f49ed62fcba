/** FastAPI, uvicorn and LightGBM beside ours; skipped with a message where they can't be installed. */

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { packageFolder } from '../../../models/index.ts'
import { peerPython } from '../peers.ts'

const packages = [
  'fastapi==0.142.2',
  'uvicorn==0.54.0',
  'uvloop==0.23.0',
  'httptools==0.8.0',
  'lightgbm==4.7.0',
  'numpy==2.4.6',
  'pandas==3.0.6',
]

/**
 * Trains the peer's models, and starts it.
 *
 * @param features - File that `harbinger features export` wrote.
 * @returns Null where it can't be installed.
 */
export async function startFastApi(
  features: string,
  folder: string,
  horizonMonths: number,
  processes: number,
): Promise<ChildProcess | null> {
  const peer = await peerPython(packages)
  if ('missing' in peer) {
    console.log(`FastAPI is skipped: ${peer.missing}`)
    return null
  }
  const program = join(packageFolder(), 'test/bench/serve/fastapi_peer.py')
  const models = join(folder, 'lightgbm')
  await promisify(execFile)(peer.python, [program, 'train', features, models, String(horizonMonths)])
  return spawn(peer.python, [program, 'serve', models, join(folder, 'peer.log'), String(processes)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}
