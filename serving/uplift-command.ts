/** `harbinger-server uplift`: what treating did, told by the hold-out arm. */

import Table from 'cli-table3'
import { Command } from 'commander'
import { formatDay, InputError, toDay } from '../data/index.ts'
import { readPolicy, treatmentNames } from '../models/index.ts'
import { readConfig } from './config.ts'
import { type TreatmentUplift, upliftReport } from './decisions/uplift-report.ts'
import { withStore } from './store/borrow-store.ts'

interface Options {
  readonly from: string
  readonly to: string
  readonly horizon: string
  readonly json?: boolean
}

/** Makes the command. */
export function upliftCommand(): Command {
  return new Command('uplift')
    .description(
      'Compares treated borrowers with the hold-out arm, by the outcomes posted since they were decided about.',
    )
    .option('--from <date>', 'first as-of date', '1970-01-01')
    .option('--to <date>', 'last as-of date', '9999-12-31')
    .option('--horizon <months>', 'months after the as-of date’s month in which the event counts', '3')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', '\nExample:\n  harbinger-server uplift --from 2026-01-01 --horizon 3')
    .action(async ({ from, to, horizon, json }: Options) => {
      const config = readConfig()
      const { holdOut } = readPolicy(config.policy).file
      const asked = {
        treatments: treatmentNames.filter(name => holdOut.treatments.includes(name)),
        from: dateOf('--from', from),
        to: dateOf('--to', to),
        horizonMonths: monthsOf(horizon),
      }
      const report = await withStore({ folder: config.store, url: config.databaseUrl }, database =>
        upliftReport(database, asked),
      )
      console.log(json ? JSON.stringify({ ...asked, report }) : tableOf(report))
    })
}

function dateOf(source: string, text: string): string {
  return formatDay(toDay(text, source))
}

function monthsOf(text: string): number {
  const months = Number(text)
  if (Number.isInteger(months) && months >= 1 && months <= 24) return months
  throw new InputError({ source: '--horizon', found: text, expected: 'months from 1 to 24' })
}

function tableOf(report: readonly TreatmentUplift[]): string {
  if (report.length === 0) return 'No account was decided about for a treatment that the policy may hold back.'
  const percent = (value: number | null): string => (value === null ? '–' : `${(100 * value).toFixed(1)} %`)
  const table = new Table({
    head: ['Treatment', 'Treated', 'Events', 'Held out', 'Events', 'Prevented (95 %)', 'Not known yet'],
    style: { head: [] },
  })
  for (const { treatment, uplift: found, unknown } of report) {
    const { treated, holdOut, difference, interval, told } = found
    const points = [difference, ...(interval ?? [])].map(value => ((value ?? Number.NaN) * 100).toFixed(1))
    const says =
      difference === null ? '–' : `${points[0]} points (${points[1]} to ${points[2]})${told ? '' : ': may be chance'}`
    table.push([
      treatment,
      treated.accounts,
      percent(treated.rate),
      holdOut.accounts,
      percent(holdOut.rate),
      says,
      unknown,
    ])
  }
  return table.toString()
}
