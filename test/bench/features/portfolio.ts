/** Account-months of any number of borrowers in Parquet, as a lender's warehouse would deliver them. */

import { createWriteStream, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import {
  accountStateNames,
  economyColumnNames,
  formatDay,
  formatMonth,
  type HistoryBlock,
  monthEnd,
  numberColumnNames,
  toMonth,
} from '../../../data/index.ts'
import { writeSimulation } from '../../../data/simulator/index.ts'
import { openDatabase, openDataset } from '../../../data/sources/index.ts'

/** What is simulated. */
export interface Simulated {
  /** Borrowers; a larger portfolio holds them again under other ids. */
  readonly borrowers: number
  readonly months: number
}

const columns = numberColumnNames.filter(name => !economyColumnNames.some(economy => economy === name))

/**
 * Makes a data set of account-months once, under `root`.
 *
 * @param borrowers - As many as are simulated, or a multiple.
 * @returns Its folder.
 */
export async function portfolioOf(
  root: string,
  borrowers: number,
  simulated: Simulated = { borrowers: 10_000, months: 24 },
): Promise<string> {
  const folder = join(root, `${borrowers}-borrowers`)
  if (existsSync(folder)) return folder
  const base = await simulatedBase(root, simulated)
  const writing = `${folder}.${process.pid}`
  mkdirSync(writing, { recursive: true })
  const database = await openDatabase('2GB')
  try {
    const copies = borrowers / simulated.borrowers
    // an id says which copy it belongs to, and is as long as the others
    const id = (column: string): string => `printf('%03d', copy) || ${column} AS ${column}`
    const tables: readonly [string, string, string][] = [
      ['borrowers', `${id('"borrowerId"')}, * EXCLUDE ("borrowerId")`, '"borrowerId"'],
      [
        'accounts',
        `${id('"borrowerId"')}, ${id('"accountId"')}, * EXCLUDE ("borrowerId", "accountId")`,
        '"borrowerId", "accountId"',
      ],
      [
        'account-months',
        `${id('"borrowerId"')}, ${id('"accountId"')}, * EXCLUDE ("borrowerId", "accountId")`,
        '"borrowerId", "accountId", month',
      ],
    ]
    for (const [table, selected, order] of tables) {
      await database.connection.run(
        `COPY (SELECT * EXCLUDE (copy) FROM (
           SELECT copy, ${selected} FROM range(${copies}) copies(copy), read_parquet('${join(base, `${table}.parquet`)}')
         ) ORDER BY ${order}) TO '${join(writing, `${table}.parquet`)}' (FORMAT parquet)`,
      )
    }
    await database.connection.run(
      `COPY (FROM read_csv('${join(base, 'ledger', 'economy.csv')}', all_varchar = true)) TO '${join(writing, 'economy.csv')}' (FORMAT csv)`,
    )
  } finally {
    database.close()
  }
  writeFileSync(
    join(writing, 'dataset.json'),
    JSON.stringify({
      format: 1,
      name: 'account-months',
      currency: 'EUR',
      dataCutOn: formatDay(monthEnd(toMonth('2022-01') + simulated.months - 1)),
      grain: 'account-months',
      tables: {
        borrowers: { path: 'borrowers.parquet' },
        accounts: { path: 'accounts.parquet' },
        accountMonths: { path: 'account-months.parquet' },
        economy: { path: 'economy.csv' },
      },
    }),
  )
  renameSync(writing, folder)
  return folder
}

/** The simulated ledger lowered to account-months. */
async function simulatedBase(root: string, simulated: Simulated): Promise<string> {
  const folder = join(root, 'base')
  if (existsSync(folder)) return folder
  const writing = `${folder}.${process.pid}`
  mkdirSync(dirname(writing), { recursive: true })
  mkdirSync(writing)
  await writeSimulation(join(writing, 'ledger'), { ...simulated, seed: 1 })
  const dataset = await openDataset(join(writing, 'ledger'))
  const csv = join(writing, 'account-months.csv')
  await pipeline(async function* () {
    yield `borrowerId,accountId,month,${columns.join(',')}\n`
    for await (const { history } of dataset.blocks()) yield* monthLines(history)
  }, createWriteStream(csv))
  dataset.close()
  const database = await openDatabase('2GB')
  try {
    const toParquet = (table: string, source: string): Promise<unknown> =>
      database.connection.run(`COPY (FROM ${source}) TO '${join(writing, `${table}.parquet`)}' (FORMAT parquet)`)
    const types = columns.filter(name => name !== 'state').map(name => `'${name}': 'DOUBLE'`)
    await toParquet('account-months', `read_csv('${csv}', all_varchar = false, types = {${types.join(', ')}})`)
    for (const table of ['borrowers', 'accounts']) {
      await toParquet(table, `read_csv('${join(writing, 'ledger', `${table}.csv`)}', nullstr = '')`)
    }
  } finally {
    database.close()
  }
  rmSync(csv)
  renameSync(writing, folder)
  return folder
}

function* monthLines({
  borrowerIds,
  borrowerStart,
  accountIds,
  accountStart,
  month,
  numbers,
}: HistoryBlock): Generator<string> {
  for (let borrower = 0; borrower < borrowerIds.length; borrower += 1) {
    for (let account = borrowerStart[borrower]!; account < borrowerStart[borrower + 1]!; account += 1) {
      for (let row = accountStart[account]!; row < accountStart[account + 1]!; row += 1) {
        const cells = columns.map(name => {
          const value = numbers[name][row]!
          if (Number.isNaN(value)) return ''
          return name === 'state' ? accountStateNames[value] : value
        })
        yield `${borrowerIds[borrower]},${accountIds[account]},${formatMonth(month[row]!)},${cells.join(',')}\n`
      }
    }
  }
}
