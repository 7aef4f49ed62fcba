/** What a policy would have done, as tables on the console. */

import Table from 'cli-table3'
import { warningLevels } from '../../models/index.ts'
import type { PolicySimulation } from './simulate-policy.ts'

/** Tables of a simulation and what they say in words. */
export function simulationTable(result: PolicySimulation): string {
  const percent = (part: number, of: number): string => (of === 0 ? '–' : `${((100 * part) / of).toFixed(1)} %`)
  const treatments = new Table({
    head: ['Treatment', 'Decisions', 'Accounts', 'Cost', 'Event followed', 'Held back'],
    style: { head: [] },
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right'],
  })
  for (const one of result.treatments) {
    const followed = percent(one.events, one.known)
    treatments.push([one.treatment, one.decisions, one.accounts, one.cost, followed, one.withheld])
  }
  const months = new Table({
    head: ['Month', 'Accounts', ...warningLevels, 'Changed level', 'Served', 'Saving', 'Unserved', 'Saving lost'],
    style: { head: [] },
  })
  for (const one of result.months) {
    const { served, expectedSaving, unserved, unservedSaving } = one.worklist
    const levels = warningLevels.map(level => one.levels[level])
    months.push([
      one.month,
      one.accounts,
      ...levels,
      one.levelChanges,
      served,
      expectedSaving,
      unserved,
      unservedSaving,
    ])
  }
  const { events, warned, leadMonths, falseAlarms, from } = result.warnings
  const lead =
    leadMonths === null
      ? ''
      : ` Lead time: median ${leadMonths.median} months, half of them between ${leadMonths.p25} and ${leadMonths.p75}.`
  const arms = result.holdOut.map(({ treatment, uplift }) => {
    const { treated, holdOut, difference, interval, told } = uplift
    const rates = `${percent(treated.events, treated.accounts)} of ${treated.accounts} treated, ${percent(holdOut.events, holdOut.accounts)} of ${holdOut.accounts} held out`
    if (difference === null || interval === null) return `- ${treatment}: ${rates}.`
    const points = [difference, ...interval].map(value => (100 * value).toFixed(1))
    const verdict = told ? '' : '; chance alone may explain it'
    return `- ${treatment}: ${rates}; difference ${points[0]} points (95 %: ${points[1]} to ${points[2]})${verdict}.`
  })
  return [
    `Policy ${result.policy.name}, version ${result.policy.version} (${result.policy.hash}), ${result.from} to ${result.to}`,
    treatments.toString(),
    `Total cost ${result.cost}.`,
    months.toString(),
    `Of ${events} accounts that came to the event, ${warned} (${percent(warned, events)}) were at ${from} or above before it.${lead} ${falseAlarms} warned accounts came to none.`,
    'Hold-out (in the past nobody was treated by this policy: a difference shows only where the data were made under it):',
    ...arms,
  ].join('\n')
}
