/** `harbinger train`: from a data set to a saved, judged model. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { InputError, type LabelSpec, labelSpecSchema } from '../../data/index.ts'
import { catalogue, type Feature, fileNames, loadEngine, modelNameSchema, openRegistry } from '../../models/index.ts'
import { loadFeatures } from '../load-features.ts'
import { defaultMembers, type ProfileName, profileNames } from '../profiles.ts'
import { openProgress } from '../progress.ts'
import { metricsTable } from '../report/index.ts'
import { scorecardTable } from '../scorecard/scorecard-table.ts'
import { type TrainResult, trainModel } from '../train-model.ts'
import { readSearchSpace } from '../tuning/search-space.ts'
import { trialsTable } from '../tuning/trials-table.ts'
import type { TuneOptions } from '../tuning/tune-if-asked.ts'
import { featuresOption, jsonOption, modelsOption, seedOption, wholeNumber } from './options.ts'

interface Options {
  name: string
  models: string
  seed: number
  members: number
  profile?: ProfileName
  tune?: true
  tuneMinutes?: number
  tuneTrials?: number
  tuneSpace?: string
  testFold?: number
  horizon?: number
  label?: string
  protectedFacts?: true
  features?: string
  tolerant?: true
  promote?: true
  json?: true
}

/** Adds the command. */
export function addTrainCommand(program: Command): void {
  program
    .command('train')
    .description('train a model on a data set, judge it on months and borrowers never seen, and save it')
    .argument('<folder>', 'data set')
    .option('--name <name>', 'name of the model', 'early-warning')
    .addOption(modelsOption())
    .addOption(seedOption())
    .addOption(
      new Option(
        '--profile <name>',
        'fast: perceptrons and boosted trees; blend: networks that read the months in order beside them',
      )
        .choices(profileNames)
        .default('fast'),
    )
    .option(
      '--members <number>',
      'members of boosted trees in the ensemble, and half as many perceptrons',
      wholeNumber(1, 10),
      defaultMembers,
    )
    .option('--tune', 'first search for better settings, inside the training part alone')
    .option('--tune-minutes <number>', 'time budget of the search', wholeNumber(1, 10_000), 10)
    .option('--tune-trials <number>', 'settings to try', wholeNumber(1, 1000), 24)
    .option('--tune-space <file>', 'search space as JSON, in place of the usual one')
    .option('--test-fold <number>', 'test fold of a data set with folds', wholeNumber(0, 1000))
    .option('--horizon <months>', 'H: predict for 1…H months', wholeNumber(1, 24))
    .option('--label <file>', 'label definition as JSON, in place of the data set’s own')
    .option('--protected-facts', 'also use sex and marital status, where the law lets you')
    .addOption(featuresOption())
    .option('--tolerant', 'put bad rows into quarantine.csv and go on')
    .option('--promote', 'make it champion')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  harbinger train portfolio --promote\n  harbinger train cards --test-fold 0 --json',
    )
    .action(async (folder: string, options: Options, command: Command) => {
      const result = await runTraining(folder, options, commandLine(command))
      if (options.json) console.log(JSON.stringify(summary(result)))
    })
}

/** Trains with a progress display, tells what came of it, and promotes the model if that was asked for. */
export async function runTraining(folder: string, options: Options, command: string): Promise<TrainResult> {
  const name = modelNameSchema.safeParse(options.name)
  if (!name.success) {
    throw new InputError({ source: '--name', found: options.name, expected: 'lower-case letters, digits and hyphens' })
  }
  console.error((await loadEngine()).says)
  const label: Partial<LabelSpec> = options.label === undefined ? {} : readLabel(options.label)
  const result = await trainModel({
    dataset: folder,
    registry: options.models,
    name: name.data,
    seed: options.seed,
    members: options.members,
    profile: options.profile ?? 'fast',
    ...(options.tune ? { tune: tuneOptions(options) } : {}),
    command,
    progress: openProgress(),
    tolerant: options.tolerant ?? false,
    label: { ...label, ...(options.horizon === undefined ? {} : { horizonMonths: options.horizon }) },
    ...(options.testFold === undefined ? {} : { testFold: options.testFold }),
    features: await featuresOf(options),
  })
  if (options.promote) openRegistry(options.models).promote(result.model.name, result.model.version)
  if (!options.json) {
    if (result.tuning !== null) console.log(trialsTable(result.tuning))
    console.log(metricsTable(result.evaluation))
    console.log(scorecardTable(result.scorecard))
    const warned = result.leadTime.find(({ share }) => share === 0.1)
    if (warned !== undefined && warned.events > 0) {
      const reached = ((100 * warned.warned) / warned.events).toFixed(0)
      console.log(
        `Warning the riskiest 10 % reaches ${reached} % of the accounts with an event before it, by a median of ${warned.medianMonths ?? '–'} months.`,
      )
    }
    if (result.quarantined > 0) console.log(`Quarantined ${result.quarantined} rows.`)
    console.log(`Saved ${result.model.name}/${result.model.version}${options.promote ? ', now champion' : ''}.`)
    console.log(`Report: ${join(result.model.folder, fileNames.report)}`)
  }
  return result
}

function tuneOptions({ tuneMinutes = 10, tuneTrials = 24, tuneSpace }: Options): TuneOptions {
  return {
    minutes: tuneMinutes,
    trials: tuneTrials,
    ...(tuneSpace === undefined ? {} : { space: readSearchSpace(tuneSpace) }),
  }
}

/** The catalogue, without protected facts unless they were asked for, and the features of the file. */
async function featuresOf({ protectedFacts, features }: Options): Promise<readonly Feature[]> {
  const all = features === undefined ? catalogue : await loadFeatures(features)
  return protectedFacts ? all : all.filter(feature => feature.protected !== true)
}

function summary({ model, evaluation, leadTime, tuning, quarantined, seconds }: TrainResult): object {
  return {
    model: { name: model.name, version: model.version, folder: model.folder },
    ...evaluation,
    leadTime,
    ...(tuning === null ? {} : { tuning }),
    quarantined,
    seconds,
    report: join(model.folder, fileNames.report),
  }
}

function readLabel(file: string): LabelSpec {
  let json: unknown
  try {
    json = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new InputError({
      source: file,
      found: error instanceof Error ? error.message : String(error),
      expected: 'JSON',
    })
  }
  const parsed = labelSpecSchema.safeParse(json)
  if (parsed.success) return parsed.data
  throw new InputError(
    parsed.error.issues.map(issue => ({ source: file, field: issue.path.join('.'), expected: issue.message })),
  )
}

function commandLine(command: Command): string {
  const set = command.options.flatMap(option => {
    const value: unknown = command.getOptionValue(option.attributeName())
    if (command.getOptionValueSource(option.attributeName()) !== 'cli') return []
    return value === true ? [option.long ?? ''] : [`${option.long} ${String(value)}`]
  })
  return ['harbinger', command.name(), ...command.args, ...set].join(' ')
}
