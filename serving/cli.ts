#!/usr/bin/env node
/** `harbinger-server`: serves a saved model over HTTP. */

import { Command } from 'commander'
import { runProgram } from '../data/index.ts'
import { configSchema } from './config.ts'
import { reproduceCommand } from './reproduce-command.ts'
import { runServer } from './run-server.ts'
import { runUntilStopped } from './run-until-stopped.ts'
import { keysCommand } from './security/keys-command.ts'
import { upliftCommand } from './uplift-command.ts'
import { verifyCommand } from './verify-command.ts'

interface Options {
  port?: string
  host?: string
  model?: string
  models?: string
  workers?: string
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
  .option('--workers <count>', 'processes that answer requests (HARBINGER_WORKERS)')
  .addHelpText(
    'after',
    `\nEnvironment:\n${settings.join('\n')}\n\nExample:\n  PORT=9000 harbinger-server --model early-warning/2`,
  )
  .action(async (options: Options) => {
    const environment = {
      ...process.env,
      ...(options.port === undefined ? {} : { PORT: options.port }),
      ...(options.host === undefined ? {} : { HOST: options.host }),
      ...(options.model === undefined ? {} : { HARBINGER_MODEL: options.model }),
      ...(options.models === undefined ? {} : { HARBINGER_MODELS: options.models }),
      ...(options.workers === undefined ? {} : { HARBINGER_WORKERS: options.workers }),
    }
    await runUntilStopped(() => runServer(environment))
  })

program.addCommand(verifyCommand())
program.addCommand(reproduceCommand())
program.addCommand(upliftCommand())
program.addCommand(keysCommand())

await runProgram(() => program.parseAsync())
