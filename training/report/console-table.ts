/** The figures as a table for a terminal. */

import Table from 'cli-table3'
import type { Evaluation, HorizonFigures } from '../../models/index.ts'

/** The metrics by horizon, then by segment and beside the truth; at most 100 columns wide. */
export function metricsTable(evaluation: Evaluation): string {
  const table = new Table({
    head: ['', 'Months', 'Rows', 'Events', 'AUC (95 %)', 'KS', 'PR-AUC', 'Brier', 'Slope', 'Top 10 %'],
    style: { head: [], border: [] },
    colAligns: ['left', 'right', 'right', 'right', 'left', 'right', 'right', 'right', 'right', 'right'],
  })
  const add = (name: string, figures: Readonly<Record<string, HorizonFigures>>): void => {
    Object.entries(figures).forEach(([horizon, row], place) => {
      const interval = row.intervals.auc
      table.push([
        place === 0 ? name : '',
        horizon,
        row.rows,
        row.events,
        `${number(row.auc)}${interval ? ` [${number(interval[0])}, ${number(interval[1])}]` : ''}`,
        number(row.ks),
        number(row.prAuc),
        number(row.brier, 4),
        number(row.calibrationSlope, 2),
        row.captureTop10 === null ? '–' : `${(100 * row.captureTop10).toFixed(0)} %`,
      ])
    })
  }
  add('Test', evaluation.test)
  for (const [segment, figures] of Object.entries(evaluation.segments)) {
    if (differs(figures, evaluation.test)) add(`… ${segment}`, figures)
  }
  if (evaluation.challenger !== null) add('Scorecard', evaluation.challenger)
  if (evaluation.truth !== null) add('Truth', evaluation.truth.truth)
  return table.toString()
}

/** A segment that is the whole test part says nothing new. */
function differs(a: Readonly<Record<string, HorizonFigures>>, b: Readonly<Record<string, HorizonFigures>>): boolean {
  return Object.entries(a).some(([horizon, { rows }]) => rows > 0 && rows !== b[horizon]?.rows)
}

function number(value: number | null | undefined, digits = 3): string {
  return value === null || value === undefined ? '–' : value.toFixed(digits)
}
