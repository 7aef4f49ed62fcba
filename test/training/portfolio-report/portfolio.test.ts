import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { accountStateNames, formatDay, formatMonth } from '../../../data/index.ts'
import { writeSimulation } from '../../../data/simulator/index.ts'
import { openDatabase, openDataset } from '../../../data/sources/index.ts'
import { packageFolder } from '../../../models/index.ts'
import { summarisePortfolio } from '../../../training/index.ts'
import { compareWithSql } from './compare-with-sql.ts'
import { portfolioSql } from './portfolio-sql.ts'

/** Writes a data set of account-months, with contacts if there are any. */
function monthsDataset(
  months: readonly string[],
  accounts: readonly string[],
  contacts: readonly string[] = [],
  dataCutOn = '2024-06-30',
): string {
  const folder = mkdtempSync(join(tmpdir(), 'portfolio-'))
  const table = (name: string, head: string, rows: readonly string[]): { path: string } => {
    writeFileSync(join(folder, `${name}.csv`), `${[head, ...rows].join('\n')}\n`)
    return { path: `${name}.csv` }
  }
  const tables = {
    accounts: table('accounts', 'accountId,borrowerId,openedOn,channel,fundingPartner,product', accounts),
    accountMonths: table(
      'months',
      'accountId,month,state,daysPastDue,worstDaysPastDue,balance,instalmentsLeft,restructured',
      months,
    ),
    ...(contacts.length === 0 ? {} : { contacts: table('contacts', 'accountId,contactId,contactedOn', contacts) }),
  }
  writeFileSync(
    join(folder, 'dataset.json'),
    JSON.stringify({ format: 1, name: 'months', currency: 'EUR', dataCutOn, grain: 'account-months', tables }),
  )
  return folder
}

/** The report of a data set. */
async function reportOf(folder: string, options: Parameters<typeof summarisePortfolio>[1] = {}) {
  const dataset = await openDataset(folder)
  try {
    return await summarisePortfolio(dataset, options)
  } finally {
    dataset.close()
  }
}

/** A simulated portfolio as account-months. */
async function simulatedMonths(): Promise<string> {
  const ledger = join(mkdtempSync(join(tmpdir(), 'ledger-')), 'portfolio')
  await writeSimulation(ledger, { borrowers: 250, months: 30, seed: 5 })
  const dataset = await openDataset(ledger)
  const [months, accounts]: [string[], string[]] = [[], []]
  for await (const { history } of dataset.blocks()) {
    history.accountIds.forEach((accountId, account) => {
      const { channel, fundingPartner, product } = history.categoryFacts
      const opened = formatDay(history.dateFacts.openedOn[account] as number)
      accounts.push(
        [
          accountId,
          accountId.slice(0, 8),
          opened,
          channel.at(account),
          fundingPartner.at(account),
          product.at(account),
        ].join(','),
      )
      const end = history.accountStart[account + 1] as number
      for (let row = history.accountStart[account] as number; row < end; row += 1) {
        const { state, daysPastDue, worstDaysPastDue, balance, instalmentsLeft, restructured } = history.numbers
        const cells = [daysPastDue, worstDaysPastDue, balance, instalmentsLeft, restructured].map(column =>
          Number.isNaN(column[row]) ? '' : column[row],
        )
        months.push(
          [accountId, formatMonth(history.month[row] as number), accountStateNames[state[row] ?? 0], ...cells].join(
            ',',
          ),
        )
      }
    })
  }
  const { dataCutOn } = dataset.description
  dataset.close()
  return monthsDataset(months, accounts, [], dataCutOn)
}

test('transitions, roll rates and vintages of a simulated portfolio equal the same worked out in SQL', async () => {
  const folder = await simulatedMonths()
  const report = await reportOf(folder)
  const database = await openDatabase()
  try {
    await database.connection.run(`CREATE TABLE months AS
      SELECT m."accountId" AS account, date_diff('month', DATE '1970-01-01', CAST(m.month || '-01' AS DATE)) AS month,
        "daysPastDue" AS dpd, "worstDaysPastDue" AS worst, state, balance::DOUBLE AS balance,
        date_diff('month', DATE '1970-01-01', a."openedOn") AS opened
      FROM read_csv('${folder}/months.csv') m JOIN read_csv('${folder}/accounts.csv') a USING ("accountId")`)
    const { cells, differences } = compareWithSql(report, await portfolioSql(database.connection), true)
    expect(differences).toEqual([])
    expect(cells).toBeGreaterThan(1000)
  } finally {
    database.close()
  }
  expect(report.rollRates.rolls.length).toBeGreaterThan(4)
  expect(report.accounts).toBeGreaterThan(400)
})

/** Two accounts by hand: A slides into M3 and leaves; B lapses twice, and is contacted in the second lapse. */
const byHand = {
  accounts: ['A,a,2024-01-05,app,X,loan', 'B,b,2024-01-20,web,Y,loan', 'C,b,2024-03-01,web,Z,loan'],
  months: [
    ...['2024-01,open,0', '2024-02,open,20', '2024-03,open,50', '2024-04,open,80'].map(row => `A,${row},,100,5,0`),
    ...[
      '2024-01,open,0',
      '2024-02,open,10',
      '2024-03,open,0',
      '2024-04,open,10',
      '2024-05,open,0',
      '2024-06,open,0',
    ].map(row => `B,${row},,200,5,0`),
    ...['2024-03,open,0', '2024-04,open,35', '2024-05,open,0', '2024-06,open,5'].map(
      (row, place) => `C,${row},,400,5,${place >= 2 ? 1 : 0}`,
    ),
  ],
}

test('roll rates by hand: what is in the next bucket over what was in this one, by count and amount', async () => {
  const { rollRates } = await reportOf(monthsDataset(byHand.months, byHand.accounts))
  // M0 in January to May: 2 + 0 + 2 + 0 + 2 = 6 account-months; M1 in February to June: 2 + 0 + 1 + 0 + 1 = 4
  expect(rollRates.rolls[0]).toMatchObject({ from: 'M0', to: 'M1', count: 4 / 6 })
  // M1 in January to May: A and B in February, B in April; M2: A in March, C in April
  expect(rollRates.rolls[1]).toMatchObject({ count: 2 / 3, amount: (100 + 400) / (100 + 200 + 200) })
  // M2: A in March and C in April; into M3, the last bucket: A
  expect(rollRates.rolls[2]).toMatchObject({ from: 'M2', to: 'M3', count: 1 / 2, flowToLossCount: 1 / 2 })
  expect(rollRates.rolls[0]?.flowToLossCount).toBeCloseTo((4 / 6) * (2 / 3) * (1 / 2))
  expect(rollRates.rolls).toHaveLength(3)
  const { matrix } = rollRates
  expect(matrix.counts[3]?.[matrix.to.indexOf('loss')]).toBe(1) // A leaves while past due
  expect(matrix.amounts?.[3]?.[matrix.to.indexOf('loss')]).toBe(100)
  expect(rollRates.months.map(({ counts }) => counts.slice(0, 4))).toEqual([
    [2, 0, 0, 0],
    [0, 2, 0, 0],
    [2, 0, 1, 0],
    [0, 1, 1, 1],
    [2, 0, 0, 0],
    [1, 1, 0, 0],
  ])
})

test('vintages by hand: ever 30+ by months on book, cells dropped that a cohort has not reached', async () => {
  const { vintages } = await reportOf(monthsDataset(byHand.months, byHand.accounts))
  expect(vintages.months).toEqual([
    { cohort: '2024-01', accounts: 2, everShare: [0, 0, 0.5, 0.5, 0.5, 0.5] }, // A: 50 days in March
    { cohort: '2024-03', accounts: 1, everShare: [0, 1, 1, 1] },
  ])
  expect(vintages.quarters).toEqual([]) // nothing was opened in February
})

test('cures by hand: by payment, and without contact only where contacts are known', async () => {
  const { cures } = await reportOf(monthsDataset(byHand.months, byHand.accounts))
  // M1: A in February rolls; B in February and April cures. M2: A rolls, C cures by restructuring. M3: A is lost.
  expect(
    cures
      .slice(0, 3)
      .map(({ accounts, cured, curedByPayment, selfCured }) => [accounts, cured, curedByPayment, selfCured]),
  ).toEqual([
    [3, 2, 2, null],
    [2, 1, 0, null],
    [1, 0, 0, null],
  ])
  const known = await reportOf(
    monthsDataset(byHand.months, byHand.accounts, ['B,c1,2024-05-03', 'B,c2,2024-02-15', 'A,c3,2024-02-25']),
  )
  // B's second lapse began on 20 April and was contacted on 3 May; the contact of 15 February came before the first.
  expect(known.cures[0]).toMatchObject({ cured: 2, selfCured: 1 })
})

test('classes and concentration by hand, on the last month’s end', async () => {
  const { classes, concentration, month } = await reportOf(monthsDataset(byHand.months, byHand.accounts))
  expect(month).toBe('2024-06')
  const of = (pack: string) =>
    classes
      .find(one => one.pack === pack)
      ?.classes.filter(({ accounts }) => accounts > 0)
      .map(row => [row.class, row.accounts, row.balance, row.onProbation])
  expect(of('m-buckets')).toEqual([
    ['M0', 1, 200, 0],
    ['M1', 1, 400, 0],
  ])
  expect(of('cn-five-tier-loans')).toEqual([
    ['normal', 1, 200, 0],
    ['special-mention', 1, 400, 0],
  ])
  // C was 35 days past due in April, was restructured in May and is past due again: it stays in stage 2
  expect(of('ifrs9-stages')).toEqual([
    ['stage-1', 1, 200, 0],
    ['stage-2', 1, 400, 1],
  ])
  expect(concentration.find(({ by }) => by === 'channel')).toMatchObject({
    groups: [{ group: 'web', accounts: 2, balance: 600, overdue: 1, overdue30: 0 }],
    herfindahl: 1,
  })
  expect(concentration.find(({ by }) => by.startsWith('lenders'))?.groups.map(({ group }) => group)).toEqual(['2'])
})

test('a product named as a line is classified as a card', async () => {
  const { classes } = await reportOf(monthsDataset(byHand.months, byHand.accounts), { lines: ['loan'] })
  expect(classes.map(({ pack }) => pack)).toContain('cn-five-tier-cards')
  expect(new Set(classes.map(({ product }) => product))).toEqual(new Set(['line']))
})

test('outages that payments show are listed', async () => {
  const ledger = join(mkdtempSync(join(tmpdir(), 'ledger-')), 'portfolio')
  await writeSimulation(ledger, { borrowers: 700, months: 12, seed: 3, outages: true })
  const { outages } = await reportOf(ledger)
  expect(outages.length).toBeGreaterThan(0)
  for (const { day, bank, channel, failures, expected } of outages) {
    expect([day, bank, channel]).toEqual([
      expect.stringMatching(/^2022-/),
      expect.stringMatching(/Bank$/),
      'auto-debit',
    ])
    expect(failures).toBeGreaterThan(2 * expected)
  }
})

test('the command writes a page of its own and JSON, prints tables, and refuses a folder that it can’t write', () => {
  const folder = monthsDataset(byHand.months, byHand.accounts)
  const out = join(folder, 'report')
  const run = (...args: string[]): string =>
    execFileSync('node', [join(packageFolder(), 'dist/training/cli.js'), 'portfolio', folder, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  const printed = run('--out', out)
  expect(printed).toContain('M2 → M3')
  const page = readFileSync(join(out, 'portfolio.html'), 'utf8')
  expect(page).toContain('Flow to loss')
  expect(page).not.toMatch(/<script|(?:src|href)="http/)
  expect(JSON.parse(readFileSync(join(out, 'portfolio.json'), 'utf8'))).toMatchObject({ format: 1, accounts: 3 })
  expect(() => run('--out', join(folder, 'months.csv', 'under'))).toThrow(/expected a folder that can be written/)
})
