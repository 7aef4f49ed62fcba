/** `harbinger import`: published data sets as data-set folders. */

import type { Command } from 'commander'
import { importCreditRecords, importUciCreditCard } from '../../data/sources/index.ts'
import { jsonOption } from './options.ts'

interface Imported {
  readonly accounts: number
  readonly accountMonths: number
}

/** Adds the command and its subcommands. */
export function addImportCommand(program: Command): void {
  const command = program.command('import').description('turn a published data set into a data-set folder')

  command
    .command('uci-credit-card')
    .description('UCI “Default of Credit Card Clients”: 30,000 card holders, six months, next month’s default')
    .argument('<file>', 'default-of-credit-card-clients.csv')
    .option('--folds <file>', 'folds of the card holders: id, y, fold, inner')
    .requiredOption('--out <folder>', 'new folder for the data set')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExample:\n  harbinger import uci-credit-card default-of-credit-card-clients.csv --folds folds.csv --out cards',
    )
    .action(async (file: string, options: { folds?: string; out: string; json?: true }) => {
      const { folds, out } = options
      tell(out, await importUciCreditCard(file, { out, ...(folds === undefined ? {} : { folds }) }), options.json)
    })

  command
    .command('credit-records')
    .description('“Credit Card Approval Prediction”: months of status of 36,732 accounts')
    .argument('<file>', 'credit_record.csv, also gzipped')
    .option('--facts <file>', 'application_record.csv, also gzipped')
    .requiredOption('--out <folder>', 'new folder for the data set')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExample:\n  harbinger import credit-records credit_record.csv --facts application_record.csv --out records',
    )
    .action(async (file: string, options: { facts?: string; out: string; json?: true }) => {
      const { facts, out } = options
      tell(out, await importCreditRecords(file, { out, ...(facts === undefined ? {} : { facts }) }), options.json)
    })
}

function tell(folder: string, imported: Imported, json: true | undefined): void {
  console.log(
    json
      ? JSON.stringify({ folder, ...imported })
      : `Imported ${imported.accounts} accounts with ${imported.accountMonths} months into ${folder}.`,
  )
}
