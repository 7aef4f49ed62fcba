/** `harbinger filter`: the evaluator between standard input and standard output, for an engine's script transform. */

import { createInterface } from 'node:readline'
import { pipeline } from 'node:stream/promises'
import { type Command, Option } from 'commander'
import { economyAsOf } from '../../data/index.ts'
import { catalogue } from '../../models/index.ts'
import { type FilterFormat, filterFeatures } from '../filter.ts'
import { loadFeatures } from '../load-features.ts'
import { readEconomy } from '../read-economy.ts'
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
    .option(
      '--economy <file>',
      'CSV of the table economy, the same for all partitions; without it those features are empty',
    )
    .addOption(featuresOption())
    .addHelpText('after', '\nExample:\n  harbinger filter < account-months.tsv > features.tsv')
    .action(async ({ format, features, economy }: { format: FilterFormat; features?: string; economy?: string }) => {
      const evaluated = features === undefined ? catalogue : await loadFeatures(features)
      const known = economyAsOf(economy === undefined ? [] : readEconomy(economy))
      const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })
      await pipeline(filterFeatures(lines, evaluated, format, known), process.stdout, { end: false })
    })
}
