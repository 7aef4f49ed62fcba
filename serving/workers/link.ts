/** One end of the line between two processes: questions out, answers back, each question answered once. */

import { type Message, packError, unpackError } from './messages.ts'

/** Does what a question asks. */
export type Serve = (topic: string, payload: unknown, everyone: boolean) => Promise<unknown>

/** One end of a line. */
export interface Link {
  /**
   * Asks the other end.
   *
   * @param everyone - It is for all workers to hear.
   * @throws What the other end throws; Error if it ends before it has answered.
   */
  ask(topic: string, payload: unknown, everyone: boolean): Promise<unknown>
  /** Takes in a message that has come. */
  receive(message: Message): void
  /** The other end is gone: nothing more will be answered. */
  end(): void
}

/**
 * Creates one end.
 *
 * @param send - Sends a message to the other end; may throw if that is gone.
 * @param serve - Does what the other end asks.
 */
export function createLink(send: (message: Message) => void, serve: Serve): Link {
  const waiting = new Map<number, { resolve(payload: unknown): void; reject(error: Error): void }>()
  let questions = 0
  let ended = false

  const reply = async (id: number, topic: string, payload: unknown, everyone: boolean): Promise<void> => {
    let message: Message
    try {
      message = { kind: 'answer', id, payload: await serve(topic, payload, everyone) }
    } catch (error) {
      message = { kind: 'fault', id, fault: packError(error) }
    }
    if (!ended) send(message)
  }

  return {
    ask: (topic, payload, everyone) =>
      new Promise((resolve, reject) => {
        if (ended) throw new Error(`the other process is gone: ${topic}`)
        questions += 1
        waiting.set(questions, { resolve, reject })
        send({ kind: 'ask', id: questions, topic, everyone, payload })
      }),
    receive: message => {
      if (message.kind === 'ask') {
        reply(message.id, message.topic, message.payload, message.everyone).catch(() => {}) // only if the other is gone
      } else if (message.kind === 'answer' || message.kind === 'fault') {
        const asked = waiting.get(message.id)
        waiting.delete(message.id)
        if (message.kind === 'answer') asked?.resolve(message.payload)
        else asked?.reject(unpackError(message.fault))
      }
    },
    end: () => {
      ended = true
      for (const { reject } of waiting.values()) reject(new Error('the other process ended before it answered'))
      waiting.clear()
    },
  }
}
