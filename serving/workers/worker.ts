/** A worker process's life: it starts a server, tells the owner, and stops when the owner says so. */

import { z } from 'zod'
import type { RunningServer } from '../start-server.ts'
import { type Handler, hear, type WorkerSide } from './hub.ts'
import { createLink } from './link.ts'
import { type Message, messageSchema, packError } from './messages.ts'

/**
 * Runs a server until the owner stops it. If the owner is gone, the cluster module ends the process.
 *
 * Signals are left to the owner, since a terminal or a service manager may send them to the whole group.
 *
 * @param start - Starts the server; what it throws is thrown by the owner's start.
 */
export async function runWorker(start: (hub: WorkerSide) => Promise<RunningServer>): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
  const send = (message: Message): void => {
    if (process.connected) process.send?.(message, () => {}) // an owner that is gone needs none
  }
  const listeners = new Map<string, Handler>()
  const link = createLink(send, async (topic, payload) => {
    await starting.catch(() => {}) // what is said meanwhile is heard by a worker that has started
    return hear(listeners, topic, payload)
  })
  let stopped: Promise<void> | undefined
  const starting = start({
    ask: (topic, payload) => link.ask(topic, payload, false),
    listen: (topic, handler) => listeners.set(topic, handler),
    tellAll: async (topic, payload) => z.array(z.unknown()).parse(await link.ask(topic, payload, true)),
  })
  process.on('message', (raw: unknown) => {
    const message = messageSchema.safeParse(raw)
    if (!message.success) return // the cluster module has messages of its own
    if (message.data.kind === 'stop') stop().catch(end)
    else link.receive(message.data)
  })
  send({ kind: 'listening' })
  process.on('uncaughtException', error => {
    console.error(error)
    process.exitCode = 1
    stop().catch(end)
  })
  function stop(): Promise<void> {
    const close = starting.then(
      server => server.close(),
      () => {}, // the owner has been told why
    )
    stopped ??= close.then(() => process.exit())
    return stopped
  }

  function end(error: unknown): never {
    console.error(error)
    process.exit(1)
  }

  try {
    const { url } = await starting
    send({ kind: 'ready', url })
  } catch (error) {
    process.send?.({ kind: 'failed', fault: packError(error) } satisfies Message, () => process.exit(1))
  }
}
