/** Runs the server as one process, or as an owner with a worker process for each core. */

import { readConfig } from './config.ts'
import { createLogger } from './logger.ts'
import { type RunningServer, startServer } from './start-server.ts'
import { logStoreEvent } from './store/log-store-event.ts'
import { startStore } from './store/start-store.ts'
import { createLocalHub } from './workers/hub.ts'
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
    onEvent: event => logStoreEvent(logger, event),
  })
  const starting =
    workers === 1
      ? startServer(config, createLocalHub().worker)
      : prepareWorkers().start({ workers, graceMs, logger, environment })
  const server = await starting.catch(async (error: unknown) => {
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
