/** What a store tells, as lines of the log. */

import type { Logger } from 'pino'
import type { StoreEvent } from './store-owner.ts'

/** Logs an event. The end of the chain is logged too: noted elsewhere, it shows rows that were taken off the end. */
export function logStoreEvent(logger: Logger, event: StoreEvent): void {
  if (event.kind === 'up') logger.info({ store: event.says }, 'store up')
  else if (event.kind === 'down') logger.error({ reason: event.says }, 'store down: decisions wait in the journal')
  else if (event.kind === 'fault') logger.error({ journal: event.file }, event.says)
  else logger.info({ head: `${event.head.seq}:${event.head.hash}` }, 'decisions stored')
}
