import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import {
  accountStateNames,
  categoryFactNames,
  dateFactNames,
  type Economy,
  economyAsOf,
  formatDay,
  formatMonth,
  type HistoryBlock,
  numberColumnNames,
  numberFactNames,
} from '../../data/index.ts'
import { writeSimulation } from '../../data/simulator/index.ts'
import { openDataset } from '../../data/sources/index.ts'
import { catalogue, evaluate, packageFolder } from '../../models/index.ts'
import { filterFeatures } from '../../training/filter.ts'
import { readEconomy } from '../../training/read-economy.ts'

const root = mkdtempSync(join(tmpdir(), 'harbinger-filter-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const features = catalogue
const monthColumns = numberColumnNames.filter(name => name !== 'unemployment' && name !== 'interestRate')
const facts = [...numberFactNames, ...dateFactNames, ...categoryFactNames]

/** Account-months of a block as the filter reads them. */
function tabbed({ ...history }: HistoryBlock): string[] {
  const lines = [['borrowerId', 'accountId', 'month', ...monthColumns, ...facts].join('\t')]
  let borrower = 0
  history.accountIds.forEach((accountId, account) => {
    while (history.borrowerStart[borrower + 1]! <= account) borrower += 1
    const fact = [
      ...numberFactNames.map(name => history.numberFacts[name][account]!),
      ...dateFactNames
        .map(name => history.dateFacts[name][account]!)
        .map(day => (Number.isNaN(day) ? '' : formatDay(day))),
      ...categoryFactNames.map(name => history.categoryFacts[name].at(account) ?? ''),
    ]
    for (let row = history.accountStart[account]!; row < history.accountStart[account + 1]!; row += 1) {
      const numbers = monthColumns.map(name =>
        name === 'state' ? accountStateNames[history.numbers.state[row]!] : history.numbers[name][row]!,
      )
      const cells = [history.borrowerIds[borrower], accountId, formatMonth(history.month[row]!), ...numbers, ...fact]
      lines.push(cells.map(cell => (typeof cell === 'number' && Number.isNaN(cell) ? '' : cell)).join('\t'))
    }
  })
  return lines
}

/** The economy of the portfolio of so many borrowers, as the program reads it with --economy. */
function economyOf(borrowers: number): Economy {
  return economyAsOf(readEconomy(join(root, `portfolio-${borrowers}`, 'economy.csv')))
}

async function* each(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines
}

async function filtered(
  lines: readonly string[],
  format: 'tsv' | 'ndjson' = 'tsv',
  economy?: Economy,
): Promise<string[]> {
  const out: string[] = []
  for await (const line of filterFeatures(each(lines), features, format, economy)) out.push(line.trimEnd())
  return out
}

async function portfolio(borrowers = 400, months = 24): Promise<HistoryBlock> {
  const folder = join(root, `portfolio-${borrowers}`)
  await writeSimulation(folder, { borrowers, months, seed: 8 }).catch(() => {})
  const dataset = await openDataset(folder)
  for await (const { history } of dataset.blocks({ rowsPerBlock: 1e7 })) {
    dataset.close()
    return history
  }
  throw new Error('no block')
}

test('for 5,000 borrowers the filter gives what training evaluates: no difference on any account-month and feature', async () => {
  const history = await portfolio(5000, 12)
  expect(history.borrowerIds.length).toBeGreaterThan(4500) // the others open no account in time
  const [header, ...lines] = await filtered(tabbed(history), 'tsv', economyOf(5000))
  expect(header?.split('\t').slice(3)).toEqual(features.map(({ name }) => name))
  expect(lines).toHaveLength(history.month.length)
  expect(lines.length).toBeGreaterThan(8000) // more than one block
  const { columns } = evaluate(features, history, Int32Array.from(history.month.keys()))
  let differences = 0
  lines.forEach((line, row) => {
    line
      .split('\t')
      .slice(3)
      .forEach((cell, index) => {
        const value = columns[index]?.values[row] ?? null
        const expected = value === null || Number.isNaN(value) ? '' : String(value)
        if (cell !== expected) differences += 1
      })
  })
  expect(differences).toBe(0)
}, 600_000)

test('partitions by borrower, run apart, together give the one run', async () => {
  const lines = tabbed(await portfolio())
  const whole = await filtered(lines)
  const parts = await Promise.all(
    [0, 1, 2].map(part =>
      filtered(lines.filter((line, place) => place === 0 || Number(line.slice(1, 8)) % 3 === part)),
    ),
  )
  expect(parts.map(part => part.length).every(length => length > 1000)).toBe(true)
  expect(parts.flatMap(part => part.slice(1)).sort()).toEqual(whole.slice(1).sort())
})

test('the program under xargs, a process for each hash partition, gives the one run’s rows, byte for byte', async () => {
  const [header, ...rows] = tabbed(await portfolio()) as [string, ...string[]]
  const folder = join(root, 'partitions')
  mkdirSync(folder)
  const hashOf = (row: string) =>
    createHash('sha256')
      .update(row.slice(0, row.indexOf('\t')))
      .digest()[0]! % 4
  for (let part = 0; part < 4; part += 1) {
    const own = rows.filter(row => hashOf(row) === part)
    writeFileSync(join(folder, `part-${part}.tsv`), `${[header, ...own].join('\n')}\n`)
  }
  writeFileSync(join(folder, 'whole.tsv'), `${[header, ...rows].join('\n')}\n`)
  const program = `${process.execPath} ${join(packageFolder(), 'dist/training/cli.js')} filter --economy ${join(root, 'portfolio-400', 'economy.csv')}`
  execFileSync('sh', ['-c', `ls part-*.tsv | xargs -P 2 -I {} sh -c '${program} < {} > {}.out'`], { cwd: folder })
  execFileSync('sh', ['-c', `${program} < whole.tsv > whole.out`], { cwd: folder })
  const linesOf = (file: string) => readFileSync(join(folder, file), 'utf8').trimEnd().split('\n').slice(1)
  const parts = [0, 1, 2, 3].map(part => linesOf(`part-${part}.tsv.out`))
  for (const part of parts) expect(part.length).toBeGreaterThan(500)
  expect(parts.flat().sort()).toEqual(linesOf('whole.out').sort())
})

test('a file of the economy that is amiss is refused by file, row and field', () => {
  const path = join(root, 'economy.csv')
  const refused: [string, string][] = [
    ['month,unemployment\n2024-01,4.1\n2024-13,4.2\n', 'economy.csv, row 2, field month: found "2024-13"'],
    ['month,unemployment\n2024-01,lots\n', 'row 1, field unemployment: found "lots"'],
    ['month,weather\n2024-01,fine\n', 'field weather'],
  ]
  for (const [text, message] of refused) {
    writeFileSync(path, text)
    expect(() => readEconomy(path)).toThrow(message)
  }
  expect(() => readEconomy(join(root, 'nowhere.csv'))).toThrow('nowhere.csv')
})

test('JSON lines say the same, with null for missing', async () => {
  const line = JSON.stringify({ accountId: 'A', month: '2024-01', state: 'open', daysPastDue: 12 })
  const [out] = await filtered([line], 'ndjson')
  expect(JSON.parse(out ?? '')).toMatchObject({
    borrowerId: 'A',
    accountId: 'A',
    month: '2024-01',
    days_past_due: 12,
    income: null,
  })
})

test.each([
  ['an unknown column', ['accountId\tmonth\tshoeSize', 'A\t2024-01\t42'], 'field shoeSize'],
  ['a missing column', ['accountId\tstate', 'A\topen'], 'field month'],
  ['a month that does not exist', ['accountId\tmonth', 'A\t2024-13'], 'row 1, field month: found "2024-13"'],
  [
    'a number that is none',
    ['accountId\tmonth\tdaysPastDue', 'A\t2024-01\tmany'],
    'row 1, field daysPastDue: found "many"',
  ],
  ['a cut row', ['accountId\tmonth\tdaysPastDue', 'A\t2024-01'], 'row 1: found "2 columns", expected 3 columns'],
  ['rows not sorted', ['accountId\tmonth', 'B\t2024-01', 'A\t2024-01'], 'row 2: found "A, A", expected rows sorted'],
  ['a month twice', ['accountId\tmonth', 'A\t2024-01', 'A\t2024-01'], 'row 2'],
])('%s is refused by row and field', async (_, lines, message) => {
  await expect(filtered(lines)).rejects.toThrow(message)
})

test('as a program it filters, and ends with 2 on bad rows', () => {
  const run = (input: string): ReturnType<typeof spawnSync> =>
    spawnSync(process.execPath, [join(packageFolder(), 'dist/training/cli.js'), 'filter'], { input, encoding: 'utf8' })
  const good = run('accountId\tmonth\tstate\tdaysPastDue\nA\t2024-01\topen\t3\n')
  expect(good.status).toBe(0)
  expect(String(good.stdout).split('\n')).toHaveLength(3)
  const bad = run('accountId\tmonth\nB\t2024-01\nA\t2024-01\n')
  expect(bad.status).toBe(2)
  expect(String(bad.stderr)).toContain('rule sorted-rows')
})
