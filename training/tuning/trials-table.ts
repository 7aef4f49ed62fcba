/** The trials of tuning as a table for a terminal. */

import Table from 'cli-table3'
import type { Tuning } from './tune.ts'

/** One line per trial that was run, the best first. */
export function trialsTable({ trials }: Tuning): string {
  const table = new Table({
    head: ['Trial', 'Hidden', 'Dropout', 'Rate ×', 'Decay', 'Epochs', 'Loss', 'Seconds', ''],
    style: { head: [], border: [] },
  })
  for (const { trial, hyperparameters, epochs, loss, seconds, state } of trials) {
    if (loss === null) continue
    const { hidden, dropout, learningRateFactor, weightDecay } = hyperparameters
    table.push([
      trial === 0 ? '0 (defaults)' : trial,
      hidden.join('-'),
      dropout.toFixed(2),
      learningRateFactor.toFixed(2),
      weightDecay.toPrecision(2),
      epochs,
      loss.toFixed(5),
      seconds.toFixed(0),
      state,
    ])
  }
  const left = trials.filter(({ loss }) => loss === null).length
  return left === 0 ? table.toString() : `${table.toString()}\n${left} trials were not run: the time was up.`
}
