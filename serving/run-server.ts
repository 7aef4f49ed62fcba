/** Runs the server as one process, or as an owner with a worker process for each core. */

import { readConfig } from './config.ts'
import { createLogger } from './logger.ts'
import { countRates } from './security/rate-limit.ts'
import { type RunningServer, startServer } from './start-server.ts'
import { logStoreEvent } from './store/log-store-event.ts'
import { startStore } from './store/start-store.ts'
import { prepareWorkers } from './workers/primary.ts'

/**
 * Starts the server as the settings say; once this returns, every worker serves.
 *
 * @param environment - Workers get the same.
 * @throws InputError if a setting is wrong, the model is missing or damaged, or the port is taken.
 */
export async function runServer(environment: NodeJS.ProcessEnv = process.env): Promise<RunningServer> {
  const config = readConfig(environment)
  const logger = createLogger(config.logLevel)
  const { workers, graceMs } = config
  const owner = await startStore({
    folder: config.store,
    url: config.databaseUrl,
    journalLimitBytes: config.journalLimitBytes,
    onEvent: event => logStoreEvent(logger, event),
  })
  const start = (): Promise<RunningServer> => {
    if (workers === 1) return startServer(config)
    const several = prepareWorkers()
    countRates(several.owner, config.rates)
    return several.start({ workers, graceMs, logger, environment })
  }
  const server = await start().catch(async (error: unknown) => {
    await owner.close()
    throw error
  })
  logger.info({ url: server.url, workers }, 'serving')
  return {
    url: server.url,
    close: async () => {
      await server.close()
      await owner.close()
      logger.info('stopped')
    },
  }
}
