/** `harbinger portfolio`: how a portfolio falls behind and recovers, and where it stands by law. */

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { InputError } from '../../data/index.ts'
import { openDataset } from '../../data/sources/index.ts'
import { readRulePacks } from '../../models/index.ts'
import { portfolioTables, renderPortfolio, summarisePortfolio } from '../portfolio-report/index.ts'
import { openProgress } from '../progress.ts'
import { writeWhole } from '../write-whole.ts'
import { jsonOption } from './options.ts'

interface Options {
  out?: string
  lines?: string
  packs?: string
  tolerant?: true
  json?: true
}

/** Adds the command. */
export function addPortfolioCommand(program: Command): void {
  program
    .command('portfolio')
    .description('roll rates, vintages, legal classes, cures and concentration of a data set, as JSON and a page')
    .argument('<folder>', 'data set')
    .option('--out <folder>', 'folder for portfolio.json and portfolio.html; the data set’s own by default')
    .option(
      '--lines <products>',
      'products that are cards or credit lines, separated by commas; told from the data by default',
    )
    .option('--packs <folder>', 'rule packs to classify by; those that ship by default')
    .option('--tolerant', 'put bad rows into quarantine.csv and go on')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  harbinger portfolio portfolio\n  harbinger portfolio cards --out report --lines credit-card',
    )
    .action(async (folder: string, options: Options) => {
      const packs = readRulePacks(options.packs)
      const out = options.out ?? folder
      const progress = openProgress()
      progress.step('Checking')
      const dataset = await openDataset(folder, {
        tolerant: options.tolerant ?? false,
        onProgress: (_, done, of) => progress.update(done / of),
      })
      try {
        progress.step('Summarising')
        const of = dataset.counts.borrowers ?? dataset.counts.accounts ?? Number.POSITIVE_INFINITY
        const report = await summarisePortfolio(dataset, {
          packs,
          ...(options.lines === undefined ? {} : { lines: options.lines.split(',') }),
          onProgress: done => progress.update(Math.min(1, done / of)),
        })
        const page = await renderPortfolio(report)
        makeFolder(out)
        const files = { json: join(out, 'portfolio.json'), page: join(out, 'portfolio.html') }
        await writeWhole(files.json, [`${JSON.stringify(report, null, 1)}\n`])
        await writeWhole(files.page, [page])
        progress.finish()
        if (options.json) console.log(JSON.stringify({ ...files, report }))
        else {
          console.log(portfolioTables(report))
          console.log(`Wrote ${files.page} and ${files.json}.`)
        }
      } finally {
        dataset.close()
      }
    })
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw new InputError({
      source: folder,
      found: error instanceof Error ? error.message : String(error),
      expected: 'a folder that can be written',
      rule: 'writable-folder',
    })
  }
}
