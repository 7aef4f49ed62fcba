/** The tables of the portfolio page. */

import { type Html, html, number, percent } from '../report/html.ts'
import type { PortfolioReport } from './summarise-portfolio.ts'

/** Shares past due among what owes anything. */
interface Shares {
  readonly any: number
  readonly over30: number
  readonly over90: number
}

/** Shares past due at each month's end, by count and by balance (null where not known). */
export function stockShares(
  report: PortfolioReport,
): { readonly month: string; readonly count: Shares; readonly amount: Shares | null }[] {
  const shares = (stock: readonly number[]): Shares => {
    const all = stock.reduce((sum, one) => sum + one, 0)
    const from = (bucket: number): number =>
      all === 0 ? 0 : stock.slice(bucket).reduce((sum, one) => sum + one, 0) / all
    return { any: from(1), over30: from(2), over90: from(4) }
  }
  return report.rollRates.months.map(({ month, counts, amounts }) => ({
    month,
    count: shares(counts),
    amount: amounts === null ? null : shares(amounts),
  }))
}

function table(head: readonly string[], rows: readonly Html[], caption?: string): Html {
  return html`<div class="scroll"><table>${caption === undefined ? html`` : html`<caption>${caption}</caption>`}
<thead><tr>${head.map(name => html`<th>${name}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`
}

/** Roll rates and flow to loss. */
export function rollTable({ rollRates: { rolls, matrix } }: PortfolioReport): Html {
  const amounts = matrix.amounts !== null
  return table(
    ['Roll', 'By count', 'Flow to loss', ...(amounts ? ['By amount', 'Flow to loss'] : [])],
    rolls.map(
      roll => html`<tr><th>${roll.from} → ${roll.to}</th><td>${percent(roll.count, 1)}</td><td>${percent(roll.flowToLossCount, 2)}</td>
${amounts ? html`<td>${percent(roll.amount, 1)}</td><td>${percent(roll.flowToLossAmount, 2)}</td>` : html``}</tr>`,
    ),
    amounts ? 'Roll rates' : 'Roll rates (amounts are not known)',
  )
}

/** Months on book shown as columns. */
const monthsShown = [3, 6, 9, 12, 18, 24, 36, 48] as const

/** Vintages by quarter at a few months on book. */
export function vintageTable({ vintages }: PortfolioReport): Html {
  const longest = Math.max(0, ...vintages.quarters.map(({ everShare }) => everShare.length - 1))
  const shown = monthsShown.filter(month => month <= longest)
  if (shown.length === 0) return html`<p>No quarter’s accounts are all in the data for three months.</p>`
  return table(
    ['Opened', 'Accounts', ...shown.map(month => `${month} months`)],
    vintages.quarters.map(
      ({ cohort, accounts, everShare }) =>
        html`<tr><th>${cohort}</th><td>${accounts.toLocaleString('en')}</td>${shown.map(month => html`<td>${everShare[month] === undefined ? '' : percent(everShare[month], 1)}</td>`)}</tr>`,
    ),
    `Ever ${vintages.daysPastDue}+ days past due`,
  )
}

/** One table per rule pack and kind of product. */
export function classSection({ classes, dataset }: PortfolioReport): Html {
  const tables = classes.map(one => {
    const accounts = one.classes.reduce((sum, row) => sum + row.accounts, 0)
    const balances = one.classes.reduce((sum, row) => sum + (row.balance ?? 0), 0)
    const amounts = one.classes.some(({ balance }) => balance !== null)
    return html`<div>${table(
      ['Class', 'Accounts', 'Share', 'Held', ...(amounts ? [`Balance, ${dataset.currency}`, 'Share'] : [])],
      one.classes.map(
        row => html`<tr><th>${row.class}${row.nonPerforming ? ' *' : ''}</th><td>${row.accounts.toLocaleString('en')}</td><td>${percent(row.accounts / accounts, 1)}</td><td>${row.onProbation.toLocaleString('en')}</td>
${amounts ? html`<td>${Math.round(row.balance ?? 0).toLocaleString('en')}</td><td>${percent(balances === 0 ? null : (row.balance ?? 0) / balances, 1)}</td>` : html``}</tr>`,
      ),
      `${one.title.en} (${one.product === 'loan' ? 'loans' : 'lines'})`,
    )}<p><small>Version ${one.version}. ${one.source}.</small></p></div>`
  })
  return html`<div class="tables">${tables}</div><p><small>* non-performing. Held: kept in the class by a probation or a restructuring although days past due alone say better.</small></p>`
}

/** Cures by bucket. */
export function cureSection({ cures }: PortfolioReport): Html {
  const known = cures.some(({ selfCured }) => selfCured !== null)
  const share = (part: number | null, all: number): string => percent(part === null || all === 0 ? null : part / all, 1)
  return html`${table(
    ['Bucket', 'Account-months', 'Cured', '… by payment', '… without contact', 'Cured, by balance'],
    cures.map(
      row =>
        html`<tr><th>${row.bucket}</th><td>${row.accounts.toLocaleString('en')}</td><td>${share(row.cured, row.accounts)}</td><td>${share(row.curedByPayment, row.accounts)}</td><td>${share(row.selfCured, row.accounts)}</td><td>${row.amount === null ? '–' : share(row.amountCured, row.amount)}</td></tr>`,
    ),
    'Cured within a month',
  )}${known ? html`` : html`<p>The data set has no contacts, so no cure is known to be a self-cure: “by payment” also counts those after a contact.</p>`}`
}

/** One table per way of grouping. */
export function concentrationSection({ concentration, dataset }: PortfolioReport): Html {
  const tables = concentration.map(({ by, groups, herfindahl }) => {
    const all = groups.reduce((sum, { accounts }) => sum + accounts, 0)
    const amounts = groups.some(({ balance }) => balance !== null)
    return html`<div>${table(
      ['Group', 'Accounts', 'Share', ...(amounts ? [`Balance, ${dataset.currency}`] : []), 'Past due', '30+ days'],
      groups.map(
        row =>
          html`<tr><th>${row.group}</th><td>${row.accounts.toLocaleString('en')}</td><td>${percent(row.accounts / all, 1)}</td>${amounts ? html`<td>${Math.round(row.balance ?? 0).toLocaleString('en')}</td>` : html``}<td>${percent(row.overdue / row.accounts, 1)}</td><td>${percent(row.overdue30 / row.accounts, 2)}</td></tr>`,
      ),
      `By ${by}; index ${number(herfindahl, 2)}`,
    )}</div>`
  })
  return html`<div class="tables">${tables}</div>`
}

/** Outages listed on the page; the JSON has all. */
const outagesShown = 30

/** Outages found, the latest first. */
export function outageSection({ outages }: PortfolioReport): Html {
  if (outages.length === 0) {
    return html`<p>None found. They are looked for where payments say the bank, and best the hour of the attempt too.</p>`
  }
  const hours = ({ hours: range }: PortfolioReport['outages'][number]): string =>
    range === null ? '' : `${range[0]}–${range[1] + 1} h`
  return html`${table(
    ['Day', 'Bank', 'Channel', 'Hours', 'Attempts', 'Failed', 'Usual'],
    outages
      .slice(-outagesShown)
      .reverse()
      .map(
        outage =>
          html`<tr><th>${outage.day}</th><td>${outage.bank ?? ''}</td><td>${outage.channel ?? ''}</td><td>${hours(outage)}</td><td>${outage.attempts.toLocaleString('en')}</td><td>${outage.failures.toLocaleString('en')}</td><td>${number(outage.expected, 1)}</td></tr>`,
      ),
    outages.length > outagesShown ? `The latest ${outagesShown} of ${outages.length}` : `${outages.length} found`,
  )}`
}
