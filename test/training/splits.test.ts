import { expect, test } from 'vitest'
import { defaultSplitSpec, toMonth } from '../../data/index.ts'
import type { DesignMatrix } from '../../training/design-matrix.ts'
import { splitRows } from '../../training/splits.ts'
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

test('every performance window of training ends before the first test month', () => {
  const { train, test: judged, months } = splitRows(data, defaultSplitSpec, 6, noFolds, 1)
  const lastTrain = Math.max(...train.map(row => data.month[row]!))
  const firstTest = Math.min(...judged.map(row => data.month[row]!))
  expect(lastTrain + 6).toBeLessThan(firstTest)
  expect(Math.max(...judged.map(row => data.month[row]!)) + 6).toBe(data.lastMonth)
  expect(months).toEqual({ train: [600, lastTrain], test: [firstTest, data.lastMonth - 6] })
})

test('no borrower of the test rows is in training', () => {
  const { train, test: judged, unseen } = splitRows(data, defaultSplitSpec, 6, noFolds, 1)
  const trained = new Set(train.map(row => data.borrowerIndex[row]!))
  expect(judged.every(row => !trained.has(data.borrowerIndex[row]!))).toBe(true)
  expect(judged.every(row => unseen[row] === 1)).toBe(true)
  const share = new Set(judged.map(row => data.borrowerIndex[row]!)).size / 200
  expect(share).toBeGreaterThan(0.1)
  expect(share).toBeLessThan(0.3)
})

test('the tenth of a borrower is one, and all ten occur', () => {
  const { tenth } = splitRows(data, defaultSplitSpec, 6, noFolds, 1)
  for (let row = 0; row < data.rows; row += 1) expect(tenth[row]).toBe(tenth[Math.floor(row / 36) * 36])
  expect(new Set(tenth).size).toBe(10)
})

test('late rows are the last quarter of the training months', () => {
  const { late, train } = splitRows(data, defaultSplitSpec, 6, noFolds, 1)
  const months = new Set(train.map(row => data.month[row]!))
  const lateMonths = new Set(late.map(row => data.month[row]!))
  expect(lateMonths.size).toBe(Math.round(months.size / 4))
  expect(Math.max(...lateMonths)).toBe(Math.max(...months))
})

test('a fold file is honoured, with its inner folds, and the same borrower’s other accounts stay out of training', () => {
  const folds = new Map(data.accountIds.map((id, index) => [id, { fold: index % 5, inner: index % 10 }]))
  const shared = { ...data, borrowerIndex: data.borrowerIndex.map(index => (index === 1 ? 0 : index)) } // A1, of fold 1, is B0's too
  const split = splitRows(shared, { kind: 'folds', testFold: 0 }, 1, folds, 1)
  expect(new Set(split.test.map(row => data.accountIndex[row]! % 5))).toEqual(new Set([0]))
  expect(split.train.some(row => data.accountIndex[row] === 1)).toBe(false)
  expect(split.train.some(row => data.accountIndex[row] === 6)).toBe(true)
  expect(split.train.every(row => split.tenth[row] === data.accountIndex[row]! % 10)).toBe(true)
  expect(() => splitRows(data, { kind: 'folds', testFold: 7 }, 1, folds, 1)).toThrow('expected one of 0, 1, 2, 3, 4')
  expect(() => splitRows(data, { kind: 'folds', testFold: 0 }, 1, noFolds, 1)).toThrow('a folds file with the data set')
})

test('a borrower with any account in the hold-out fold is held out', () => {
  const folds = new Map(data.accountIds.map((id, index) => [id, { fold: index % 5, inner: null }]))
  const shared = { ...data, borrowerIndex: data.borrowerIndex.map(index => (index === 4 ? 3 : index)) } // A4, fold 4, is B3's
  const spec = { kind: 'time-and-borrower', holdOutShare: 0.2, holdOutFold: 4, testOn: 'all' } as const
  const { train, test: judged } = splitRows(shared, spec, 6, folds, 1)
  expect(train.some(row => data.accountIndex[row] === 3)).toBe(false)
  expect(new Set(judged.map(row => data.accountIndex[row]!)).size).toBe(200)
})

test('too few months for the windows are refused with what is needed', () => {
  expect(() => splitRows(matrix(50, 10), defaultSplitSpec, 6, noFolds, 1)).toThrow(
    'found "10 months of data, 2020-01 to 2020-10", expected at least 14 months, for a horizon of 6',
  )
})

test('a gap shorter than the performance window is refused', () => {
  const months = { trainMonths: { from: '2020-01', to: '2021-01' }, testMonths: { from: '2021-07', to: '2021-09' } }
  expect(toMonth('2020-01')).toBe(600)
  expect(() => splitRows(data, { ...defaultSplitSpec, ...months } as never, 6, noFolds, 1)).toThrow(
    'a gap of at least the horizon (6 months)',
  )
})
