import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeEach, expect, test } from 'vitest'
import { formatDay, formatMonth, type LabelledHistory } from '../../../data/index.ts'
import { importCreditRecords, importUciCreditCard, openDataset } from '../../../data/sources/index.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'harbinger-import-'))
})

const cardHeader = `ID,LIMIT_BAL,SEX,EDUCATION,MARRIAGE,AGE,PAY_0,PAY_2,PAY_3,PAY_4,PAY_5,PAY_6,${[1, 2, 3, 4, 5, 6].map(i => `BILL_AMT${i}`).join(',')},${[1, 2, 3, 4, 5, 6].map(i => `PAY_AMT${i}`).join(',')},Default`
const cards = `${cardHeader}\n7,20000,2,2,1,24,2,-1,0,-2,0,0,3913,3102,689,0,-50,10,0,689,0,0,7,0,1\n8,120000,1,0,0,30,0,0,0,0,0,0,6,5,4,3,2,1,16,15,14,13,12,11,0\n`

async function only(
  path: string,
): Promise<{ block: LabelledHistory; dataset: Awaited<ReturnType<typeof openDataset>> }> {
  const dataset = await openDataset(path)
  for await (const block of dataset.blocks()) return { block, dataset }
  throw new Error('no block')
}

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

test('card holders become account-months from April to September, oldest first', async () => {
  const out = join(folder, 'cards')
  const folds = write('folds.csv', 'id,y,fold,inner\n7,1,3,9\n8,0,0,2\n')
  expect(await importUciCreditCard(write('cards.csv', cards), { folds, out })).toEqual({
    accounts: 2,
    accountMonths: 12,
  })
  const { block, dataset } = await only(out)
  const { history } = block
  expect([...history.month.subarray(0, 6)].map(formatMonth)).toEqual([
    '2005-04',
    '2005-05',
    '2005-06',
    '2005-07',
    '2005-08',
    '2005-09',
  ])
  expect([...history.numbers.daysPastDue.subarray(0, 6)]).toEqual([0, 0, 0, 0, 0, 60]) // PAY_0 = 2: two months late
  expect([...history.numbers.state.subarray(0, 6)]).toEqual([0, 0, 2, 0, 1, 0]) // −2 dormant in June, −1 settled in August
  expect([...history.numbers.balance.subarray(0, 6)]).toEqual([10, -50, 0, 689, 3102, 3913])
  expect([...history.numbers.amountPaid.subarray(0, 6)]).toEqual([0, 7, 0, 0, 689, 0])
  expect(history.categoryFacts).toMatchObject({
    sex: { values: ['female', 'male'] },
    education: { values: ['university', null] },
    maritalStatus: { values: ['married', null] },
  })
  expect(formatDay(history.dateFacts.bornOn[0]!)).toBe('1981-09-30')
  expect((await dataset.labels()).get('7')).toEqual([{ month: history.month[5], horizon: 1, event: 1 }])
  expect((await dataset.folds()).get('7')).toEqual({ fold: 3, inner: 9 })
  expect(dataset.description).toMatchObject({ split: { kind: 'folds' }, label: { given: true, horizonMonths: 1 } })
  dataset.close()
})

test('without a fold file five folds are drawn for good, and other published names of columns are known', async () => {
  const rows = Array.from({ length: 400 }, (_, place) => cards.split('\n')[1]?.replace('7,', `${place + 1},`)).join(
    '\n',
  )
  const header = cardHeader.replace('PAY_0', 'PAY_1').replace('Default', 'default payment next month')
  const folds = async (out: string): Promise<[string, { fold: number; inner: number | null }][]> => {
    await importUciCreditCard(write('cards.csv', `${header}\n${rows}\n`), { out: join(folder, out) })
    const { dataset } = await only(join(folder, out))
    const drawn = [...(await dataset.folds())]
    dataset.close()
    return drawn
  }
  const drawn = await folds('first')
  expect(await folds('second')).toEqual(drawn)
  const sizes = [0, 1, 2, 3, 4].map(fold => drawn.filter(([, one]) => one.fold === fold).length)
  expect(Math.min(...sizes)).toBeGreaterThan(50) // 80 each, but for chance
  expect(new Set(drawn.map(([, { inner }]) => inner)).size).toBe(10)
})

test('a bad card file is refused by row and field, and nothing is written', async () => {
  const out = join(folder, 'cards')
  await expect(importUciCreditCard(write('a.csv', cards.replace(',24,2,', ',24,12,')), { out })).rejects.toThrow(
    'a.csv, row 1, field PAY_0: found "12"',
  )
  await expect(importUciCreditCard(write('b.csv', cards.replace('BILL_AMT3', 'BILL')), { out })).rejects.toThrow(
    'b.csv, field BILL_AMT3',
  )
  await expect(importUciCreditCard(write('c.csv', cards.replace('120000', 'much')), { out })).rejects.toThrow(
    'c.csv, row 2, field LIMIT_BAL: found "much"',
  )
  await expect(importUciCreditCard(join(folder, 'none.csv'), { out })).rejects.toThrow('none.csv')
  expect(existsSync(out)).toBe(false)
  expect(readdirSync(folder).sort()).toEqual(['a.csv', 'b.csv', 'c.csv'])
})

test('a folder that has files in it, or can’t be made, is refused', async () => {
  const file = write('cards.csv', cards)
  await expect(importUciCreditCard(file, { out: folder })).rejects.toThrow('expected a new folder')
  await expect(importUciCreditCard(file, { out: join(file, 'below') })).rejects.toThrow('a folder that can be written')
  expect(readdirSync(folder)).toEqual(['cards.csv'])
})

const records = 'ID,MONTHS_BALANCE,STATUS\n10,0,C\n10,-1,0\n10,-2,X\n11,0,5\n11,-1,1\n12,-3,0\n'

test('status becomes state and days past due, on a relative calendar', async () => {
  const out = join(folder, 'records')
  writeFileSync(join(folder, 'r.csv.gz'), gzipSync(records))
  expect(await importCreditRecords(join(folder, 'r.csv.gz'), { out })).toEqual({ accounts: 3, accountMonths: 6 })
  const { block, dataset } = await only(out)
  expect(block.history.borrowerIds).toEqual(['10', '11', '12'])
  expect([...block.history.month].map(formatMonth)).toEqual([
    '2019-11',
    '2019-12',
    '2020-01',
    '2019-12',
    '2020-01',
    '2019-10',
  ])
  expect([...block.history.numbers.state]).toEqual([2, 0, 1, 0, 0, 0])
  expect([...block.history.numbers.daysPastDue]).toEqual([0, 0, 0, 30, 150, 0])
  expect([...(await dataset.folds())].map(([id, { fold }]) => [id, fold])).toEqual([
    ['10', 0],
    ['11', 1],
    ['12', 2],
  ])
  expect(dataset.description.split).toMatchObject({
    trainMonths: { from: '2017-01', to: '2018-12' }, // −36 and −13 from January 2020
    testMonths: { from: '2019-04', to: '2019-10' }, // −9 and −3
    holdOutFold: 4,
    testOn: 'all',
  })
  dataset.close()
})

test('equal application facts are one borrower; of facts given twice the first count', async () => {
  const header =
    'ID,CODE_GENDER,FLAG_OWN_CAR,FLAG_OWN_REALTY,CNT_CHILDREN,AMT_INCOME_TOTAL,NAME_INCOME_TYPE,NAME_EDUCATION_TYPE,NAME_FAMILY_STATUS,NAME_HOUSING_TYPE,DAYS_BIRTH,DAYS_EMPLOYED,OCCUPATION_TYPE'
  const person = 'F,Y,N,1,1000.0,Working,Higher,Married,House,-10000,-200,'
  const facts = write(
    'facts.csv',
    `${header}\n12,${person}\n10,${person}\n10,M,Y,N,0,1,Working,Higher,Married,House,-1,-1,\n99,${person}\n`,
  )
  const out = join(folder, 'records')
  await importCreditRecords(write('r.csv', records), { facts, out })
  const { block, dataset } = await only(out)
  expect(block.history.borrowerIds).toEqual(['10', '11'])
  expect(block.history.accountIds).toEqual(['10', '12', '11'])
  expect(block.history.categoryFacts.sex.values).toEqual(['female', 'female', null])
  expect(formatDay(block.history.dateFacts.bornOn[0]!)).toBe('1992-09-14') // 2020-01-31 less 10,000 days, by Python’s datetime
  dataset.close()
})

test('an unknown status is refused by row', async () => {
  await expect(
    importCreditRecords(write('r.csv', records.replace('-2,X', '-2,Q')), { out: join(folder, 'x') }),
  ).rejects.toThrow('r.csv, row 3, field STATUS: found "Q"')
})
