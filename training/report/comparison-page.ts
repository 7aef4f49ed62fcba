/** A comparison of two versions as a page of its own, and as tables for a terminal. */

import Table from 'cli-table3'
import { figureNames, type ModelComparison, verdictOf } from '../compare-models.ts'
import { comparedFigures, type PairedComparison } from '../paired-bootstrap.ts'
import { type Html, html, raw } from './html.ts'
import { style } from './style.ts'

/** Two tables and the recommendation, at most 100 columns wide. */
export function comparisonTable(comparison: ModelComparison): string {
  const { a, b } = comparison
  const table = new Table({
    head: ['', 'Months', 'Figure', `A ${a.name}/${a.version}`, `B ${b.name}/${b.version}`, 'B − A (95 %)', ''],
    style: { head: [], border: [] },
    colAligns: ['left', 'right', 'left', 'right', 'right', 'left', 'left'],
  })
  for (const [part, horizons] of Object.entries({ All: comparison.horizons, Active: comparison.active })) {
    for (const [months, { figures }] of Object.entries(horizons)) {
      for (const name of ['auc', 'logLoss'] as const) {
        const { a: left, b: right, difference, interval } = figures[name]
        const verdict = verdictOf(name, interval)
        table.push([
          part,
          months,
          figureNames[name],
          left.toFixed(4),
          right.toFixed(4),
          `${signed(difference)} [${signed(interval[0])}, ${signed(interval[1])}]`,
          verdict === 'same' ? '' : `B ${verdict}`,
        ])
      }
    }
  }
  return [
    `On ${comparison.rows} rows of ${comparison.borrowers} borrowers of ${comparison.data} that neither was trained on:`,
    table.toString(),
    ...comparison.caveats.map(caveat => `Note: ${caveat}.`),
    recommendationText(comparison),
  ].join('\n')
}

/** The recommendation in a sentence. */
function recommendationText({ a, b, recommendation }: ModelComparison): string {
  const { use, isDecided, because } = recommendation
  if (use === 'b') return `Recommended: replace ${a.name}/${a.version} by ${b.name}/${b.version} (${because}).`
  return `Recommended: keep ${a.name}/${a.version} (${isDecided ? `${b.name}/${b.version} is ${because}` : because}).`
}

/** The whole comparison as a page without scripts. */
export function renderComparison(comparison: ModelComparison): string {
  const { a, b } = comparison
  const title = `${a.name}/${a.version} and ${b.name}/${b.version}`
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Harbinger comparison</title>
<style>${raw(style)}</style>
</head>
<body>
<main>
<header><p class="kicker">Harbinger comparison</p><h1>${title}</h1>
<p>On ${comparison.rows.toLocaleString('en')} rows of ${comparison.borrowers.toLocaleString('en')} borrowers of <b>${comparison.data}</b> that neither was trained on. Intervals are 95 %, from drawing whole borrowers with replacement, the same for both.</p></header>
<p class="verdict">${recommendationText(comparison)}</p>
${comparison.caveats.map(caveat => html`<p><b>Note:</b> ${caveat}.</p>`)}
<section><h2>All rows</h2>${pairedTable(comparison.horizons, 'A', 'B')}</section>
<section><h2>Accounts open on the as-of date</h2>${pairedTable(comparison.active, 'A', 'B')}</section>
<section><h2>The versions</h2><div class="scroll"><table><thead><tr><th></th><th>Version</th><th>Made</th><th>Features</th></tr></thead><tbody>
${[a, b].map((model, place) => html`<tr><th>${place === 0 ? 'A, in use' : 'B'}</th><td>${model.name}/${model.version}</td><td>${model.createdAt.slice(0, 16).replace('T', ' ')}</td><td>${model.features}</td></tr>`)}
</tbody></table></div></section>
</main>
</body>
</html>
`.markup
}

/** Figures of two scores and their differences, by horizon. */
export function pairedTable(horizons: Readonly<Record<string, PairedComparison>>, a: string, b: string): Html {
  return html`<div class="scroll"><table><thead><tr><th>Months</th><th>Rows</th><th>Events</th><th class="word">Figure</th><th>${a}</th><th>${b}</th><th>${b} − ${a}</th><th>95 % interval</th><th></th></tr></thead><tbody>
${Object.entries(horizons).flatMap(([months, { rows, events, figures }]) =>
  comparedFigures.map((name, place) => {
    const { a: left, b: right, difference, interval } = figures[name]
    const verdict = verdictOf(name, interval)
    return html`<tr>${place === 0 ? html`<th>${months}</th><td>${rows.toLocaleString('en')}</td><td>${events.toLocaleString('en')}</td>` : html`<th></th><td></td><td></td>`}<td class="text">${figureNames[name]}</td><td>${left.toFixed(4)}</td><td>${right.toFixed(4)}</td><td>${signed(difference)}</td><td>${signed(interval[0])} … ${signed(interval[1])}</td><td>${verdict === 'same' ? '' : `${b} ${verdict}`}</td></tr>`
  }),
)}
</tbody></table></div>`
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`
}
