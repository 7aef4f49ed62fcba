#!/usr/bin/env node
/** `harbinger`: the trainer's commands. */

import { Command } from 'commander'
import { exitCodes, runProgram } from '../data/index.ts'
import { ownPackage } from '../models/index.ts'
import { addCheckCommand } from './commands/check.ts'
import { addCompareCommand } from './commands/compare.ts'
import { addFeaturesCommand } from './commands/features.ts'
import { addFilterCommand } from './commands/filter.ts'
import { addFirstModelCommand } from './commands/first-model.ts'
import { addImportCommand } from './commands/import.ts'
import { addModelsCommand } from './commands/models.ts'
import { addPolicyCommand } from './commands/policy.ts'
import { addPortfolioCommand } from './commands/portfolio.ts'
import { addScoreCommand } from './commands/score.ts'
import { addSimulateCommand } from './commands/simulate.ts'
import { addTrainCommand } from './commands/train.ts'

const program = new Command('harbinger')
  .description('Warns a lender which borrowers are about to fall behind: trains, judges and saves the models.')
  .version(ownPackage().version)
  .showHelpAfterError('Run with --help for what is expected.')
  .exitOverride(error => process.exit(error.exitCode === 0 ? 0 : exitCodes.badInput))

for (const add of [
  addSimulateCommand,
  addImportCommand,
  addCheckCommand,
  addFeaturesCommand,
  addTrainCommand,
  addScoreCommand,
  addPortfolioCommand,
  addCompareCommand,
  addFilterCommand,
  addModelsCommand,
  addPolicyCommand,
  addFirstModelCommand,
]) {
  add(program)
}

await runProgram(() => program.parseAsync())
