/** Divides as-of rows by time and borrower, or by given folds, so that nothing of the test part touches training. */

import {
  formatMonth,
  InputError,
  type LabelSpec,
  type Month,
  type SplitSpec,
  stableFraction,
  toMonth,
} from '../data/index.ts'
import type { DesignMatrix } from './design-matrix.ts'

/** Folds of accounts, as a `folds` file gives them. */
export type Folds = ReadonlyMap<string, { readonly fold: number; readonly inner: number | null }>

/** The parts of the data; each an ascending list of row numbers. */
export interface Split {
  /** Rows that members learn from, stop early on and are calibrated on. */
  readonly train: Int32Array
  /** Rows that judge; never seen before that. */
  readonly test: Int32Array
  /**
   * Training rows that are late, by the months whose performance window ends before the test, and all later ones: early
   * stopping and calibration look at these of the members' unseen borrowers.
   */
  readonly late: Int32Array
  /** Which tenth of the training borrowers (or given inner fold) each row belongs to, 0…9; shape `[row]`. */
  readonly tenth: Uint8Array
  /** 1 where the row's borrower is in no training row; shape `[row]`. */
  readonly unseen: Uint8Array
  /** As-of months of each part; null where the split knows no time. */
  readonly months: {
    readonly train: readonly [Month, Month]
    readonly test: readonly [Month, Month]
  } | null
}

/** Share of the training months with a whole performance window that count as late. */
const lateShare = 0.25

/** Test months by default, where the data is long enough. */
const testMonthsAtMost = 6

/** What of a label a split needs to know. */
type SplitLabel = Pick<LabelSpec, 'horizonMonths' | 'given'>

/**
 * Divides the rows.
 *
 * Training months end two before the test months: of their rows at least one month of the performance window is known
 * when the test begins, and of the last ones no more than that ({@link endWindowsBeforeTest}). Labels that the data set
 * brings are known as a whole or not at all, so that a whole horizon lies between.
 *
 * @param seed - Chooses the held-out borrowers and the tenths, together with their ids.
 * @throws InputError if a part would be empty, the gap is too short, or folds are asked for that the data doesn't have.
 */
export function splitRows(matrix: DesignMatrix, spec: SplitSpec, label: SplitLabel, folds: Folds, seed: number): Split {
  const split =
    spec.kind === 'folds'
      ? splitByFolds(matrix, spec.testFold, folds, seed)
      : splitByTimeAndBorrower(matrix, spec, label, folds, seed)
  for (const [name, rows] of Object.entries({ training: split.train, test: split.test })) {
    if (rows.length === 0) {
      throw new InputError({
        source: 'split',
        field: name,
        expected: 'at least one row of the population; the data has too few months or borrowers for this split',
        rule: 'empty-part',
      })
    }
  }
  return split
}

/**
 * Ends the performance windows of training rows before the first test month: of what comes later nothing is known when
 * the test begins. A row then doesn't count at horizons that its window no longer reaches.
 *
 * @returns The same rows; unchanged where the split knows no time.
 */
export function endWindowsBeforeTest(matrix: DesignMatrix, { train, months }: Split): DesignMatrix {
  if (months === null) return matrix
  const observedMonths = matrix.observedMonths.slice()
  const eventMonth = matrix.eventMonth.slice()
  const contractMonths = matrix.contractMonths.slice()
  const followUp = matrix.followUp && {
    ...matrix.followUp,
    followedMonths: matrix.followUp.followedMonths.slice(),
  }
  for (const row of train) {
    const known = months.test[0] - 1 - (matrix.month[row] as number)
    observedMonths[row] = Math.min(known, matrix.observedMonths[row] as number)
    contractMonths[row] = Math.min(known, matrix.contractMonths[row] as number)
    if ((matrix.eventMonth[row] as number) > known) eventMonth[row] = 0
    if (followUp !== undefined) {
      followUp.followedMonths[row] = Math.min(known, followUp.followedMonths[row] as number)
    }
  }
  return { ...matrix, observedMonths, eventMonth, contractMonths, ...(followUp && { followUp }) }
}

/** The last as-of month whose performance window ends before the first test month. */
export function lastWholeMonth(firstTest: Month, horizonMonths: number): Month {
  return firstTest - horizonMonths - 1
}

function splitByFolds(matrix: DesignMatrix, testFold: number, folds: Folds, seed: number): Split {
  const foldOf = matrix.accountIds.map(accountId => folds.get(accountId))
  const known = new Set([...folds.values()].map(({ fold }) => fold))
  if (!known.has(testFold)) {
    throw new InputError({
      source: 'split',
      field: 'testFold',
      found: String(testFold),
      expected:
        known.size === 0 ? 'a folds file with the data set' : `one of ${[...known].sort((a, b) => a - b).join(', ')}`,
      rule: 'unknown-fold',
    })
  }
  const testBorrowers = new Uint8Array(matrix.borrowerIds.length)
  forEachRow(matrix, row => {
    if (foldOf[matrix.accountIndex[row] as number]?.fold === testFold) {
      testBorrowers[matrix.borrowerIndex[row] as number] = 1
    }
  })
  const train = selectRows(matrix, row => {
    const fold = foldOf[matrix.accountIndex[row] as number]?.fold
    return fold !== undefined && fold !== testFold && testBorrowers[matrix.borrowerIndex[row] as number] === 0
  })
  const tenth = tenths(matrix, seed)
  forEachRow(matrix, row => {
    const inner = foldOf[matrix.accountIndex[row] as number]?.inner
    if (inner !== undefined && inner !== null) tenth[row] = inner % 10
  })
  return {
    train,
    test: selectRows(matrix, row => foldOf[matrix.accountIndex[row] as number]?.fold === testFold),
    late: train,
    tenth,
    unseen: Uint8Array.from(matrix.borrowerIndex, borrower => testBorrowers[borrower] as number),
    months: null,
  }
}

function splitByTimeAndBorrower(
  matrix: DesignMatrix,
  spec: Extract<SplitSpec, { kind: 'time-and-borrower' }>,
  label: SplitLabel,
  folds: Folds,
  seed: number,
): Split {
  const months = divideMonths(matrix, spec, label)
  const heldOut = heldOutBorrowers(matrix, spec, folds, seed)
  const within = ([first, last]: readonly [Month, Month], row: number): boolean =>
    (matrix.month[row] as number) >= first && (matrix.month[row] as number) <= last
  const isUnseen = (row: number): boolean => heldOut[matrix.borrowerIndex[row] as number] === 1
  const train = selectRows(matrix, row => within(months.train, row) && !isUnseen(row))
  const [firstTrain, lastTrain] = months.train
  const lastWhole = Math.min(lastTrain, lastWholeMonth(months.test[0], label.horizonMonths))
  const lateFrom = lastWhole - Math.max(1, Math.round((lastWhole - firstTrain + 1) * lateShare)) + 1
  return {
    train,
    test: selectRows(matrix, row => within(months.test, row) && (spec.testOn === 'all' || isUnseen(row))),
    late: train.filter(row => (matrix.month[row] as number) >= lateFrom),
    tenth: tenths(matrix, seed),
    unseen: Uint8Array.from(matrix.borrowerIndex, borrower => heldOut[borrower] as number),
    months,
  }
}

/** Chooses the months that the spec leaves open, and checks the gap between those that it gives. */
function divideMonths(
  matrix: DesignMatrix,
  spec: Extract<SplitSpec, { kind: 'time-and-borrower' }>,
  { horizonMonths, given }: SplitLabel,
): { train: readonly [Month, Month]; test: readonly [Month, Month] } {
  const gap = given ? horizonMonths : 1
  const lastComplete = matrix.lastMonth - horizonMonths
  const span = lastComplete - matrix.firstMonth + 1
  const testCount = Math.min(testMonthsAtMost, Math.max(1, Math.floor((span - horizonMonths) / 4)))
  const test: readonly [Month, Month] = spec.testMonths
    ? [toMonth(spec.testMonths.from), toMonth(spec.testMonths.to)]
    : [lastComplete - testCount + 1, lastComplete]
  const train: readonly [Month, Month] = spec.trainMonths
    ? [toMonth(spec.trainMonths.from), toMonth(spec.trainMonths.to)]
    : [matrix.firstMonth, test[0] - gap - 1]
  if (lastWholeMonth(test[0], horizonMonths) < train[0] || train[1] < train[0] || test[1] < test[0]) {
    throw new InputError({
      source: 'split',
      field: 'months',
      found: Number.isFinite(matrix.firstMonth)
        ? `${matrix.lastMonth - matrix.firstMonth + 1} months of data, ${formatMonth(matrix.firstMonth)} to ${formatMonth(matrix.lastMonth)}`
        : 'no months of data',
      expected: `at least ${2 * horizonMonths + 2} months, for a horizon of ${horizonMonths}: training months, their performance window, test months and theirs`,
      rule: 'too-few-months',
    })
  }
  if (train[1] + gap >= test[0]) {
    throw new InputError({
      source: 'split',
      field: 'trainMonths',
      found: `training to ${formatMonth(train[1])}, test from ${formatMonth(test[0])}`,
      expected: `at least ${gap === 1 ? 'a month' : `${gap} months`} between them`,
      rule: 'gap-too-short',
    })
  }
  return { train, test }
}

/** 1 for each borrower kept out of training: one with any account in the hold-out fold, or drawn by id. */
function heldOutBorrowers(
  matrix: DesignMatrix,
  spec: Extract<SplitSpec, { kind: 'time-and-borrower' }>,
  folds: Folds,
  seed: number,
): Uint8Array {
  if (spec.holdOutFold === undefined) {
    return Uint8Array.from(matrix.borrowerIds, id => (stableFraction(id, seed) < spec.holdOutShare ? 1 : 0))
  }
  const heldOut = new Uint8Array(matrix.borrowerIds.length)
  forEachRow(matrix, row => {
    const accountId = matrix.accountIds[matrix.accountIndex[row] as number] ?? ''
    if (folds.get(accountId)?.fold === spec.holdOutFold) heldOut[matrix.borrowerIndex[row] as number] = 1
  })
  return heldOut
}

/** A tenth of the borrowers for each row, independent of who is held out. */
function tenths(matrix: DesignMatrix, seed: number): Uint8Array {
  const byBorrower = Uint8Array.from(matrix.borrowerIds, id => Math.floor(10 * stableFraction(`tenth/${id}`, seed)))
  return Uint8Array.from(matrix.borrowerIndex, borrower => byBorrower[borrower] as number)
}

function selectRows(matrix: DesignMatrix, wanted: (row: number) => boolean): Int32Array {
  const rows: number[] = []
  forEachRow(matrix, row => {
    if (wanted(row)) rows.push(row)
  })
  return Int32Array.from(rows)
}

function forEachRow(matrix: DesignMatrix, visit: (row: number) => void): void {
  for (let row = 0; row < matrix.rows; row += 1) visit(row)
}
