/**
 * A legal clock: reads a timeline through a rule pack.
 *
 * Day by day: (1) days past due become *counted* days, less what the pack exempts; (2) counted days have a class by the
 * pack's ranges; (3) a restructuring keeps the class from being better than a floor; (4) a worse class is taken at once,
 * a better one when the upgrade rule of the present class is met: nothing overdue for so many months and instalments.
 * So a class never improves on a day on which counted days grow.
 */

import { addMonths, type Day } from '../../data/index.ts'
import type { RulePack } from './rule-pack.ts'
import type { OverdueTimeline } from './timeline.ts'

/** Why an account stands in its class. */
export const classReasons = ['days-past-due', 'probation', 'restructured', 'final'] as const

/** Why an account stands in its class. */
export type ClassReason = (typeof classReasons)[number]

/** What a clock says at each observation; all of shape `[observation]`. */
export interface ClockReading {
  readonly pack: RulePack
  /** Place of the class in the pack, 0 = the mildest. */
  readonly rank: Uint8Array
  /** Days that the pack counts. */
  readonly countedDays: Int32Array
  /** Place in {@link classReasons}. */
  readonly reason: Uint8Array
  /** What keeps the class from being better after the last observation. */
  readonly probation: Probation | null
}

/** A class that is kept although days past due say better. */
export interface Probation {
  /** First day without anything overdue; null: something still is, and the time has not begun. */
  readonly cleanSince: Day | null
  /** Day on which it ends if nothing falls overdue until then; null as long as it has not begun. */
  readonly endsOn: Day | null
  /** Months that it takes, and instalments to be paid in them. */
  readonly months: number
  readonly instalments: number
}

type UpgradeRule = RulePack['upgrades'][number]

/** Reads a clock at every observation. `currency` decides which absolute materiality threshold applies. */
export function readClock(pack: RulePack, timeline: OverdueTimeline, currency: string): ClockReading {
  const { length } = timeline.day
  const reading = { rank: new Uint8Array(length), countedDays: new Int32Array(length), reason: new Uint8Array(length) }
  const { probation } = runClock(pack, timeline, currency, (from, to, rank, countedDays, reason) => {
    reading.rank.fill(rank, from, to)
    reading.countedDays.fill(countedDays, from, to)
    reading.reason.fill(reason, from, to)
  })
  return { pack, ...reading, probation }
}

/** Place of the class after the last observation: what {@link readClock} ends with, and nothing kept of the way there. */
export function rankNow(pack: RulePack, timeline: OverdueTimeline, currency: string): number {
  return runClock(pack, timeline, currency, () => {}).rank
}

/** Told of the observations `from` to before `to`, in order. */
type ClockVisitor = (from: number, to: number, rank: number, countedDays: number, reason: number) => void

/** Runs a clock over a timeline. */
function runClock(
  pack: RulePack,
  timeline: OverdueTimeline,
  currency: string,
  visit: ClockVisitor,
): { rank: number; probation: Probation | null } {
  const { day: days, oldestDueOn, lapses } = timeline
  const countedDays = dayCounter(pack, timeline, currency)
  const { upgradeOf, isFinal, lastDays } = rulesByRank(pack)
  const floor = restructuringFloor(pack, timeline)
  let current = 0
  let cleanSince = Number.NaN
  let upgradedOn = Number.NEGATIVE_INFINITY
  let endsOn = Number.NaN
  let endsFor = Number.NaN
  let held: UpgradeRule | undefined
  let [next, lapse] = [0, 0]
  for (let index = 0; index < days.length; index = next) {
    const day = days[index] as number
    const pastDue = Number.isNaN(oldestDueOn[index]) ? null : countedDays(index)
    const clean = pastDue === null
    const counted = pastDue ?? 0
    if (!clean) cleanSince = Number.NaN
    else if (Number.isNaN(cleanSince)) cleanSince = day
    let byDays = 0
    while (counted > (lastDays[byDays] as number)) byDays += 1
    const atLeast = floor === null ? 0 : floor.at(day, clean)
    const wanted = Math.max(byDays, atLeast)
    held = undefined
    if (wanted >= current) {
      if (wanted > current) endsFor = Number.NaN
      current = wanted
    } else if (isFinal[current] !== true) {
      const rule = upgradeOf[current]
      const start = Math.max(cleanSince, upgradedOn)
      if (rule !== undefined && clean && endsFor !== start) {
        endsFor = start
        endsOn = probationEnd(rule, start, timeline.dueDays)
      }
      if (rule === undefined || (clean && day >= endsOn)) {
        current = Math.max(wanted, rule?.to === undefined ? 0 : pack.classes.findIndex(({ id }) => id === rule.to))
        if (rule !== undefined) upgradedOn = day
        endsFor = Number.NaN
        const next = upgradeOf[current]
        if (current > wanted && next !== undefined) {
          held = next
          endsFor = day
          endsOn = probationEnd(next, day, timeline.dueDays)
        }
      } else held = rule
    }
    const final = isFinal[current] === true && current > wanted
    next = index + 1
    const waits = clean && floor === null && (current === 0 || final || held !== undefined)
    if (waits && Number.isNaN(oldestDueOn[next])) {
      // Nothing changes before something is past due again, or the probation ends.
      while (lapse < lapses.length && (lapses[lapse] as number) < next) lapse += 1
      const until = lapses[lapse] ?? days.length
      if (held === undefined) next = until
      else while (next < until && (days[next] as number) < endsOn) next += 1
    }
    visit(index, next, current, counted, final ? 3 : current > wanted ? 1 : current > byDays ? 2 : 0)
  }
  return {
    rank: current,
    probation: held === undefined ? (floor?.left(cleanSince) ?? null) : probationOf(held, cleanSince, endsOn),
  }
}

function probationOf(rule: UpgradeRule, cleanSince: number, endsOn: number): Probation {
  const begun = !Number.isNaN(cleanSince)
  return {
    cleanSince: begun ? cleanSince : null,
    endsOn: begun ? endsOn : null,
    months: rule.months,
    instalments: rule.instalments,
  }
}

/** Place of the class that counted days have. */
export function rankOf(pack: RulePack, countedDays: number): number {
  let rank = 0
  while (countedDays > (pack.classes[rank]?.daysPastDue.to ?? Number.POSITIVE_INFINITY)) rank += 1
  return rank
}

/** The days counted at an observation at which something is past due; null if the pack has no eye for it. To be asked in order. */
function dayCounter(pack: RulePack, timeline: OverdueTimeline, currency: string): (index: number) => number | null {
  const { day, oldestDueOn, technical } = timeline
  const exemptDays = pack.technicalOverdue?.daysAtMost ?? -1
  const graceDays = pack.graceDays?.days ?? 0
  const stops = pack.pauses.stopClock
  const byBreach = pack.countsFrom === 'material-breach'
  const material = materialityOf(pack, timeline, currency)
  let sinceBreach = 0
  let countedBefore = -1
  return index => {
    const pastDueDays = (day[index] as number) - (oldestDueOn[index] as number)
    if ((technical[index] === 1 && pastDueDays <= exemptDays) || !material(index)) return null
    let days = pastDueDays - (stops ? (timeline.pausedDays[index] as number) : 0)
    if (byBreach) {
      const elapsed = index === 0 ? days : (day[index] as number) - (day[index - 1] as number)
      const paused = stops && index > 0 ? (timeline.pausedSince[index] as number) : 0
      sinceBreach = Math.min(days, (countedBefore === index - 1 ? sinceBreach : 0) + elapsed - paused)
      days = sinceBreach
      countedBefore = index
    }
    return Math.max(0, days - graceDays)
  }
}

/** Is the amount overdue at an observation more than both thresholds? An amount that isn't known is. */
function materialityOf(pack: RulePack, timeline: OverdueTimeline, currency: string): (index: number) => boolean {
  const { materiality } = pack
  if (materiality === undefined) return () => true
  const amount = materiality.amount[currency]
  const cents = amount === undefined ? Number.NEGATIVE_INFINITY : Math.round(amount * 100)
  return index => {
    const arrears = timeline.arrearsCents[index] as number
    const exposure = timeline.exposureCents[index] as number
    return !(arrears <= cents) && !(arrears <= materiality.share * exposure)
  }
}

/** What a pack says of each class, by rank. */
interface RulesByRank {
  /** The upgrade rule: the class's own, or that of the next milder class that has one. */
  readonly upgradeOf: readonly (UpgradeRule | undefined)[]
  readonly isFinal: readonly boolean[]
  /** Most days that a class counts. */
  readonly lastDays: readonly number[]
}

/** By pack: a server reads the same few clocks for every account. */
const known = new WeakMap<RulePack, RulesByRank>()

function rulesByRank(pack: RulePack): RulesByRank {
  const before = known.get(pack)
  if (before !== undefined) return before
  let rule: UpgradeRule | undefined
  const rules = {
    upgradeOf: pack.classes.map(({ id }) => {
      rule = pack.upgrades.find(({ from }) => from === id) ?? rule
      return rule
    }),
    isFinal: pack.classes.map(one => one.final),
    lastDays: pack.classes.map(one => one.daysPastDue.to ?? Number.POSITIVE_INFINITY),
  }
  known.set(pack, rules)
  return rules
}

/** The day on which months and instalments are both reached; instalments that won't come are not waited for. */
function probationEnd(rule: UpgradeRule, start: Day, dueDays: readonly Day[]): Day {
  const byMonths = addMonths(start, rule.months)
  if (rule.instalments === 0) return byMonths
  const after = dueDays.filter(day => day > start)
  return Math.max(byMonths, (after[rule.instalments - 1] ?? after.at(-1) ?? start) + 1)
}

interface RestructuringFloor {
  /** The least rank on a day; to be asked in ascending order of days. */
  at(day: Day, clean: boolean): number
  /** What is left of it after the last day asked about; null: nothing. */
  left(cleanSince: number): Probation | null
}

/** Where restructurings keep an account: from each on for its months, and until nothing is overdue. Null: nowhere. */
function restructuringFloor(pack: RulePack, timeline: OverdueTimeline): RestructuringFloor | null {
  const rule = pack.restructured
  const rank = pack.classes.findIndex(({ id }) => id === rule?.atLeast)
  const above = rule?.ifNpvLossAbove
  const open = timeline.restructurings
    .filter(({ npvLoss }) => rule !== undefined && (above === undefined || npvLoss === null || npvLoss > above))
    .map(({ on }) => ({ on, endsOn: addMonths(on, rule?.months ?? 0), over: false, begun: false }))
  if (rule === undefined || open.length === 0) return null
  return {
    at: (day, clean) => {
      let floor = 0
      for (const one of open) {
        if (day < one.on || one.over) continue
        one.begun = true
        if (day >= one.endsOn && clean) one.over = true
        else floor = rank
      }
      return floor
    },
    left: cleanSince => {
      const still = open.filter(one => one.begun && !one.over)
      if (still.length === 0) return null
      const clean = !Number.isNaN(cleanSince)
      return {
        cleanSince: clean ? cleanSince : null,
        endsOn: clean ? Math.max(cleanSince, ...still.map(({ endsOn }) => endsOn)) : null,
        months: rule.months,
        instalments: 0,
      }
    },
  }
}
