/** The program of a worker process; the owner starts it. */

import { readConfig } from '../config.ts'
import { startServer } from '../start-server.ts'
import { runWorker } from './worker.ts'

await runWorker(async hub => startServer(readConfig(), hub))
