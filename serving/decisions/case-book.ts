/** What the server remembers of borrowers between requests: contacts, promises, and where decisions left accounts. */

import type { z } from 'zod'
import type { attemptSchema, promiseSchema, stateSchema } from './circumstances.ts'

/** An attempt to reach a borrower. */
export type RememberedContact = z.infer<typeof attemptSchema>
/** A promise to pay. */
export type RememberedPromise = z.infer<typeof promiseSchema>
/** What a decision left for the next one. */
export type RememberedState = z.infer<typeof stateSchema>

/** What is known of a borrower. */
export interface Remembered {
  readonly contacts: readonly RememberedContact[]
  readonly promises: readonly RememberedPromise[]
  /** The last decision before the as-of date, by account. */
  readonly previous: readonly { readonly accountId: string; readonly state: RememberedState }[]
  /** False: the store didn't answer. */
  readonly complete: boolean
}

/** Whom to remember. */
export interface RecallAsked {
  readonly borrowerId: string
  readonly accountIds: readonly string[]
  /** `YYYY-MM-DD`: decisions as of an earlier date are remembered. */
  readonly asOf: string
}

/** The memory. */
export interface CaseBook {
  /**
   * Recalls borrowers, in their order. Never throws: a score is given while the store is away, only not a permit.
   */
  recall(asked: readonly RecallAsked[]): Promise<Remembered[]>
  /** PD from which there are people to act on a warning, by the book's latest decisions; null = no limit is known. */
  budgetCutoff(): Promise<number | null>
}

/** Nothing is remembered. */
export const nothingRemembered: Remembered = { contacts: [], promises: [], previous: [], complete: true }

/** A memory that holds nothing: for a server without a store. */
export const emptyCaseBook: CaseBook = {
  recall: async asked => asked.map(() => nothingRemembered),
  budgetCutoff: async () => null,
}
