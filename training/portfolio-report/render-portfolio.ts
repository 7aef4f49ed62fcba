/** `portfolio.html`: one self-contained page on how a portfolio's accounts fall behind, recover, and where they stand. */

import { groupedBarFigure, linesFigure, matrixFigure } from '../../models/index.ts'
import { figure, type Html, html, percent, raw, together } from '../report/html.ts'
import { style } from '../report/style.ts'
import { buckets, paidOff } from './month-status.ts'
import {
  classSection,
  concentrationSection,
  cureSection,
  outageSection,
  rollTable,
  stockShares,
  vintageTable,
} from './portfolio-tables.ts'
import type { PortfolioReport } from './summarise-portfolio.ts'

/** Tables side by side where there is room, and matrices that scroll rather than shrink until nobody can read them. */
const furtherStyle = `
caption { text-transform: none }
.tables { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 500px), 1fr)); gap: 1rem 1.25rem; margin: 1rem 0 }
.tables > div { min-width: 0 }
.tables th, .tables td { padding: .3rem .35rem; font-size: .8rem }
.tables p { margin-top: .2rem; color: var(--soft) }
.matrices { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 480px), 1fr)); gap: 1.25rem; margin: 1rem 0 }
.matrices figure { overflow-x: auto }
.matrices svg { min-width: 460px }
`

/** Renders the page. */
export async function renderPortfolio(report: PortfolioReport): Promise<string> {
  const { dataset } = report
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${dataset.name} · Harbinger portfolio report</title>
<style>${raw(style + furtherStyle)}</style>
</head>
<body>
<main>
<header>
<p class="kicker">Harbinger portfolio report</p>
<h1>${dataset.name}</h1>
<p>${report.accounts.toLocaleString('en')} accounts of ${report.borrowers.toLocaleString('en')} borrowers, ${report.accountMonths.toLocaleString('en')} account-months up to ${report.month}${dataset.calendar === 'relative' ? ' (relative calendar: months are in order, but stand for no real dates)' : ''}.</p>
</header>
${headline(report)}
<section><h2>Overdue over time</h2>
<p>Share of the accounts that owe anything, at each month’s end, by what was known then.</p>
<div class="figures">${await stockFigures(report)}</div></section>
<section><h2>Roll rates</h2>
<p>A roll rate is what is in a bucket at a month’s end over what was in the bucket before it a month earlier. Accounts that leave while past due are taken for written off (loss), and count as rolled; into the last bucket that anything is in, and in which accounts stay, only those count that come from the one before. Flow to loss is the product of the roll rates from a bucket to that one.</p>
${rollTable(report)}
<div class="matrices">${await matrixFigures(report)}</div></section>
<section><h2>Vintages</h2>
<p>Share of the accounts opened in a quarter that have ever been ${report.vintages.daysPastDue}+ days past due, by months on book. Cells that a cohort hasn’t reached are left out.${report.vintages.openingUnknown === 0 ? '' : ` The opening of ${report.vintages.openingUnknown.toLocaleString('en')} accounts isn’t known: their first month in the data is taken for it.`}</p>
<div class="figures">${await vintageFigures(report)}</div>
${vintageTable(report)}</section>
<section><h2>Legal classes on ${report.month}</h2>
<p>One timeline of days past due, seen through each rule pack. It is made of month-end days past due: pauses, technical overdue and lapses within a month don’t show, and each month stands for one instalment. A restructuring whose loss of present value isn’t known counts as one above the limit.</p>
${classSection(report)}</section>
<section><h2>Cures</h2>
<p>Of the accounts past due at a month’s end, those that owe nothing overdue at the next.</p>
<div class="figures">${await cureFigures(report)}</div>
${cureSection(report)}</section>
<section><h2>Concentration on ${report.month}</h2>
<p>Accounts that owe anything. The Herfindahl–Hirschman index is 1 where all are in one group, and 1/n where they are spread evenly over n.</p>
${concentrationSection(report)}</section>
<section><h2>Failed debits that were nobody’s fault</h2>
<p>Hours in which far more automatic debits through one bank failed than its usual rate explains (one false alarm in a hundred portfolios). Overdue that begins with such a failure is technical: it belongs to care, not to collection.</p>
${outageSection(report)}</section>
<section><h2>Data</h2>
<dl>
<dt>Fingerprint</dt><dd><code>${dataset.fingerprint}</code></dd>
<dt>Data cut</dt><dd>${dataset.dataCutOn}</dd>
<dt>Currency</dt><dd>${dataset.currency}</dd>
</dl></section>
</main>
</body>
</html>
`
  return page.markup
}

function headline(report: PortfolioReport): Html {
  const shares = stockShares(report)
  const now = shares.at(-1)
  const owing = report.rollRates.months.at(-1)
  const amount = owing?.amounts?.reduce((sum, one) => sum + one, 0)
  const m1 = report.cures[0]
  const tile = (name: string, value: string, note: string): Html =>
    html`<div class="tile"><div class="name">${name}</div><div class="value">${value}</div><div class="note">${note}</div></div>`
  return html`<section class="tiles">
${tile('Accounts that owe', (owing?.counts.reduce((sum, one) => sum + one, 0) ?? 0).toLocaleString('en'), amount === undefined ? 'amounts not known' : `${Math.round(amount).toLocaleString('en')} ${report.dataset.currency} owed`)}
${tile('Past due', percent(now?.count.any, 1), 'of these accounts')}
${tile('31+ days', percent(now?.count.over30, 2), now?.amount === null || now === undefined ? '' : `${percent(now.amount.over30, 2)} of the balance`)}
${tile('91+ days', percent(now?.count.over90, 2), now?.amount === null || now === undefined ? '' : `${percent(now.amount.over90, 2)} of the balance`)}
${tile('Cured out of M1', m1 === undefined || m1.accounts === 0 ? '–' : percent(m1.cured / m1.accounts, 1), 'within a month')}
</section>`
}

function stockFigures(report: PortfolioReport): Promise<Html> {
  const shares = stockShares(report)
  const lines = (of: 'count' | 'amount') =>
    (['any', 'over30', 'over90'] as const).map((key, place) => ({
      name: ['1+ days', '31+ days', '91+ days'][place] ?? key,
      points: shares.flatMap(({ month, [of]: share }) => (share === null ? [] : [{ x: month, y: share[key] }])),
    }))
  const drawn = (of: 'count' | 'amount', caption: string) =>
    figure(caption, linesFigure(caption, { x: 'Month', y: 'Share', kind: 'months' }, lines(of)))
  const amounts = shares.some(({ amount }) => amount !== null)
  return together([
    drawn('count', 'Share of accounts past due'),
    ...(amounts ? [drawn('amount', 'Share of the balance past due')] : []),
  ])
}

function matrixFigures({ rollRates: { matrix } }: PortfolioReport): Promise<Html> {
  const drawn = (caption: string, cells: readonly (readonly number[])[]) => {
    const shares = cells.map(row => {
      const all = row.reduce((sum, cell) => sum + cell, 0)
      return row.map(cell => (all === 0 ? null : cell / all))
    })
    return figure(
      caption,
      matrixFigure(caption, { from: 'Month’s end', to: 'A month later' }, matrix.from, matrix.to, shares),
    )
  }
  return together([
    drawn('Transitions by count', matrix.counts),
    ...(matrix.amounts === null ? [] : [drawn('Transitions by amount', matrix.amounts.slice(0, paidOff))]),
  ])
}

function vintageFigures({ vintages }: PortfolioReport): Promise<Html> {
  const lines = vintages.quarters.map(({ cohort, everShare }) => ({
    name: cohort,
    points: everShare.map((y, x) => ({ x, y })),
  }))
  const caption = `Ever ${vintages.daysPastDue}+ by quarter of opening`
  return together(
    lines.length === 0
      ? []
      : [figure(caption, linesFigure(caption, { x: 'Months on book', y: 'Share of accounts', kind: 'number' }, lines))],
  )
}

function cureFigures({ cures }: PortfolioReport): Promise<Html> {
  const bars = cures.flatMap(({ bucket, accounts, cured, selfCured, amount, amountCured }) => {
    if (accounts === 0) return []
    return [
      { group: bucket, series: 'Cured', share: cured / accounts },
      ...(selfCured === null ? [] : [{ group: bucket, series: 'Without contact', share: selfCured / accounts }]),
      ...(amount === null || amountCured === null || amount === 0
        ? []
        : [{ group: bucket, series: 'Cured, by balance', share: amountCured / amount }]),
    ]
  })
  const caption = `Cured within a month, by bucket (${buckets[1]} … ${buckets.at(-1)})`
  return together(
    bars.length === 0 ? [] : [figure(caption, groupedBarFigure(caption, { x: 'Bucket', y: 'Share' }, bars))],
  )
}
