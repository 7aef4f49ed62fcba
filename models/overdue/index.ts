/** The door of the overdue side: one timeline of days past due, seen through each legal clock. */

export { type ClassPeriod, classPeriods } from './class-periods.ts'
export {
  type ClassifyContext,
  type ClockStatus,
  classifyAccount,
  classifyMonths,
  classNow,
  type OverdueStatus,
  type PresentStatus,
  productOf,
} from './classify.ts'
export { type ClassReason, type ClockReading, classReasons, type Probation, rankOf, readClock } from './clock.ts'
export { type OverdueEpisode, overdueEpisodes } from './episodes.ts'
export { monthTimeline } from './month-timeline.ts'
export { knownPauses, type Pause, pausedDays } from './pauses.ts'
export { type ProductKind, productKinds, type RulePack, rulePackSchema } from './rule-pack.ts'
export { packsInForce, parseRulePack, readRulePacks } from './rule-packs.ts'
export {
  defaultSmallLapseRule,
  type SmallButFrequent,
  type SmallLapseRule,
  smallButFrequent,
} from './small-but-frequent.ts'
export {
  type OverdueTimeline,
  overdueTimeline,
  type Restructuring,
  restructuringsOf,
  type TimelineContext,
} from './timeline.ts'
