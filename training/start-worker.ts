/** Starts worker threads from files of this room, built or not. */

import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'

/**
 * Starts a worker.
 *
 * @param beside - `import.meta.url` of the file that the worker's file lies beside.
 * @param name - Its name without extension. As JavaScript when built; run from source, tsx reads the TypeScript.
 */
export function startWorker(beside: string, name: string): Worker {
  if (!beside.endsWith('.ts')) return new Worker(new URL(`./${name}.js`, beside))
  const tsx = pathToFileURL(
    createRequire(import.meta.url)
      .resolve('tsx/esm/api')
      .replace(/cjs$/, 'mjs'),
  ).href
  const source = new URL(`./${name}.ts`, beside).href
  const code = `import { register } from '${tsx}'; register(); await import('${source}')`
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`))
}
