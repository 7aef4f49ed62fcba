/** `harbinger filter`: the evaluator between standard input and standard output, for an engine's script transform. */

import { createInterface } from 'node:readline'
import { pipeline } from 'node:stream/promises'
import { type Command, Option } from 'commander'
import { catalogue } from '../../models/index.ts'
import { type FilterFormat, filterFeatures } from '../filter.ts'
import { loadFeatures } from '../load-features.ts'
import { featuresOption } from './options.ts'

/** Adds the command. */
export function addFilterCommand(program: Command): void {
  program
    .command('filter')
    .description('read sorted account-months on standard input, write their features on standard output')
    .addOption(
      new Option('--format <format>', 'tab-separated with a header, or a JSON object per line')
        .choices(['tsv', 'ndjson'])
        .default('tsv'),
    )
    .addOption(featuresOption())
    .addHelpText('after', '\nExample:\n  harbinger filter < account-months.tsv > features.tsv')
    .action(async ({ format, features }: { format: FilterFormat; features?: string }) => {
      const evaluated = features === undefined ? catalogue : await loadFeatures(features)
      const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })
      await pipeline(filterFeatures(lines, evaluated, format), process.stdout, { end: false })
    })
}
