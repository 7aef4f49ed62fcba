/** All as-of rows of a data set with features and labels in columns: what training and evaluation work on. */

import type { LabelSpec, Month } from '../data/index.ts'
import type { Dataset } from '../data/sources/index.ts'
import { evaluate, type Feature } from '../models/index.ts'
import { buildFeatureStore, type FeatureStore } from './feature-store.ts'
import { type FollowUp, labelGiven, labelPopulation } from './population.ts'
import type { Performance } from './rows-at-horizon.ts'

/** As-of rows in columns, in the order of borrower, account and month; each of shape `[row]` unless said otherwise. */
export interface DesignMatrix extends Performance {
  /** Features: in memory or on disk; close it when done. */
  readonly columns: FeatureStore
  /** Index into `borrowerIds`. */
  readonly borrowerIndex: Int32Array
  /** Index into `accountIds`. */
  readonly accountIndex: Int32Array
  /** As-of month. */
  readonly month: Int32Array
  /** Left out where the data set brings the event itself. */
  readonly followUp?: FollowUp
  /** 1 where the account was open on the as-of date. */
  readonly open: Uint8Array
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
  const store = buildFeatureStore(features)
  const borrowerIds: string[] = []
  const accountIds: string[] = []
  const borrowerIndex: Int32Array[] = []
  const accountIndex: Int32Array[] = []
  const month: Int32Array[] = []
  const open: Uint8Array[] = []
  const observedMonths: Uint8Array[] = []
  const eventMonth: Uint8Array[] = []
  const contractMonths: Uint8Array[] = []
  const followedMonths: Uint8Array[] = []
  const earlyDelinquency: Uint32Array[] = []
  let firstMonth = Number.POSITIVE_INFINITY
  let lastMonth = Number.NEGATIVE_INFINITY
  let accountMonths = 0
  let rows = 0

  try {
    for await (const block of dataset.blocks()) {
      const { history } = block
      const asOf = given === undefined ? labelPopulation(spec, block) : labelGiven(spec, history, given)
      store.add(evaluate(features, history, asOf.rows))
      const [borrowers, accounts] = [new Int32Array(asOf.rows.length), new Int32Array(asOf.rows.length)]
      let account = 0
      let borrower = 0
      asOf.rows.forEach((row, index) => {
        while ((history.accountStart[account + 1] as number) <= row) account += 1
        while ((history.borrowerStart[borrower + 1] as number) <= account) borrower += 1
        accounts[index] = accountIds.length + account
        borrowers[index] = borrowerIds.length + borrower
      })
      borrowerIndex.push(borrowers)
      accountIndex.push(accounts)
      month.push(Int32Array.from(asOf.rows, row => history.month[row] as number))
      open.push(Uint8Array.from(asOf.rows, row => (history.numbers.state[row] === 0 ? 1 : 0)))
      observedMonths.push(Uint8Array.from(asOf.observedMonths))
      eventMonth.push(Uint8Array.from(asOf.eventMonth))
      contractMonths.push(asOf.contractMonths)
      if (asOf.followUp !== undefined) {
        followedMonths.push(asOf.followUp.followedMonths)
        earlyDelinquency.push(asOf.followUp.earlyDelinquency)
      }
      rows += asOf.rows.length
      for (const value of history.month) {
        if (value < firstMonth) firstMonth = value
        if (value > lastMonth) lastMonth = value
      }
      for (const id of history.accountIds) accountIds.push(id)
      for (const id of history.borrowerIds) borrowerIds.push(id)
      accountMonths += history.month.length
      onProgress(borrowerIds.length)
    }
  } catch (error) {
    store.abandon()
    throw error
  }

  return {
    rows,
    columns: store.done(),
    borrowerIndex: joined(Int32Array, borrowerIndex),
    accountIndex: joined(Int32Array, accountIndex),
    month: joined(Int32Array, month),
    open: joined(Uint8Array, open),
    observedMonths: joined(Uint8Array, observedMonths),
    eventMonth: joined(Uint8Array, eventMonth),
    contractMonths: joined(Uint8Array, contractMonths),
    ...(spec.given
      ? {}
      : {
          followUp: {
            followedMonths: joined(Uint8Array, followedMonths),
            earlyDelinquency: joined(Uint32Array, earlyDelinquency),
          },
        }),
    borrowerIds,
    accountIds,
    accountMonths,
    firstMonth,
    lastMonth,
  }
}

/** Numbers of a block after those of the blocks before. */
function joined<Numbers extends Int32Array | Uint8Array | Uint32Array>(
  type: { new (length: number): Numbers },
  parts: readonly Numbers[],
): Numbers {
  const all = new type(parts.reduce((sum, { length }) => sum + length, 0))
  let offset = 0
  for (const part of parts) {
    all.set(part, offset)
    offset += part.length
  }
  return all
}
