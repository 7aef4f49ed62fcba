/** `harbinger policy`: is a policy sound, what does it say, what is different, and what would it have done? */

import type { Command } from 'commander'
import { InputError, type Month, parseMonth } from '../../data/index.ts'
import { openDataset } from '../../data/sources/index.ts'
import {
  comparePolicies,
  compilePolicy,
  defaultPolicyPath,
  describePolicy,
  loadModel,
  openRegistry,
  policyJsonSchema,
  readPolicy,
} from '../../models/index.ts'
import { readPastCases } from '../policy/past-decisions.ts'
import { simulatePolicy } from '../policy/simulate-policy.ts'
import { simulationTable } from '../policy/simulation-table.ts'
import { openProgress } from '../progress.ts'
import { jsonOption, modelsOption, wholeNumber } from './options.ts'

interface SimulateOptions {
  model: string
  models: string
  from?: string
  to?: string
  capacity: number
  json?: true
}

/** Adds the command and its subcommands. */
export function addPolicyCommand(program: Command): void {
  const command = program.command('policy').description('check, show, compare and simulate policies')

  command
    .command('check')
    .description('check a policy: everything wrong is told with its line and the reason')
    .argument('[file]', 'policy, YAML or JSON', defaultPolicyPath())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  harbinger policy check my-policy.yaml')
    .action((path: string, options: { json?: true }) => {
      const { file, hash } = readPolicy(path)
      const examples = exampleSections(file)
      if (options.json) {
        console.log(JSON.stringify({ file: path, name: file.name, version: file.version, hash, examples }))
        return
      }
      console.log(`${path}: policy ${file.name}, version ${file.version}, is sound. Hash ${hash}.`)
      if (examples.length > 0) {
        console.log(`${examples.length} sections rest on examples, which nobody has checked: ${examples.join(', ')}.`)
      }
    })

  command
    .command('show')
    .description('say in words what a policy does')
    .argument('[file]', 'policy, YAML or JSON', defaultPolicyPath())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  harbinger policy show my-policy.yaml')
    .action((path: string, options: { json?: true }) => {
      const policy = readPolicy(path)
      console.log(options.json ? JSON.stringify({ ...policy, path }) : describePolicy(policy))
    })

  command
    .command('diff')
    .description('say what is different between two policies; order of keys, layout and comments don’t count')
    .argument('<before>', 'policy')
    .argument('<after>', 'policy')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  harbinger policy diff old.yaml new.yaml')
    .action((before: string, after: string, options: { json?: true }) => {
      const differences = comparePolicies(readPolicy(before).file, readPolicy(after).file)
      if (options.json) {
        console.log(JSON.stringify({ before, after, differences }))
        return
      }
      if (differences.length === 0) console.log('Both say the same.')
      for (const one of differences) {
        const [from, to] = [one.before, one.after].map(value =>
          value === undefined ? 'nothing' : JSON.stringify(value),
        )
        console.log(`${one.path}: ${from} → ${to}`)
      }
    })

  command
    .command('schema')
    .description('print the JSON Schema of a policy, for editors')
    .addHelpText('after', '\nExample:\n  harbinger policy schema > policy.schema.json')
    .action(() => console.log(JSON.stringify(policyJsonSchema(), null, 2)))

  command
    .command('simulate')
    .description('replay a past portfolio: who is treated how, at what cost, catching which events, how early')
    .argument('<file>', 'policy, YAML or JSON')
    .argument('<folder>', 'data set')
    .option('--model <model>', 'an alias, a name, or name/version', 'champion')
    .option('--from <YYYY-MM>', 'first as-of month; eleven months before the last by default')
    .option('--to <YYYY-MM>', 'last as-of month; the data set’s last by default')
    .option('--capacity <number>', 'cases that people can handle in a month', wholeNumber(0, 1e9), 100)
    .addOption(modelsOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  harbinger policy simulate my-policy.yaml portfolio --capacity 200')
    .action(async (path: string, folder: string, options: SimulateOptions) => {
      const policy = compilePolicy(readPolicy(path))
      const model = await loadModel(openRegistry(options.models).resolve(options.model).folder)
      const dataset = await openDataset(folder)
      const progress = openProgress()
      try {
        const to = asMonth('--to', options.to) ?? dataset.lastMonth
        const from = asMonth('--from', options.from) ?? to - 11
        progress.step('Scoring the past')
        const cases = await readPastCases(dataset, model, from, to)
        progress.step('Deciding')
        const result = simulatePolicy(policy, cases, options.capacity)
        progress.finish()
        console.log(options.json ? JSON.stringify(result) : simulationTable(result))
      } finally {
        dataset.close()
        model.dispose()
      }
    })
}

function asMonth(option: string, text: string | undefined): Month | undefined {
  if (text === undefined) return undefined
  const month = parseMonth(text)
  if (month === undefined) throw new InputError({ source: option, found: text, expected: 'a month, as YYYY-MM' })
  return month
}

/** Top-level sections in which something rests on an example. */
function exampleSections(file: ReturnType<typeof readPolicy>['file']): string[] {
  const isExample = (value: unknown): boolean => {
    if (typeof value !== 'object' || value === null) return false
    return Object.entries(value).some(
      ([key, part]) => (key === 'source' && file.sources[String(part)]?.kind === 'example') || isExample(part),
    )
  }
  return Object.entries(file).flatMap(([name, section]) => (name !== 'sources' && isExample(section) ? [name] : []))
}
