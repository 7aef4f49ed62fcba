import { expect, test } from 'vitest'
import { defaultSplitSpec, toMonth } from '../../data/index.ts'
import type { DesignMatrix } from '../../training/design-matrix.ts'
import { endWindowsBeforeTest, splitRows } from '../../training/splits.ts'
import { stored } from './stored.ts'

/** A matrix of borrowers with one account each, seen from month 600 on. */
function matrix(borrowers: number, months: number): DesignMatrix {
  const rows = borrowers * months
  const of = (pick: (row: number) => number): Int32Array => Int32Array.from({ length: rows }, (_, row) => pick(row))
  return {
    rows,
    columns: stored({ features: [], rows, columns: [] }),
    borrowerIndex: of(row => Math.floor(row / months)),
    accountIndex: of(row => Math.floor(row / months)),
    month: of(row => 600 + (row % months)),
    open: new Uint8Array(rows).fill(1),
    observedMonths: new Uint8Array(rows).fill(6),
    eventMonth: new Uint8Array(rows),
    contractMonths: new Uint8Array(rows).fill(6),
    borrowerIds: Array.from({ length: borrowers }, (_, index) => `B${index}`),
    accountIds: Array.from({ length: borrowers }, (_, index) => `A${index}`),
    accountMonths: rows,
    firstMonth: 600,
    lastMonth: 600 + months - 1,
  }
}

const data = matrix(200, 36)
const noFolds = new Map()
const label = { horizonMonths: 6, given: false }
const oneMonth = { horizonMonths: 1, given: true }

test('training goes on until a month of the window can be known before the test; windows then end before it', () => {
  const split = splitRows(data, defaultSplitSpec, label, noFolds, 1)
  const { train, test: judged, months } = split
  const [firstTest, lastTest] = [data.lastMonth - 11, data.lastMonth - 6]
  expect(months).toEqual({ train: [600, firstTest - 2], test: [firstTest, lastTest] })
  const byTime = [...new Set(train.map(row => data.month[row]!))].sort((a, b) => a - b)
  expect([byTime[0], byTime.at(-1)]).toEqual([600, firstTest - 2])
  const cut = endWindowsBeforeTest(data, split)
  for (const row of train) {
    const known = Math.min(6, firstTest - 1 - data.month[row]!)
    expect([cut.observedMonths[row], cut.contractMonths[row]]).toEqual([known, known])
  }
  for (const row of judged) expect([cut.observedMonths[row], cut.contractMonths[row]]).toEqual([6, 6])
})

test('an event counts for training only if it came before the first test month', () => {
  const three = (): Uint8Array => new Uint8Array(data.rows).fill(3)
  const events = { ...data, observedMonths: three(), eventMonth: three() }
  const split = splitRows(events, defaultSplitSpec, label, noFolds, 1)
  const cut = endWindowsBeforeTest(events, split)
  const firstTest = data.lastMonth - 11
  for (const row of split.train) {
    const isKnown = data.month[row]! + 3 < firstTest
    expect(cut.eventMonth[row]).toBe(isKnown ? 3 : 0)
    expect(cut.observedMonths[row]).toBe(isKnown ? 3 : firstTest - 1 - data.month[row]!)
  }
  for (const row of split.test) expect([cut.eventMonth[row], cut.observedMonths[row]]).toEqual([3, 3])
  expect(events.eventMonth.every(event => event === 3)).toBe(true)
})

test('training rows are followed until the test begins, and no further', () => {
  const followUp = {
    followedMonths: new Uint8Array(data.rows).fill(6),
    earlyDelinquency: new Uint32Array(data.rows).fill(0b111111),
  }
  const split = splitRows(data, defaultSplitSpec, label, noFolds, 1)
  const cut = endWindowsBeforeTest({ ...data, followUp }, split)
  const followed = (row: number): number | undefined => cut.followUp?.followedMonths[row]
  for (const row of split.train) expect(followed(row)).toBe(Math.min(6, data.lastMonth - 12 - data.month[row]!))
  for (const row of split.test) expect(followed(row)).toBe(6)
  expect(followUp.followedMonths.every(months => months === 6)).toBe(true)
})

test('labels that the data set brings need a whole horizon between training and test', () => {
  const { months } = splitRows(data, defaultSplitSpec, { ...label, given: true }, noFolds, 1)
  expect(months).toEqual({ train: [600, data.lastMonth - 18], test: [data.lastMonth - 11, data.lastMonth - 6] })
})

test('no borrower of the test rows is in training', () => {
  const { train, test: judged, unseen } = splitRows(data, defaultSplitSpec, label, noFolds, 1)
  const trained = new Set(train.map(row => data.borrowerIndex[row]!))
  expect(judged.every(row => !trained.has(data.borrowerIndex[row]!))).toBe(true)
  expect(judged.every(row => unseen[row] === 1)).toBe(true)
  const share = new Set(judged.map(row => data.borrowerIndex[row]!)).size / 200
  expect(share).toBeGreaterThan(0.1)
  expect(share).toBeLessThan(0.3)
})

test('the tenth of a borrower is one, and all ten occur', () => {
  const { tenth } = splitRows(data, defaultSplitSpec, label, noFolds, 1)
  for (let row = 0; row < data.rows; row += 1) expect(tenth[row]).toBe(tenth[Math.floor(row / 36) * 36])
  expect(new Set(tenth).size).toBe(10)
})

test('late rows are the last quarter of the months with a whole window, and what follows', () => {
  const { late, train } = splitRows(data, defaultSplitSpec, label, noFolds, 1)
  const lateMonths = new Set(late.map(row => data.month[row]!))
  expect([Math.min(...lateMonths), Math.max(...lateMonths)]).toEqual([613, 622]) // whole windows: 600 … 617, of which 5 are late
  expect(lateMonths.size).toBe(10)
  expect(train.filter(row => lateMonths.has(data.month[row]!))).toEqual(late)
})

test('a fold file is honoured, with its inner folds, and the same borrower’s other accounts stay out of training', () => {
  const folds = new Map(data.accountIds.map((id, index) => [id, { fold: index % 5, inner: index % 10 }]))
  const shared = { ...data, borrowerIndex: data.borrowerIndex.map(index => (index === 1 ? 0 : index)) } // A1, of fold 1, is B0's too
  const split = splitRows(shared, { kind: 'folds', testFold: 0 }, oneMonth, folds, 1)
  expect(new Set(split.test.map(row => data.accountIndex[row]! % 5))).toEqual(new Set([0]))
  expect(split.train.some(row => data.accountIndex[row] === 1)).toBe(false)
  expect(split.train.some(row => data.accountIndex[row] === 6)).toBe(true)
  expect(split.train.every(row => split.tenth[row] === data.accountIndex[row]! % 10)).toBe(true)
  expect(() => splitRows(data, { kind: 'folds', testFold: 7 }, oneMonth, folds, 1)).toThrow(
    'expected one of 0, 1, 2, 3, 4',
  )
  expect(() => splitRows(data, { kind: 'folds', testFold: 0 }, oneMonth, noFolds, 1)).toThrow(
    'a folds file with the data set',
  )
})

test('a borrower with any account in the hold-out fold is held out', () => {
  const folds = new Map(data.accountIds.map((id, index) => [id, { fold: index % 5, inner: null }]))
  const shared = { ...data, borrowerIndex: data.borrowerIndex.map(index => (index === 4 ? 3 : index)) } // A4, fold 4, is B3's
  const spec = { kind: 'time-and-borrower', holdOutShare: 0.2, holdOutFold: 4, testOn: 'all' } as const
  const { train, test: judged } = splitRows(shared, spec, label, folds, 1)
  expect(train.some(row => data.accountIndex[row] === 3)).toBe(false)
  expect(new Set(judged.map(row => data.accountIndex[row]!)).size).toBe(200)
})

test('too few months for the windows are refused with what is needed', () => {
  expect(() => splitRows(matrix(50, 10), defaultSplitSpec, label, noFolds, 1)).toThrow(
    'found "10 months of data, 2020-01 to 2020-10", expected at least 14 months, for a horizon of 6',
  )
})

test('training months that reach the test months are refused', () => {
  const until = (to: string, spec = label) => {
    const months = { trainMonths: { from: '2020-01', to }, testMonths: { from: '2021-07', to: '2021-09' } }
    return splitRows(data, { ...defaultSplitSpec, ...months } as never, spec, noFolds, 1)
  }
  expect(toMonth('2020-01')).toBe(600)
  expect(() => until('2021-06')).toThrow('at least a month between them')
  expect(until('2021-05').months?.train).toEqual([600, 616])
  expect(() => until('2021-01', { ...label, given: true })).toThrow('at least 6 months between them')
})
