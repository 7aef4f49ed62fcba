/** The portfolio report for a terminal. */

import Table from 'cli-table3'
import { percent } from '../report/html.ts'
import type { PortfolioReport } from './summarise-portfolio.ts'

/** Roll rates, classes and cures as tables of text. */
export function portfolioTables(report: PortfolioReport): string {
  const rolls = new Table({
    head: ['Roll', 'By count', 'Flow to loss', 'By amount', 'Flow to loss'],
    style: { head: [] },
  })
  for (const roll of report.rollRates.rolls) {
    rolls.push([
      `${roll.from} → ${roll.to}`,
      percent(roll.count, 1),
      percent(roll.flowToLossCount, 2),
      percent(roll.amount, 1),
      percent(roll.flowToLossAmount, 2),
    ])
  }
  const classes = new Table({ head: ['Rule pack', 'Product', 'Accounts by class'], style: { head: [] } })
  for (const one of report.classes) {
    const text = one.classes.map(({ class: id, accounts }) => `${id} ${accounts.toLocaleString('en')}`)
    classes.push([one.pack, one.product, text.join(', ')])
  }
  const cures = new Table({ head: ['Bucket', 'Account-months', 'Cured', 'Without contact'], style: { head: [] } })
  for (const { bucket, accounts, cured, selfCured } of report.cures) {
    const share = (part: number | null): string => percent(part === null || accounts === 0 ? null : part / accounts, 1)
    cures.push([bucket, accounts.toLocaleString('en'), share(cured), share(selfCured)])
  }
  return [rolls, classes, cures].map(table => table.toString()).join('\n')
}
