/** All as-of rows of a data set with features and labels in columns: what training and evaluation work on. */

import type { LabelSpec, Month } from '../data/index.ts'
import type { Dataset } from '../data/sources/index.ts'
import { evaluate, type Feature, type FeatureColumn, type FeatureColumns } from '../models/index.ts'
import { labelGiven, labelPopulation } from './population.ts'

/** As-of rows in columns, in the order of borrower, account and month; each of shape `[row]` unless said otherwise. */
export interface DesignMatrix {
  readonly rows: number
  readonly columns: FeatureColumns
  /** Index into `borrowerIds`. */
  readonly borrowerIndex: Int32Array
  /** Index into `accountIds`. */
  readonly accountIndex: Int32Array
  /** As-of month. */
  readonly month: Int32Array
  /** 1 where the account was open on the as-of date. */
  readonly open: Uint8Array
  /** Months of the performance window seen, 1…H. */
  readonly observedMonths: Uint8Array
  /** 1…H, the month of the first event; 0 = none seen. */
  readonly eventMonth: Uint8Array
  /** Shape `[borrower]`. */
  readonly borrowerIds: readonly string[]
  /** Shape `[account]`. */
  readonly accountIds: readonly string[]
  /** Account-months read, those outside the population included. */
  readonly accountMonths: number
  /** First month of the data; `Infinity` if there is none. */
  readonly firstMonth: Month
  /** Last month of the data; `-Infinity` if there is none. */
  readonly lastMonth: Month
}

/**
 * Streams a data set through the evaluator and collects the population's features and labels.
 *
 * @param onProgress - Called with the borrowers read so far.
 * @throws InputError if the data set can't be read, or brings labels for account-months that it doesn't have.
 */
export async function buildDesignMatrix(
  dataset: Dataset,
  features: readonly Feature[],
  spec: LabelSpec,
  onProgress: (borrowers: number) => void = () => {},
): Promise<DesignMatrix> {
  const given = spec.given ? await dataset.labels() : undefined
  const parts: FeatureColumns[] = []
  const borrowerIds: string[] = []
  const accountIds: string[] = []
  const borrowerIndex: number[] = []
  const accountIndex: number[] = []
  const month: number[] = []
  const open: number[] = []
  const observedMonths: number[] = []
  const eventMonth: number[] = []
  let firstMonth = Number.POSITIVE_INFINITY
  let lastMonth = Number.NEGATIVE_INFINITY
  let accountMonths = 0

  for await (const block of dataset.blocks()) {
    const { history } = block
    const asOf = given === undefined ? labelPopulation(spec, block) : labelGiven(spec, history, given)
    parts.push(evaluate(features, history, asOf.rows))
    let account = 0
    let borrower = 0
    asOf.rows.forEach((row, index) => {
      while ((history.accountStart[account + 1] as number) <= row) account += 1
      while ((history.borrowerStart[borrower + 1] as number) <= account) borrower += 1
      accountIndex.push(accountIds.length + account)
      borrowerIndex.push(borrowerIds.length + borrower)
      month.push(history.month[row] as number)
      open.push(history.numbers.state[row] === 0 ? 1 : 0)
      observedMonths.push(asOf.observedMonths[index] as number)
      eventMonth.push(asOf.eventMonth[index] as number)
    })
    for (const value of history.month) {
      if (value < firstMonth) firstMonth = value
      if (value > lastMonth) lastMonth = value
    }
    for (const id of history.accountIds) accountIds.push(id)
    for (const id of history.borrowerIds) borrowerIds.push(id)
    accountMonths += history.month.length
    onProgress(borrowerIds.length)
  }

  return {
    rows: month.length,
    columns: joinColumns(features, parts),
    borrowerIndex: Int32Array.from(borrowerIndex),
    accountIndex: Int32Array.from(accountIndex),
    month: Int32Array.from(month),
    open: Uint8Array.from(open),
    observedMonths: Uint8Array.from(observedMonths),
    eventMonth: Uint8Array.from(eventMonth),
    borrowerIds,
    accountIds,
    accountMonths,
    firstMonth,
    lastMonth,
  }
}

/** The rows of some columns, in the order given. */
export function takeRows(columns: FeatureColumns, rows: Int32Array): FeatureColumns {
  return {
    features: columns.features,
    rows: rows.length,
    columns: columns.columns.map(
      (column): FeatureColumn =>
        column.kind === 'number'
          ? { kind: 'number', values: Float64Array.from(rows, row => column.values[row] as number) }
          : { kind: 'category', values: Array.from(rows, row => column.values[row] ?? null) },
    ),
  }
}

function joinColumns(features: readonly Feature[], parts: readonly FeatureColumns[]): FeatureColumns {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  const columns = features.map((feature, index): FeatureColumn => {
    if (feature.kind === 'category') {
      return {
        kind: 'category',
        values: parts.flatMap(part => [...(part.columns[index]?.values ?? [])] as (string | null)[]),
      }
    }
    const values = new Float64Array(rows)
    let offset = 0
    for (const part of parts) {
      const column = part.columns[index]
      if (column?.kind === 'number') values.set(column.values, offset)
      offset += part.rows
    }
    return { kind: 'number', values }
  })
  return { features, rows, columns }
}
