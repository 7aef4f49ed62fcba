/** The report's tables on stability, on features that know too much, and on the challenger. */

import type { FeatureDescription } from '../feature-table.ts'
import { leakAuc } from '../honesty.ts'
import type { PairedComparison } from '../paired-bootstrap.ts'
import type { MonthStability } from '../stability.ts'
import { pairedTable } from './comparison-page.ts'
import { type Html, html } from './html.ts'

/** PSI by month, each beside the limit that chance alone would seldom pass. */
export function stabilityTable(months: readonly MonthStability[]): Html {
  if (months.length === 0) return html``
  return html`<p>Population stability index of the PD by as-of month against the calibration rows, over deciles. The limit is what chance alone exceeds once in a thousand times for a month of this size (Yurdakul 2018); the custom of 0.10 and 0.25 stands beside it.</p>
<div class="scroll"><table><thead><tr><th>As-of month</th><th>Rows</th><th>PSI</th><th>Limit</th><th></th></tr></thead><tbody>
${months.map(({ month, rows, psi, limit }) => html`<tr><th>${month}</th><td>${rows.toLocaleString('en')}</td><td>${psi.toFixed(3)}</td><td>${limit.toFixed(3)}</td><td>${psi <= limit ? 'within chance' : psi < 0.1 ? 'moved a little' : psi < 0.25 ? 'moved' : 'moved much'}</td></tr>`)}
</tbody></table></div>`
}

/** A warning that names features whose AUC alone is too good to be known in time; empty if there are none. */
export function leakWarning(leaks: readonly FeatureDescription[]): Html {
  if (leaks.length === 0) return html``
  return html`<p class="verdict">Suspected leak: ${leaks.map(({ name, singleAuc }) => `${name} (AUC alone ${(singleAuc ?? 0).toFixed(3)})`).join(', ')}. A feature that alone reaches ${leakAuc} knows the answer until shown otherwise; don’t use this model before that.</p>`
}

/** The network beside the scorecard on the same rows; empty if no scorecard was trained. */
export function challengerSection(horizons: Readonly<Record<string, PairedComparison>>): Html {
  if (Object.keys(horizons).length === 0) return html``
  return html`<section><h2>What the network buys over a scorecard</h2>
<p>The challenger is a scorecard of weights of evidence, trained on the same rows. Intervals pair both: whole borrowers are drawn, the same for both.</p>
${pairedTable(horizons, 'Scorecard', 'Network')}</section>`
}
