#!/usr/bin/env node
/** `harbinger-server`: serves a saved model over HTTP. */

import { Command } from 'commander'
import { runProgram } from '../data/index.ts'
import { loadEngine } from '../models/index.ts'
import { configSchema, readConfig } from './config.ts'
import { runUntilStopped } from './run-until-stopped.ts'
import { startServer } from './start-server.ts'

interface Options {
  port?: string
  host?: string
  model?: string
  models?: string
}

const settings = Object.entries(configSchema.shape).map(
  ([name, schema]) => `  ${name.padEnd(22)} ${schema.description ?? ''}`,
)

const program = new Command('harbinger-server')
  .description('Serves a saved model over HTTP.')
  .option('--port <port>', 'port to listen on (PORT)')
  .option('--host <host>', 'address to listen on (HOST)')
  .option('--model <model>', 'an alias, a name, or name/version (HARBINGER_MODEL)')
  .option('--models <folder>', 'folder of the registry (HARBINGER_MODELS)')
  .addHelpText(
    'after',
    `\nEnvironment:\n${settings.join('\n')}\n\nExample:\n  PORT=9000 harbinger-server --model early-warning/2`,
  )
  .action(async (options: Options) => {
    const config = readConfig({
      ...process.env,
      ...(options.port === undefined ? {} : { PORT: options.port }),
      ...(options.host === undefined ? {} : { HOST: options.host }),
      ...(options.model === undefined ? {} : { HARBINGER_MODEL: options.model }),
      ...(options.models === undefined ? {} : { HARBINGER_MODELS: options.models }),
    })
    console.error((await loadEngine()).says)
    await runUntilStopped(() => startServer(config))
  })

await runProgram(() => program.parseAsync())
