/** Chooses the one TensorFlow.js backend that computes, loads it lazily, and mends two slow kernels of the WASM backend. */

import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { InputError } from '../data/index.ts'
import { installFastKernels } from './wasm-kernels.ts'

/** The TensorFlow.js module. */
export type TensorFlow = typeof import('@tensorflow/tfjs')

/** What can compute: WebAssembly (default), native TensorFlow (optional package), plain JavaScript. */
const engineNames = ['wasm', 'native', 'javascript'] as const

/** Name of an engine. */
export type EngineName = (typeof engineNames)[number]

/** A ready backend. */
export interface Engine {
  readonly name: EngineName
  readonly tf: TensorFlow
  /** One line for the log: which engine runs, and how to get the native one. */
  readonly says: string
}

const crashEvents = ['uncaughtException', 'unhandledRejection'] as const

let ready: Promise<Engine> | undefined

/**
 * The engine of this thread; loaded at the first call, the same ever after.
 *
 * @param environment - `HARBINGER_ENGINE` overrides the choice.
 * @throws InputError if `HARBINGER_ENGINE` names no engine, or one that can't be loaded here.
 */
export function loadEngine(environment: NodeJS.ProcessEnv = process.env): Promise<Engine> {
  ready ??= chooseEngine(environment.HARBINGER_ENGINE)
  return ready
}

async function chooseEngine(wanted: string | undefined): Promise<Engine> {
  const name = engineNames.find(candidate => candidate === wanted)
  if (wanted !== undefined && wanted !== '' && name === undefined) {
    throw new InputError({
      source: 'environment',
      field: 'HARBINGER_ENGINE',
      found: wanted,
      expected: `one of ${engineNames.join(', ')}`,
    })
  }
  const tf = await import('@tensorflow/tfjs')
  tf.enableProdMode() // no advice on the console to install the native package, no leak check after every kernel
  if (name === 'native') return startNative(tf)
  if (name === 'javascript') return startJavascript(tf, 'Engine: plain JavaScript (HARBINGER_ENGINE=javascript).')
  try {
    return await startWasm(tf)
  } catch (error) {
    return startJavascript(tf, `Engine: plain JavaScript, because WebAssembly failed: ${String(error)}.`)
  }
}

async function startWasm(tf: TensorFlow): Promise<Engine> {
  const wasm = await import('@tensorflow/tfjs-backend-wasm')
  const require = createRequire(import.meta.url)
  wasm.setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`)
  const before = new Set(crashEvents.flatMap(event => process.rawListeners(event)))
  if (!(await tf.setBackend('wasm'))) throw new Error('the WASM backend did not start')
  await tf.ready()
  // Emscripten rethrows uncaught errors from a listener of its own, which would take over the program's own handling.
  for (const event of crashEvents) {
    for (const listener of process.rawListeners(event)) {
      if (!before.has(listener)) process.removeListener(event, listener as () => void)
    }
  }
  installFastKernels(tf)
  return {
    name: 'wasm',
    tf,
    says: 'Engine: TensorFlow.js on WebAssembly. For the native one: npm install @tensorflow/tfjs-node, then HARBINGER_ENGINE=native.',
  }
}

async function startNative(tf: TensorFlow): Promise<Engine> {
  const packageName = '@tensorflow/tfjs-node'
  try {
    await import(packageName)
    if (!(await tf.setBackend('tensorflow'))) throw new Error('the native backend did not start')
  } catch (error) {
    throw new InputError({
      source: 'environment',
      field: 'HARBINGER_ENGINE',
      found: 'native',
      expected: `@tensorflow/tfjs-node installed with its native library (${error instanceof Error ? error.message.split('\n')[0] : String(error)})`,
    })
  }
  return { name: 'native', tf, says: 'Engine: native TensorFlow (HARBINGER_ENGINE=native).' }
}

async function startJavascript(tf: TensorFlow, says: string): Promise<Engine> {
  await tf.setBackend('cpu')
  return { name: 'javascript', tf, says }
}
