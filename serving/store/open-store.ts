/** The store as a server process uses it: its decision log, and a way to the database. */

import type { Logger } from 'pino'
import { type DecisionLog, openDecisionLog } from './decision-log.ts'
import { watchJournals } from './journal-limit.ts'
import { connectStore, type StoreClient } from './store-client.ts'
import { journalFolder } from './store-owner.ts'

/** How a process uses the store. */
export interface StoreSettings {
  readonly folder: string
  readonly waitFor: 'disk' | 'system'
  /** While the database is down: refuse to decide, or let decisions wait in the journal? */
  readonly whenDown: 'refuse' | 'spool'
  /** Most bytes that may wait in the journals. */
  readonly journalLimitBytes: number
}

/** The store of one process. */
export interface OpenStore {
  readonly log: DecisionLog
  readonly database: StoreClient
  /** `up`; `spooling`: the database is down and decisions wait in the journal; `refusing`: none are taken. */
  state(): 'up' | 'spooling' | 'refusing'
  /** Bytes that wait in the journals. */
  waitingBytes(): number
  close(): Promise<void>
}

/** Opens the store in this process; {@link startStore} must run in this one or another. */
export function openStore(settings: StoreSettings, logger: Logger): OpenStore {
  const { folder, waitFor, whenDown, journalLimitBytes } = settings
  const database = connectStore(folder)
  const watch = watchJournals(journalFolder(folder))
  const refusal = (): string | null => {
    if (watch.bytes() > journalLimitBytes)
      return 'The journal is full: its limit is reached while the database is down or slow.'
    if (whenDown === 'refuse' && !database.isUp()) return 'The database is down.'
    return null
  }
  const log = openDecisionLog({
    folder: journalFolder(folder),
    waitFor,
    refusal,
    onFault: error => logger.error({ err: error }, 'a decision could not be logged'),
  })
  return {
    log,
    database,
    waitingBytes: () => watch.bytes(),
    state: () => (refusal() !== null ? 'refusing' : database.isUp() ? 'up' : 'spooling'),
    close: async () => {
      await log.close()
      watch.stop()
      database.close()
    },
  }
}
