/** What an account-month is in a portfolio report: a bucket of days past due, or nothing owed. */

import { accountStates, type HistoryBlock } from '../../data/index.ts'
import { type RulePack, rankOf, readRulePacks } from '../../models/index.ts'

/** The buckets M0 … M7+, as the shipped rule pack has them. */
const bucketPack: RulePack = findBuckets()

/** Names of the buckets, the mildest first. */
export const buckets: readonly string[] = bucketPack.classes.map(({ id }) => id)

/** Status of an account-month in which nothing is owed. */
export const paidOff = buckets.length

/** Status of an account after its last month, while the data goes on, if it was past due then. */
export const writtenOff = buckets.length + 1

/** Status of an account after its last month, while the data goes on, if it wasn't past due. */
export const left = buckets.length + 2

/** Names of all statuses. */
export const statuses: readonly string[] = [...buckets, 'paid', 'loss', 'left']

/** Status of an account-month that isn't known. */
const unknown = -1

/** Statuses by days past due; longer ones are of the last bucket. */
const byDays = Uint8Array.from({ length: 400 }, (_, days) => rankOf(bucketPack, days))

/** The status of a row: the place in {@link statuses}, or −1 if it isn't known. */
export function statusOf(history: HistoryBlock, row: number): number {
  const days = history.numbers.daysPastDue[row] as number
  if (history.observed[row] !== 1 || Number.isNaN(days)) return unknown
  const state = history.numbers.state[row]
  if (days === 0 && (state === accountStates.settled || state === accountStates.dormant)) return paidOff
  return byDays[Math.min(byDays.length - 1, Math.ceil(days))] as number
}

function findBuckets(): RulePack {
  const pack = readRulePacks().find(({ id }) => id === 'm-buckets')
  if (pack === undefined) throw new Error('the rule packs that ship have buckets')
  return pack
}
