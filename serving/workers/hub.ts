/**
 * How the processes of one server talk: the owner (of the store, and of whatever else there is once) and the workers
 * (which listen for clients, each with the models in its own memory).
 */

/** Answers a question or hears a message; what it throws reaches whoever asked. */
export type Handler = (payload: unknown) => unknown

/** The owner's side. Payloads are what `structuredClone` can copy. */
export interface OwnerSide {
  /** Answers the workers' questions on a topic. */
  answer(topic: string, handler: Handler): void
  /**
   * Tells every worker, and waits until each has done what it does about it.
   *
   * @returns What each worker answers; undefined from one that doesn't listen.
   * @throws What a worker throws, once all have heard.
   */
  tellAll(topic: string, payload?: unknown): Promise<readonly unknown[]>
}

/** A worker's side. */
export interface WorkerSide {
  /**
   * Asks the owner.
   *
   * @throws What the owner throws.
   */
  ask(topic: string, payload?: unknown): Promise<unknown>
  /** Does something whenever all workers are told of a topic. */
  listen(topic: string, handler: Handler): void
  /**
   * Tells every worker, itself among them, and waits until each has done what it does about it.
   *
   * @returns What each worker answers; undefined from one that doesn't listen.
   * @throws What a worker throws, once all have heard.
   */
  tellAll(topic: string, payload?: unknown): Promise<readonly unknown[]>
}

/** Runs the handler of a topic. @throws Error if it has none. */
export async function handle(
  handlers: ReadonlyMap<string, Handler>,
  topic: string,
  payload: unknown,
): Promise<unknown> {
  const handler = handlers.get(topic)
  if (handler === undefined) throw new Error(`nobody here knows about ${topic}`)
  return await handler(payload)
}

/** Runs the handler of a topic if there is one: not every worker cares about everything. */
export async function hear(handlers: ReadonlyMap<string, Handler>, topic: string, payload: unknown): Promise<unknown> {
  return await handlers.get(topic)?.(payload)
}

/** Both sides in one process: a server without worker processes. */
export function createLocalHub(): { readonly owner: OwnerSide; readonly worker: WorkerSide } {
  const answers = new Map<string, Handler>()
  const listeners = new Map<string, Handler>()
  const tellAll = async (topic: string, payload?: unknown) => [await hear(listeners, topic, payload)]
  return {
    owner: { answer: (topic, handler) => answers.set(topic, handler), tellAll },
    worker: {
      ask: (topic, payload) => handle(answers, topic, payload),
      listen: (topic, handler) => listeners.set(topic, handler),
      tellAll,
    },
  }
}
