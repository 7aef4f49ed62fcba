/** Accounts and packs for tests of the overdue side. */

import { addMonths, datedLedger, formatDay, type LedgerAccount, toDay } from '../../../data/index.ts'
import {
  type ClockReading,
  type OverdueTimeline,
  overdueTimeline,
  type RulePack,
  readClock,
  readRulePacks,
} from '../../../models/index.ts'
import { account } from '../../data/ledger.ts'

export const packs = readRulePacks()

/** A shipped pack by id. */
export function packOf(id: string): RulePack {
  const pack = packs.find(one => one.id === id)
  if (pack === undefined) throw new Error(`no pack ${id}`)
  return pack
}

/** Monthly instalments of 100 from 2024-01-10 on; those in `paid` (place → day) are paid then, the others never. */
export function monthly(count: number, paid: Readonly<Record<number, string>>): LedgerAccount {
  const first = toDay('2024-01-10')
  const instalments = Array.from({ length: count }, (_, place) => ({
    instalmentId: `i${place + 1}`,
    dueOn: formatDay(addMonths(first, place)),
    amountDue: 100,
    issuedOn: '2024-01-01',
  }))
  return account(
    instalments,
    Object.entries(paid).map(([place, paidOn]) => ({ paidOn, amount: 100, instalmentId: `i${place}` })),
  )
}

/** An account's timeline up to a day. */
export function timelineOf(
  one: LedgerAccount,
  asOf: string,
  context: Omit<Parameters<typeof overdueTimeline>[1], 'asOf'> = {},
): OverdueTimeline {
  return overdueTimeline(datedLedger(one), { asOf: toDay(asOf), ...context })
}

/** The class that a reading has on a day. */
export function classOn(reading: ClockReading, timeline: OverdueTimeline, day: string): string {
  const index = timeline.day.indexOf(toDay(day))
  if (index === -1) throw new Error(`${day} isn't in the timeline`)
  return reading.pack.classes[reading.rank[index] as number]?.id ?? ''
}

/** The class on a day, by one pack. */
export function classBy(
  id: string,
  one: LedgerAccount,
  day: string,
  context: Omit<Parameters<typeof overdueTimeline>[1], 'asOf'> & { asOf?: string; currency?: string } = {},
): string {
  const { asOf = day, currency = 'EUR', ...rest } = context
  const timeline = timelineOf(one, asOf, rest)
  return classOn(readClock(packOf(id), timeline, currency), timeline, day)
}
