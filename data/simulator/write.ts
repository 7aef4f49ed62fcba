/** Writes a simulated portfolio as a data set: CSV files that appear only when all are whole. */

import { once } from 'node:events'
import { createWriteStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { finished } from 'node:stream/promises'
import type { z } from 'zod'
import {
  accountSchema,
  borrowerSchema,
  contactSchema,
  type datasetDescriptionSchema,
  economyMonthSchema,
  formatDay,
  formatMonth,
  InputError,
  instalmentSchema,
  monthEnd,
  paymentSchema,
} from '../index.ts'
import { firstMonthOf, type SimulationOptions, simulateEconomy } from './economy.ts'
import { simulateBorrowers, truthHorizonMonths } from './portfolio.ts'

/** The files and their columns. */
const files = {
  borrowers: Object.keys(borrowerSchema.shape),
  accounts: ['accountId', 'borrowerId', ...Object.keys(accountSchema.shape).filter(name => name !== 'accountId')],
  instalments: ['accountId', ...Object.keys(instalmentSchema.shape)],
  payments: ['accountId', ...Object.keys(paymentSchema.shape)],
  contacts: ['accountId', ...Object.keys(contactSchema.shape)],
  economy: Object.keys(economyMonthSchema.shape),
  truth: ['accountId', 'month', ...Array.from({ length: truthHorizonMonths }, (_, index) => `pd${index + 1}`)],
} as const

type FileName = keyof typeof files

/** Without a treatment nobody is contacted, and a file without rows is none. */
function fileNames({ treatment }: SimulationOptions): FileName[] {
  return (Object.keys(files) as FileName[]).filter(name => name !== 'contacts' || treatment !== undefined)
}

/** Borrowers between two writes, and reports of progress. */
const progressEvery = 100

/**
 * Simulates a portfolio into a new folder: a ledger, the economy, and the truth beside it.
 *
 * Memory doesn't grow with the number of borrowers. Same options, same bytes.
 *
 * @param folder - Must not exist, or be empty.
 * @throws InputError if it can't be written or has something in it; nothing is left behind then.
 */
export async function writeSimulation(
  folder: string,
  options: SimulationOptions,
  onProgress: (done: number, of: number) => void = () => {},
): Promise<void> {
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new InputError({
      source: folder,
      found: 'a folder with files in it',
      expected: 'a new folder',
      rule: 'new-folder',
    })
  }
  const writing = join(dirname(folder), `.${basename(folder)}-${process.pid}`)
  try {
    mkdirSync(writing, { recursive: true })
    await writeTables(writing, options, onProgress)
    writeFileSync(join(writing, 'dataset.json'), `${JSON.stringify(describe(options), null, 2)}\n`)
    rmSync(folder, { recursive: true, force: true })
    renameSync(writing, folder)
  } catch (error) {
    throw new InputError({
      source: folder,
      found: error instanceof Error ? error.message : String(error),
      expected: 'a folder that can be written',
      rule: 'writable-folder',
    })
  } finally {
    try {
      rmSync(writing, { recursive: true, force: true })
    } catch {
      // The error that kept it from being written stands already.
    }
  }
}

async function writeTables(
  writing: string,
  options: SimulationOptions,
  onProgress: (done: number, of: number) => void,
): Promise<void> {
  const streams = Object.fromEntries(
    fileNames(options).map(name => [name, createWriteStream(join(writing, `${name}.csv`))]),
  ) as Record<FileName, ReturnType<typeof createWriteStream>>
  const ended = Promise.all(Object.values(streams).map(stream => finished(stream)))
  const waiting: Record<FileName, string[]> = {
    borrowers: [],
    accounts: [],
    instalments: [],
    payments: [],
    contacts: [],
    economy: [],
    truth: [],
  }
  const write = (name: FileName, row: object): void => {
    const values = row as Readonly<Record<string, string | number | null | undefined>>
    waiting[name].push(files[name].map(column => values[column] ?? '').join(','))
  }
  const flush = async (): Promise<void> => {
    for (const [name, stream] of Object.entries(streams)) {
      const lines = waiting[name as FileName].splice(0)
      if (lines.length === 0 || stream.write(`${lines.join('\n')}\n`)) continue
      await Promise.race([once(stream, 'drain'), ended])
    }
  }
  for (const name of fileNames(options)) waiting[name].push(files[name].join(','))
  for (const row of simulateEconomy(options)) if (wasPublished(row.publishedOn, options)) write('economy', row)
  let done = 0
  for (const { borrower, accounts, contacts, truth } of simulateBorrowers(options)) {
    write('borrowers', borrower)
    for (const { instalments, payments, ...account } of accounts) {
      write('accounts', { ...account, borrowerId: borrower.borrowerId })
      for (const instalment of instalments) write('instalments', { accountId: account.accountId, ...instalment })
      for (const payment of payments) write('payments', { accountId: account.accountId, ...payment })
    }
    contacts.forEach((list, place) => {
      for (const contact of list) write('contacts', { accountId: accounts[place]?.accountId, ...contact })
    })
    for (const { accountId, month, pd } of truth) {
      const columns = Object.fromEntries(pd.map((value, index) => [`pd${index + 1}`, value]))
      write('truth', { accountId, month: formatMonth(month), ...columns })
    }
    done += 1
    if (done % progressEvery === 0) {
      await flush()
      onProgress(done, options.borrowers)
    }
  }
  await flush()
  for (const stream of Object.values(streams)) stream.end()
  await ended
  onProgress(done, options.borrowers)
}

function lastDay(options: SimulationOptions): number {
  return monthEnd(firstMonthOf(options) + options.months - 1)
}

function wasPublished(publishedOn: string | null | undefined, options: SimulationOptions): boolean {
  return (publishedOn ?? '') <= formatDay(lastDay(options))
}

function describe(options: SimulationOptions): z.input<typeof datasetDescriptionSchema> {
  return {
    format: 1,
    name: 'simulated-portfolio',
    description: `${options.borrowers} borrowers over ${options.months} months, seed ${options.seed}; simulated, with the true probabilities in truth.csv.`,
    currency: 'EUR',
    dataCutOn: formatDay(lastDay(options)),
    calendar: 'real',
    grain: 'ledger',
    tables: Object.fromEntries(fileNames(options).map(name => [name, { path: `${name}.csv` }])),
  }
}
