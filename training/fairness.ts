/** How evenly a model treats groups: who is warned, who of those in need is warned, and whether PDs are right for each. */

import { areaUnderRoc } from '../models/index.ts'
import type { ScoredTest } from './evaluation.ts'
import { rowsAtHorizon } from './rows-at-horizon.ts'
import type { Segmentation } from './segments.ts'

/** One group of a trait at one horizon. */
export interface GroupFigures {
  readonly group: string
  readonly rows: number
  readonly events: number
  /** Mean PD, and share with the event. */
  readonly meanPd: number
  readonly eventRate: number
  /** null if the group is of one class. */
  readonly auc: number | null
  /** Share of the rows that is warned. */
  readonly warnedShare: number
  /** Share of the rows with an event that is warned: the true-positive rate; null without an event. */
  readonly eventsWarned: number | null
}

/** One trait. */
export interface TraitFairness {
  readonly trait: string
  readonly isProtected: boolean
  readonly groups: readonly GroupFigures[]
  /**
   * Four-fifths ratio: the lowest share of rows that are not warned over the highest; below 0.8 is taken as adverse
   * impact where a warning is to a borrower's disadvantage.
   *
   * @see Uniform Guidelines on Employee Selection Procedures, 29 CFR 1607.4(D), the rule's origin
   */
  readonly fourFifthsRatio: number
  /** The same of the shares warned, for a warning that brings help. */
  readonly warnedRatio: number
  /**
   * Equal opportunity difference: highest less lowest share of events warned; null if a group has no event.
   *
   * @see Hardt, Price & Srebro (2016), Equality of Opportunity in Supervised Learning
   */
  readonly equalOpportunityDifference: number | null
}

/** Share of rows warned when groups are compared. */
const warnedShare = 0.1

/** Judges the riskiest tenth of rows at a horizon as warned, and compares the groups of each trait. */
export function judgeFairness(
  test: ScoredTest,
  segmentations: readonly Segmentation[],
  horizon: number,
): TraitFairness[] {
  const { rows, events } = rowsAtHorizon(test, horizon)
  const pd = Float64Array.from(rows, row => test.pd[horizon - 1]?.[row] as number)
  const threshold = Float64Array.from(pd).sort()[Math.floor(pd.length * (1 - warnedShare))] ?? Number.NaN
  return segmentations.map(({ trait, isProtected, groups }) => {
    const judged = Object.entries(groups).map(([group, member]) => {
      const places = [...rows.keys()].filter(place => member[rows[place] as number] === 1)
      return judgeGroup(
        group,
        Float64Array.from(places, place => pd[place] as number),
        Uint8Array.from(places, place => events[place] as number),
        threshold,
      )
    })
    const warned = judged.map(({ warnedShare }) => warnedShare)
    const opportunities = judged.map(({ eventsWarned }) => eventsWarned)
    return {
      trait,
      isProtected,
      groups: judged,
      fourFifthsRatio: ratio(warned.map(share => 1 - share)),
      warnedRatio: ratio(warned),
      equalOpportunityDifference: opportunities.every(share => share !== null)
        ? Math.max(...opportunities) - Math.min(...opportunities)
        : null,
    }
  })
}

function judgeGroup(group: string, pd: Float64Array, events: Uint8Array, threshold: number): GroupFigures {
  const happened = events.reduce((sum, event) => sum + event, 0)
  const warned = pd.reduce((sum, value) => sum + (value >= threshold ? 1 : 0), 0)
  const warnedEvents = events.reduce(
    (sum, event, row) => sum + (event === 1 && (pd[row] as number) >= threshold ? 1 : 0),
    0,
  )
  const rows = Math.max(1, pd.length)
  return {
    group,
    rows: pd.length,
    events: happened,
    meanPd: pd.reduce((sum, value) => sum + value, 0) / rows,
    eventRate: happened / rows,
    auc: happened === 0 || happened === pd.length ? null : areaUnderRoc(pd, events),
    warnedShare: warned / rows,
    eventsWarned: happened === 0 ? null : warnedEvents / happened,
  }
}

function ratio(shares: readonly number[]): number {
  const highest = Math.max(...shares)
  return highest === 0 ? 1 : Math.min(...shares) / highest
}
