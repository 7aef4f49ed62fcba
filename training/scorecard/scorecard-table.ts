/** The points table of a scorecard for a terminal. */

import Table from 'cli-table3'
import type { Scorecard } from '../../models/index.ts'

/** One line per bin: what belongs to it, how many rows, how often the event came, WOE and points. */
export function scorecardTable(card: Scorecard): string {
  const table = new Table({
    head: ['Feature', 'Bin', 'Rows', 'Event rate', 'WOE', 'Points'],
    style: { head: [], border: [] },
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right'],
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  })
  for (const { name, informationValue, bins } of card.features) {
    const seen = bins.filter(({ rows }) => rows > 0)
    seen.forEach(({ label, rows, eventRate, woe, points }, place) => {
      table.push([
        place === 0 ? name : place === 1 ? `  information value ${informationValue.toFixed(3)}` : '',
        label,
        Math.round(rows),
        eventRate === null ? '–' : `${(100 * eventRate).toFixed(1)} %`,
        woe.toFixed(3),
        Math.round(points),
      ])
    })
  }
  const { offset, factor } = card.scale
  return [
    `Scorecard for the event within ${card.horizonMonths} months: add up one line per feature; more points are safer.`,
    table.toString(),
    `Log-odds of the event = (${offset.toFixed(2)} − points) / ${factor.toFixed(2)}. WOE = ln(share of goods / share of events).`,
  ].join('\n')
}
