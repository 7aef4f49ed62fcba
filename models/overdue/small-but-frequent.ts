/** Small but frequent lapses: an index of its own, because the worst days past due say nothing about them. */

import { addMonths, type Day } from '../../data/index.ts'
import type { OverdueEpisode } from './episodes.ts'

/** When a lapse is small, and how many in a year are as frequent as can be. */
export interface SmallLapseRule {
  /** Most days past due. */
  readonly daysAtMost: number
  /** Most that was past due, in hundredths; null: any amount. */
  readonly centsAtMost: number | null
  /** Small episodes in twelve months at which the index reaches 100. */
  readonly episodesAtFull: number
}

/** Defaults, as an example: up to 30 days, any amount; monthly lapses are 100. */
export const defaultSmallLapseRule: SmallLapseRule = { daysAtMost: 30, centsAtMost: null, episodesAtFull: 12 }

/** How often an account lapses, how little, and whether it is getting closer together. */
export interface SmallButFrequent {
  /** 0 = never, 100 = as often as the rule can tell: small episodes in twelve months over `episodesAtFull`. */
  readonly index: number
  /** Episodes that began in the twelve months up to the as-of date; technical ones are no lapses. */
  readonly episodes: number
  readonly smallEpisodes: number
  /** Technical ones, left out of everything else here. */
  readonly technicalEpisodes: number
  /** Over the episodes; null without any. Amounts in hundredths, null where not known. */
  readonly medianCents: number | null
  readonly medianDays: number | null
  /**
   * Slope of the days between the ends and beginnings of neighbouring episodes, in days per episode (least squares);
   * below 0 they come closer together. Null with fewer than two gaps.
   */
  readonly gapTrend: number | null
  /**
   * Share of the ended episodes that the borrower ended without being contacted and without a restructuring. Where
   * contacts aren't known (`contacts` null) any episode ended by payment counts. Null without ended episodes.
   */
  readonly selfCureShare: number | null
}

/**
 * Summarises the episodes of twelve months.
 *
 * @param contacts - Days on which the borrower was contacted about the account; null if not known.
 */
export function smallButFrequent(
  episodes: readonly OverdueEpisode[],
  asOf: Day,
  contacts: readonly Day[] | null = null,
  rule: SmallLapseRule = defaultSmallLapseRule,
): SmallButFrequent {
  const since = addMonths(asOf, -12)
  const recent = episodes.filter(({ from }) => from > since && from <= asOf)
  const lapses = recent.filter(({ technical }) => !technical)
  const small = lapses.filter(
    ({ days, worstCents }) =>
      days <= rule.daysAtMost && (rule.centsAtMost === null || !(worstCents > rule.centsAtMost)),
  )
  const ended = lapses.filter(({ open }) => !open)
  const gaps = lapses.slice(1).map(({ from }, place) => from - (lapses[place] as OverdueEpisode).to - 1)
  const contacted = ({ from, to }: OverdueEpisode): boolean => (contacts ?? []).some(day => day >= from && day <= to)
  const cured = ended.filter(episode => !episode.restructured && !contacted(episode))
  return {
    index: (100 * Math.min(rule.episodesAtFull, small.length)) / rule.episodesAtFull,
    episodes: lapses.length,
    smallEpisodes: small.length,
    technicalEpisodes: recent.length - lapses.length,
    medianCents: median(lapses.map(({ worstCents }) => worstCents).filter(cents => !Number.isNaN(cents))),
    medianDays: median(lapses.map(({ days }) => days)),
    gapTrend: slope(gaps),
    selfCureShare: ended.length === 0 ? null : cured.length / ended.length,
  }
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  if (sorted.length === 0) return null
  return ((sorted[Math.ceil(middle) - 1] as number) + (sorted[Math.floor(middle)] as number)) / 2
}

/** Slope of a least-squares line over 0, 1, 2 …; null for fewer than two values. */
function slope(values: readonly number[]): number | null {
  if (values.length < 2) return null
  const middle = (values.length - 1) / 2
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  let [above, below] = [0, 0]
  values.forEach((value, place) => {
    above += (place - middle) * (value - mean)
    below += (place - middle) ** 2
  })
  return above / below
}
