/**
 * A server of several processes: workers accept clients on one port, and the owner starts, watches and stops them.
 *
 * Processes and not threads, because a request's parsing and HTTP cost as much as its score: each worker does the whole
 * of a request, and nothing is copied between them.
 */

import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { packageFolder } from '../../models/index.ts'
import type { RunningServer } from '../start-server.ts'
import { type Handler, handle, type OwnerSide } from './hub.ts'
import { createLink, type Link } from './link.ts'
import { type Message, messageSchema, unpackError } from './messages.ts'

/** A worker that ends unasked is replaced after this long, in milliseconds: one that can't live would spin otherwise. */
const replaceAfterMs = 500

/** Time beyond the grace time that a worker has to end, in milliseconds. */
const marginMs = 2000

const program = join(packageFolder(), 'dist', 'serving', 'workers', 'main.js')

/**
 * How V8 collects garbage in a worker. What a request leaves is dead soon after its answer: with more room than is usual,
 * less of what still lives is copied. Where there is a worker for each core, threads that help one to collect take the
 * processor from another, and cost more than the time that they save.
 */
function collectingBy(workers: number): string[] {
  return ['--max-semi-space-size=64', ...(workers < availableParallelism() ? [] : ['--single-threaded-gc'])]
}

/** How the owner starts workers. */
export interface WorkersOptions {
  readonly workers: number
  /** Longest time to finish requests in flight when stopping, in milliseconds. */
  readonly graceMs: number
  readonly logger: Logger
  readonly environment: NodeJS.ProcessEnv
}

/** Worker processes not yet started. */
export interface WorkersToStart {
  readonly owner: OwnerSide
  /**
   * Starts the workers: this program again, each until it says that it serves.
   *
   * @throws What the first worker that can't start throws; all are stopped then.
   */
  start(options: WorkersOptions): Promise<RunningServer>
}

interface Running {
  readonly worker: Worker
  readonly link: Link
  /** Resolves once it hears messages, or is gone: what is sent before is lost. */
  readonly listening: Promise<void>
  readonly ready: Promise<string>
}

/** Prepares the owner's side, so that it can answer before the first worker asks. */
export function prepareWorkers(): WorkersToStart {
  const answers = new Map<string, Handler>()
  const running = new Set<Running>()
  let stopping = false

  const tellAll = async (topic: string, payload?: unknown): Promise<unknown[]> => {
    const heard = await Promise.allSettled(
      [...running].map(async ({ worker, link, listening }) => {
        try {
          await listening
          return { answer: await link.ask(topic, payload, true) }
        } catch (error) {
          if (!worker.isDead()) throw error
          return null // one that ended meanwhile starts anew, with what is true then
        }
      }),
    )
    return heard.flatMap(one => {
      if (one.status === 'rejected') throw one.reason
      return one.value === null ? [] : [one.value.answer]
    })
  }

  const fork = (environment: NodeJS.ProcessEnv): Running => {
    const worker = cluster.fork(environment)
    const link = createLink(
      message => tell(worker, message),
      (topic, payload, everyone) => (everyone ? tellAll(topic, payload) : handle(answers, topic, payload)),
    )
    const ready = new Promise<string>((resolve, reject) => {
      worker.on('message', (raw: unknown) => {
        const message = messageSchema.parse(raw)
        if (message.kind === 'ready') resolve(message.url)
        else if (message.kind === 'failed') reject(unpackError(message.fault))
        else link.receive(message)
      })
      worker.once('exit', code => reject(new Error(`a worker ended with ${code} before it served`)))
    })
    const listening = new Promise<void>(resolve => {
      worker.once('message', () => resolve()) // the first one says so
      worker.once('exit', () => resolve())
    })
    const one = { worker, link, listening, ready }
    running.add(one)
    worker.once('exit', () => {
      running.delete(one)
      link.end()
    })
    return one
  }

  const stop = async (graceMs: number): Promise<void> => {
    stopping = true
    await Promise.all(
      [...running].map(async ({ worker }) => {
        if (worker.isDead()) return
        const exited = once(worker, 'exit')
        tell(worker, { kind: 'stop' })
        const late = setTimeout(() => worker.process.kill('SIGKILL'), graceMs + marginMs)
        await exited
        clearTimeout(late)
      }),
    )
  }

  return {
    owner: { answer: (topic, handler) => answers.set(topic, handler), tellAll },
    start: async ({ workers, graceMs, logger, environment }) => {
      const execArgv = [...collectingBy(workers), ...process.execArgv]
      cluster.setupPrimary({ exec: program, args: [], execArgv, serialization: 'advanced' })

      /** Replaces a worker that ends unasked, however often. */
      const watch = ({ worker }: Running): void => {
        worker.once('exit', (code, signal) => {
          if (stopping) return
          logger.error({ pid: worker.process.pid, code, signal }, 'a worker ended: starting another')
          setTimeout(() => {
            if (stopping) return
            const next = fork(environment)
            watch(next)
            next.ready.catch(error => logger.error({ err: error }, 'a worker could not start'))
          }, replaceAfterMs)
        })
      }

      const first = Array.from({ length: workers }, () => fork(environment))
      try {
        const urls = await Promise.all(first.map(({ ready }) => ready))
        first.forEach(watch)
        return { url: urls[0] as string, close: () => stop(graceMs) }
      } catch (error) {
        await stop(0)
        throw error
      }
    },
  }
}

/** Sends a message to a worker; one that is gone needs none. */
function tell(worker: Worker, message: Message): void {
  if (worker.isConnected()) worker.send(message, () => {})
}
