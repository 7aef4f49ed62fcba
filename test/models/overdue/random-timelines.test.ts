import { expect, test } from 'vitest'
import { addMonths, allocatePayments, type DatedLedger, daysPastDue, type Random, random } from '../../../data/index.ts'
import {
  classPeriods,
  type OverdueTimeline,
  overdueTimeline,
  type Pause,
  type RulePack,
  readClock,
} from '../../../models/index.ts'
import { packs } from './overdue-account.ts'

/** How many timelines go through every clock. */
const timelines = 100_000

const start = 19_000 // a day in January 2022

/** A random loan: paid on time, late, in parts, in another order, never; back-posted; restructured. */
function drawLedger(source: Random): DatedLedger {
  const count = 1 + source.integer(10)
  const cents = 1000 + source.integer(50_000)
  const restructuredOn = source.chance(0.15) && count > 2 ? start + 40 + source.integer(120) : Number.POSITIVE_INFINITY
  const instalments = Array.from({ length: count }, (_, place) => {
    const dueOn = addMonths(start, place)
    const cancelledOn = dueOn > restructuredOn - 20 ? restructuredOn : Number.POSITIVE_INFINITY
    return { id: `${place}`, dueOn, cents, issuedOn: start - 30, cancelledOn, balance: Number.NaN }
  })
  if (Number.isFinite(restructuredOn)) {
    const dueOn = addMonths(restructuredOn, 1 + source.integer(2))
    instalments.push({
      id: 'new',
      dueOn,
      cents: 2 * cents,
      issuedOn: restructuredOn,
      cancelledOn: Number.POSITIVE_INFINITY,
      balance: Number.NaN,
    })
    instalments.sort((a, b) => a.dueOn - b.dueOn)
  }
  const habit = source.uniform()
  const payments = instalments.flatMap(({ dueOn }, place) => {
    if (source.chance(0.25 * habit)) return []
    const parts = source.chance(0.2) ? 2 : 1
    return Array.from({ length: parts }, (_, part) => {
      const paidOn = dueOn - 3 + Math.floor(source.uniform() ** 3 * 200 * habit) + 15 * part
      return {
        id: `${place}-${part}`,
        paidOn,
        recordedOn: paidOn + (source.chance(0.1) ? source.integer(20) : 0),
        reversedOn: source.chance(0.03) ? paidOn + 1 + source.integer(60) : Number.POSITIVE_INFINITY,
        cents: Math.ceil(cents / parts),
        instalment: source.chance(0.2) ? place : -1,
        channel: 'auto-debit',
        bank: null,
        hour: Number.NaN,
        failed: source.chance(0.1),
      }
    })
  })
  payments.sort((a, b) => a.paidOn - b.paidOn)
  return { instalments, payments, closedOn: Number.POSITIVE_INFINITY, writtenOff: false, creditLimit: Number.NaN }
}

function drawPauses(source: Random): Pause[] {
  return Array.from({ length: source.chance(0.3) ? 1 + source.integer(2) : 0 }, () => {
    const from = start + source.integer(250)
    return { from, to: from + source.integer(60), recordedOn: from + source.integer(30) - 15 }
  })
}

/** What is wrong with a reading, in words; undefined if nothing is. */
function faultOf(pack: RulePack, timeline: OverdueTimeline): string | undefined {
  const reading = readClock(pack, timeline, 'EUR')
  const periods = classPeriods(reading, timeline)
  const { day } = timeline
  if (periods[0]?.from !== day[0] || periods.at(-1)?.to !== day.at(-1)) return 'the ends are not covered'
  for (let place = 0; place < periods.length; place += 1) {
    const period = periods[place] as (typeof periods)[number]
    const next = periods[place + 1]
    if (period.to < period.from) return 'a period ends before it begins'
    if (next !== undefined && next.from !== period.to + 1) return 'a gap or an overlap'
    if (next?.class === period.class) return 'the same class twice in a row'
    if (period.class === '') return 'no class'
  }
  const firstDays = pack.classes.map(({ daysPastDue }) => daysPastDue.from)
  for (let index = 0; index < day.length; index += 1) {
    const rank = reading.rank[index] as number
    const counted = reading.countedDays[index] as number
    if (counted >= (firstDays[rank + 1] ?? Number.POSITIVE_INFINITY)) return 'a class milder than the days counted'
    if (index === 0) continue
    const improved = rank < (reading.rank[index - 1] as number)
    if (improved && counted > (reading.countedDays[index - 1] as number))
      return 'a class improves while counted days grow'
    const grows = timeline.oldestDueOn[index] === timeline.oldestDueOn[index - 1] // the same instalment, a day older
    const exempt = timeline.technical[index] === 1 || pack.materiality !== undefined
    if (improved && grows && !exempt) return 'a class improves while days past due grow'
  }
  return undefined
}

test(`${timelines.toLocaleString('en')} random timelines through every clock: no gap, no overlap, no improvement while days past due grow`, () => {
  const classesSeen = new Set<string>()
  for (let number = 0; number < timelines; number += 1) {
    const source = random(7, 'timeline', number)
    const ledger = drawLedger(source)
    const asOf = start + 20 + source.integer(480)
    const knownOn = asOf + (source.chance(0.3) ? source.integer(30) : 0)
    const outages = source.chance(0.5) ? [{ bank: null, channel: null, day: addMonths(start, 1), hours: null }] : []
    const context = { asOf, knownOn, pauses: drawPauses(source), outages }
    const timeline = overdueTimeline(ledger, context)
    if (knownOn === asOf) {
      const allocation = allocatePayments(ledger.instalments, ledger.payments, asOf)
      const dueOn = timeline.oldestDueOn.at(-1) as number
      const days = Number.isNaN(dueOn) ? 0 : asOf - dueOn
      if (days !== daysPastDue(ledger.instalments, allocation, asOf)) expect.fail(`timeline ${number}: days past due`)
    }
    for (const pack of packs) {
      const fault = faultOf(pack, timeline)
      if (fault !== undefined) expect.fail(`timeline ${number}, ${pack.id}: ${fault}`)
      if (number < 5000)
        for (const one of new Set(readClock(pack, timeline, 'EUR').rank)) classesSeen.add(`${pack.id} ${one}`)
    }
  }
  // the timelines are no trivial ones: every class of every clock occurs
  expect(classesSeen.size).toBe(packs.reduce((sum, { classes }) => sum + classes.length, 0))
})
