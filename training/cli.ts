#!/usr/bin/env node
/** `harbinger`: the trainer's commands. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { z } from 'zod'
import { InputError } from '../data/index.ts'
import { packageFolder } from '../models/index.ts'
import { addCheckCommand } from './commands/check.ts'
import { addFeaturesCommand } from './commands/features.ts'
import { addFirstModelCommand } from './commands/first-model.ts'
import { addImportCommand } from './commands/import.ts'
import { addModelsCommand } from './commands/models.ts'
import { addScoreCommand } from './commands/score.ts'
import { addSimulateCommand } from './commands/simulate.ts'
import { addTrainCommand } from './commands/train.ts'

/** Exit codes: 0 done, 1 a fault of ours, 2 bad input. */
const exitCode = { fault: 1, badInput: 2 } as const

const { version } = z
  .looseObject({ version: z.string() })
  .parse(JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')))

const program = new Command('harbinger')
  .description('Warns a lender which borrowers are about to fall behind: trains, judges and saves the models.')
  .version(version)
  .showHelpAfterError('Run with --help for what is expected.')
  .exitOverride(error => process.exit(error.exitCode === 0 ? 0 : exitCode.badInput))

for (const add of [
  addSimulateCommand,
  addImportCommand,
  addCheckCommand,
  addFeaturesCommand,
  addTrainCommand,
  addScoreCommand,
  addModelsCommand,
  addFirstModelCommand,
]) {
  add(program)
}

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof InputError) {
    console.error(error.message)
    process.exitCode = exitCode.badInput
  } else {
    console.error(error instanceof Error ? (error.stack ?? error.message) : String(error))
    process.exitCode = exitCode.fault
  }
}
