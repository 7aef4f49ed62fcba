/** Runs the server as one process, or as an owner with a worker process for each core. */

import { pino } from 'pino'
import { readConfig } from './config.ts'
import { type RunningServer, startServer } from './start-server.ts'
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
  const logger = pino({ level: config.logLevel })
  const { workers, graceMs } = config
  const server =
    workers === 1
      ? await startServer(config, createLocalHub().worker)
      : await prepareWorkers().start({ workers, graceMs, logger, environment })
  logger.info({ url: server.url, workers }, 'serving')
  return {
    url: server.url,
    close: async () => {
      await server.close()
      logger.info('stopped')
    },
  }
}
