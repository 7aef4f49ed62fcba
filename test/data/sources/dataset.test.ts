import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { InputError, type LabelledHistory } from '../../../data/index.ts'
import { openDataset } from '../../../data/sources/index.ts'
import { datasetFolder, goodDescription, goodFiles } from './dataset-folder.ts'

async function blocksOf(folder: string, options = {}): Promise<LabelledHistory[]> {
  const dataset = await openDataset(folder, options)
  const blocks: LabelledHistory[] = []
  for await (const block of dataset.blocks()) blocks.push(block)
  dataset.close()
  return blocks
}

const payments = goodFiles['payments.csv']
const instalments = goodFiles['instalments.csv']

test('a good ledger opens, with whole borrowers in order', async () => {
  const [block] = await blocksOf(datasetFolder())
  expect(block?.history.borrowerIds).toEqual(['B1', 'B2'])
  expect(block?.history.accountIds).toEqual(['A1', 'A2', 'A3'])
  expect([...(block?.history.borrowerStart ?? [])]).toEqual([0, 2, 3])
  // A1 from January to April: 100 unpaid from 10 March, 21 days on 31 March and 51 on 30 April.
  expect([...(block?.history.numbers.daysPastDue.subarray(0, 4) ?? [])]).toEqual([0, 0, 21, 51])
})

test('shuffled files give the same blocks and other order of columns too', async () => {
  const turned = (text: string): string => {
    const [header, ...rows] = text.trimEnd().split('\n')
    return `${[header, ...rows.reverse()].join('\n')}\n`
  }
  const reversed = (text: string): string =>
    `${text
      .trimEnd()
      .split('\n')
      .map(line => line.split(',').reverse().join(','))
      .join('\n')}\n`
  const shuffled = Object.fromEntries(Object.entries(goodFiles).map(([name, text]) => [name, reversed(turned(text))]))
  expect(await blocksOf(datasetFolder(shuffled))).toEqual(await blocksOf(datasetFolder()))
})

test('Parquet, gzip, semicolons, CRLF and a byte order mark say the same as CSV', async () => {
  const expected = await blocksOf(datasetFolder())
  const folder = datasetFolder({
    'accounts.csv': `\uFEFF${goodFiles['accounts.csv'].replaceAll(',', ';').replaceAll('\n', '\r\n')}`,
  })
  const connection = await (await DuckDBInstance.create()).connect()
  await connection.run(
    `COPY (SELECT * FROM read_csv('${join(folder, 'payments.csv').replaceAll("'", "''")}')) TO '${join(folder, 'payments.parquet').replaceAll("'", "''")}'`,
  )
  writeFileSync(join(folder, 'instalments.csv.gz'), gzipSync(instalments))
  const tables = {
    ...goodDescription.tables,
    payments: { path: 'payments.parquet' },
    instalments: { path: 'instalments.csv.gz' },
  }
  writeFileSync(join(folder, 'dataset.json'), JSON.stringify({ ...goodDescription, tables }))
  expect(await blocksOf(folder)).toEqual(expected)
})

test('a lender’s own column names are mapped', async () => {
  const folder = datasetFolder(
    { 'payments.csv': payments.replace('paidOn', 'valuta').replace('amount', 'betrag') },
    {
      ...goodDescription,
      tables: {
        ...goodDescription.tables,
        payments: { path: 'payments.csv', columns: { paidOn: 'valuta', amount: 'betrag' } },
      },
    },
  )
  expect(await blocksOf(folder)).toEqual(await blocksOf(datasetFolder()))
})

test('a block ends with a borrower, however small blocks are to be', async () => {
  const dataset = await openDataset(datasetFolder())
  const borrowers: (readonly string[])[] = []
  for await (const { history } of dataset.blocks({ rowsPerBlock: 1 })) borrowers.push(history.borrowerIds)
  dataset.close()
  expect(borrowers).toEqual([['B1'], ['B2']])
})

test('the fingerprint changes with any byte of any file', async () => {
  const fingerprint = async (folder: string): Promise<string> => {
    const dataset = await openDataset(folder)
    dataset.close()
    return dataset.fingerprint
  }
  const first = await fingerprint(datasetFolder())
  expect(await fingerprint(datasetFolder())).toBe(first)
  expect(await fingerprint(datasetFolder({ 'payments.csv': payments.replace('75.5', '75.6') }))).not.toBe(first)
  expect(first).toMatch(/^[0-9a-f]{64}$/)
})

/** What is broken, in which file, and what the message must say. */
const bad: readonly (readonly [string, Record<string, string>, readonly string[]])[] = [
  [
    'a missing column',
    { 'payments.csv': payments.replace('paidOn', 'payed') },
    ['payments.csv', 'field paidOn', 'a column of this name', 'rule missing-column'],
  ],
  [
    'a CSV cut off mid-row',
    { 'payments.csv': payments.slice(0, payments.indexOf('auto-debit,failed') - 12) },
    ['payments.csv, row 3', 'columns, each quote closed', 'rule cut-off-row'],
  ],
  [
    'a CSV cut off inside a quote',
    { 'payments.csv': `${payments}A3,p9,"2024-0` },
    ['payments.csv, row 4', 'each quote closed', 'rule cut-off-row'],
  ],
  [
    'a date that does not exist',
    { 'payments.csv': payments.replace('2024-02-11', '2024-02-30') },
    ['payments.csv, row 1, field recordedOn', '"2024-02-30"', 'a date that exists', 'rule not-a-date'],
  ],
  [
    'a date in another form',
    { 'payments.csv': payments.replace('2024-02-11', '11.02.2024') },
    ['row 1, field recordedOn', '"11.02.2024"'],
  ],
  [
    'a negative amount',
    { 'instalments.csv': instalments.replace(',50', ',-50') },
    ['instalments.csv, row 3, field amountDue', '"-50"', 'at least 0', 'rule negative-amount'],
  ],
  [
    'an amount that is no number',
    { 'instalments.csv': instalments.replace(',50', ',fifty') },
    ['instalments.csv, row 3, field amountDue', '"fifty"', 'a number', 'rule not-a-number'],
  ],
  [
    'an amount that is NaN',
    { 'instalments.csv': instalments.replace(',50', ',NaN') },
    ['row 3, field amountDue', '"NaN"', 'a number'],
  ],
  [
    'a decimal comma',
    { 'payments.csv': payments.replace('75.5', '"75,5"') },
    ['payments.csv, row 3, field amount', '"75,5"', 'with a decimal point'],
  ],
  [
    'an empty required cell',
    { 'instalments.csv': instalments.replace('2024-03-15', '') },
    ['instalments.csv, row 3, field dueOn', 'a value', 'rule required-value-missing'],
  ],
  [
    'a payment for an unknown account',
    { 'payments.csv': `${payments}A9,p1,2024-03-01,,5,,,paid\n` },
    ['payments.csv, row 4, field accountId', '"A9"', 'accounts', 'rule unknown-account'],
  ],
  [
    'an account of an unknown borrower',
    { 'accounts.csv': `${goodFiles['accounts.csv']}A4,B9,2024-01-01,1,loan\n` },
    ['accounts.csv, row 4, field borrowerId', '"B9"', 'rule unknown-borrower'],
  ],
  [
    'a payment naming an unknown instalment',
    { 'payments.csv': payments.replace(',i1,', ',i7,') },
    ['payments.csv, row 1, field instalmentId', '"i7"', 'rule unknown-instalment'],
  ],
  [
    'a duplicate instalment',
    { 'instalments.csv': `${instalments}A1,i1,2024-04-10,100\n` },
    ['instalments.csv, row 5, field instalmentId', '"A1, i1"', 'once', 'rule duplicate-row'],
  ],
  [
    'a duplicate borrower',
    { 'borrowers.csv': `${goodFiles['borrowers.csv']}B1,,\n` },
    ['borrowers.csv, row 3, field borrowerId', '"B1"'],
  ],
  [
    'a payment before opening',
    { 'payments.csv': payments.replace('2024-03-20', '2024-02-01') },
    ['payments.csv, row 2, field paidOn', '"2024-02-01"', 'opening', 'rule payment-before-opening'],
  ],
  [
    'a payment recorded before it was paid',
    { 'payments.csv': payments.replace('2024-02-11', '2024-02-09') },
    ['row 1, field recordedOn', 'on or after paidOn', 'rule recorded-before-paid'],
  ],
  [
    'a payment after the data cut',
    { 'payments.csv': payments.replace('2024-03-20', '2024-05-01') },
    ['payments.csv, row 2, field paidOn', '2024-04-30', 'rule after-data-cut'],
  ],
  [
    'an unknown channel',
    { 'payments.csv': payments.replace('transfer', 'pigeon') },
    ['payments.csv, row 1, field channel', '"pigeon"', 'one of auto-debit', 'rule unknown-value'],
  ],
  [
    'a mixed currency',
    {
      'payments.csv': payments
        .replace('outcome', 'outcome,currency')
        .replaceAll(',paid\n', ',paid,EUR\n')
        .replace(',failed', ',failed,USD'),
    },
    ['row 3, field currency', '"USD"', 'EUR', 'rule mixed-currency'],
  ],
  [
    'a file without rows',
    { 'payments.csv': payments.split('\n')[0] as string },
    ['payments.csv', 'at least one row', 'rule empty-file'],
  ],
  ['an empty file', { 'payments.csv': '' }, ['payments.csv', 'a header', 'rule empty-file']],
]

test.each(bad)('%s is refused with file, row, field and value', async (_, files, parts) => {
  const opening = openDataset(datasetFolder(files))
  await expect(opening).rejects.toBeInstanceOf(InputError)
  const message = await opening.catch((error: unknown) => String(error))
  for (const part of parts) expect(message).toContain(part)
})

test('an empty folder, a broken description and a missing table are refused', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'harbinger-empty-'))
  await expect(openDataset(empty)).rejects.toThrow(
    `${join(empty, 'dataset.json')}: expected a file that describes the data set`,
  )
  writeFileSync(join(empty, 'dataset.json'), '{"format": 1,')
  await expect(openDataset(empty)).rejects.toThrow('expected JSON')
  await expect(openDataset(datasetFolder({}, { ...goodDescription, grain: 'ledgers' }))).rejects.toThrow('field grain')
  await expect(
    openDataset(datasetFolder({}, { ...goodDescription, tables: { accounts: { path: 'accounts.csv' } } })),
  ).rejects.toThrow('field tables.instalments')
  await expect(
    openDataset(
      datasetFolder(
        {},
        { ...goodDescription, tables: { ...goodDescription.tables, payments: { path: 'nowhere.csv' } } },
      ),
    ),
  ).rejects.toThrow('nowhere.csv')
})

test('many findings are counted, the first twenty listed', async () => {
  const rows = Array.from({ length: 30 }, (_, place) => `A9,x${place},2024-03-01,,5,,,paid\n`).join('')
  const message = await openDataset(datasetFolder({ 'payments.csv': payments + rows })).catch((error: unknown) =>
    String(error),
  )
  expect(message).toContain('10 more findings')
})

test('a tolerant run quarantines bad rows, and what they leave orphaned', async () => {
  const folder = datasetFolder({
    'accounts.csv': goodFiles['accounts.csv'].replace('A2,B1,2024-02-05', 'A2,B1,2024-02-31'),
    'instalments.csv': `${instalments}A1,i9,2024-04-10\n`, // a column short
  })
  const dataset = await openDataset(folder, { tolerant: true })
  dataset.close()
  // The short row; the account with a date that doesn't exist; its instalment and its payment.
  expect(dataset.quarantined).toBe(4)
  expect(dataset.counts).toMatchObject({ accounts: 2, instalments: 3, payments: 2 })
  const quarantine = readFileSync(join(folder, 'quarantine.csv'), 'utf8').trimEnd().split('\n')
  expect(quarantine[0]).toBe('table,row,field,rule,found,expected,content')
  expect(quarantine.slice(1).map(line => line.split(',').slice(0, 4).join(','))).toEqual([
    'instalments,5,,cut-off-row',
    'accounts,2,openedOn,not-a-date',
    'instalments,3,accountId,unknown-account',
    'payments,2,accountId,unknown-account',
  ])
  expect(quarantine[2]).toContain('2024-02-31')
})

test('rows keep their numbers when an earlier one could not be read', async () => {
  const rows = instalments.replace('A1,i2,2024-03-10,100', 'A1,i2').replace(',50', ',-50')
  const message = await openDataset(datasetFolder({ 'instalments.csv': rows }), { tolerant: true }).then(dataset => {
    dataset.close()
    return dataset.findings.map(finding => `${finding.row} ${finding.rule}`)
  })
  expect(message).toEqual(['2 cut-off-row', '3 negative-amount'])
})

test('a strict run that fails leaves nothing behind', async () => {
  const folder = datasetFolder({ 'payments.csv': payments.replace('75.5', '-1') })
  await expect(openDataset(folder)).rejects.toThrow(InputError)
  expect(existsSync(join(folder, 'quarantine.csv'))).toBe(false)
})

test('account-months need no accounts table: an account without a borrower is its own', async () => {
  const folder = datasetFolder(
    { 'months.csv': 'accountId,month,state,daysPastDue\nX2,2024-01,open,0\nX1,2024-02,open,31\nX1,2024-01,open,0\n' },
    {
      ...goodDescription,
      currency: 'none',
      grain: 'account-months',
      tables: { accountMonths: { path: 'months.csv' } },
    },
  )
  const [block] = await blocksOf(folder)
  expect(block?.history.borrowerIds).toEqual(['X1', 'X2'])
  expect([...(block?.history.numbers.daysPastDue ?? [])]).toEqual([0, 31, 0])
  expect(block?.history.numbers.balance[0]).toBeNaN()
})
