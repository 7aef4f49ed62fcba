/** The decision log as the routes see it: what was answered is in it before the answer leaves. */

import { ProblemError } from '../problems.ts'
import { type JournalOptions, openJournal } from './journal.ts'
import type { JournalHead } from './journal-format.ts'

/** A decision to log: who asked what by which route, and what was answered. */
export interface LoggedDecision extends Omit<JournalHead, 'decidedAt'> {
  /** What was asked: JSON from which the answer can be computed again. */
  readonly request: Uint8Array | string
  /** What is about to be answered: a `ScoreResponse` as JSON. */
  readonly answer: Uint8Array | string
}

/** Where decisions go. Every process that answers has its own. */
export interface DecisionLog {
  /**
   * Logs a decision; answer only once this has resolved.
   *
   * @throws ProblemError `store-unavailable` if it can't be logged: don't answer then.
   */
  append(decision: LoggedDecision): Promise<void>
  /** Writes what waits. */
  close(): Promise<void>
}

/** What a log works with, besides its journal. */
export interface DecisionLogOptions extends JournalOptions {
  /** Why no decision may be taken now; null if one may. */
  readonly refusal: () => string | null
  /** Told of errors of the file system, which a client learns nothing about. */
  readonly onFault: (error: unknown) => void
}

/** Opens the log of this process. */
export function openDecisionLog(options: DecisionLogOptions): DecisionLog {
  const journal = openJournal(options)
  return {
    append: async ({ request, answer, ...head }) => {
      const refusal = options.refusal()
      if (refusal !== null) throw new ProblemError('store-unavailable', refusal)
      try {
        await journal.append({
          head: { ...head, decidedAt: new Date().toISOString() },
          request: asBytes(request),
          answer: asBytes(answer),
        })
      } catch (error) {
        options.onFault(error)
        throw new ProblemError('store-unavailable', 'The decision could not be logged, so it is not given.')
      }
    },
    close: () => journal.close(),
  }
}

const asBytes = (text: Uint8Array | string): Uint8Array => (typeof text === 'string' ? Buffer.from(text) : text)
