/** A decision log that keeps what it is given, for tests that aren't about the store. */

import { type DecisionLog, type LoggedDecision, type Queryable, StoreDownError } from '../../serving/index.ts'

/** Makes one. */
export function memoryLog(): DecisionLog & { readonly decisions: LoggedDecision[] } {
  const decisions: LoggedDecision[] = []
  return {
    decisions,
    append: async decision => {
      decisions.push(decision)
    },
    close: async () => {},
  }
}

/** A database that is down, for tests that aren't about it. */
export const noDatabase: Queryable = { query: async () => Promise.reject(new StoreDownError('there is none')) }
