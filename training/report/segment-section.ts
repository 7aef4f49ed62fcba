/** The report's section on groups of borrowers: figures by group, and how evenly the model treats them. */

import type { TraitFairness } from '../fairness.ts'
import { type Html, html } from './html.ts'

/** Ratio below which adverse impact is suspected (29 CFR 1607.4(D)). */
const fourFifths = 0.8

/**
 * Tables of every trait that is known.
 *
 * @param months - Horizon judged, such as `3`.
 * @param isProtectedUsed - Whether the model uses protected facts.
 */
export function segmentSection(traits: readonly TraitFairness[], months: string, isProtectedUsed: boolean): Html {
  if (traits.length === 0) {
    return html`<section><h2>Groups of borrowers</h2><p>The data set brings no age, sex, marital status, product, channel or age of the file that would divide the test rows: whether the model treats groups evenly can’t be said.</p></section>`
  }
  return html`<section><h2>Groups of borrowers</h2>
<p>At ${months} month${months === '1' ? '' : 's'}, warning the riskiest tenth of the test rows. The <i>four-fifths ratio</i> is the lowest share of rows <i>not</i> warned over the highest; below ${fourFifths} it counts as adverse impact where a warning is to a borrower’s disadvantage (29 CFR 1607.4(D), made for hiring, used as a custom). The <i>equal opportunity difference</i> is the widest gap in the share of events that are warned (Hardt, Price &amp; Srebro 2016). Groups differ in risk, so differences in shares warned are expected; a model that is right for each group has mean PD and event rate side by side.</p>
<p>Protected facts (sex, marital status) are ${isProtectedUsed ? 'used by this model: check that the law lets you' : 'not used by this model'}.</p>
${traits.map(traitTable)}</section>`
}

function traitTable(fairness: TraitFairness): Html {
  const { trait, groups, fourFifthsRatio, warnedRatio, equalOpportunityDifference } = fairness
  return html`<h3>${trait}</h3><div class="scroll"><table><thead><tr><th>Group</th><th>Rows</th><th>Events</th><th>Mean PD</th><th>Event rate</th><th>AUC</th><th>Warned</th><th>Events warned</th></tr></thead><tbody>
${groups.map(group => html`<tr><th>${group.group}</th><td>${group.rows.toLocaleString('en')}</td><td>${group.events.toLocaleString('en')}</td><td>${percent(group.meanPd)}</td><td>${percent(group.eventRate)}</td><td>${group.auc === null ? '–' : group.auc.toFixed(3)}</td><td>${percent(group.warnedShare)}</td><td>${percent(group.eventsWarned)}</td></tr>`)}
</tbody></table></div>
<p>Four-fifths ratio ${fourFifthsRatio.toFixed(2)}${fourFifthsRatio < fourFifths ? html` <b>(below ${fourFifths})</b>` : html``}; ratio of shares warned ${warnedRatio.toFixed(2)}; equal opportunity difference ${equalOpportunityDifference === null ? '–' : equalOpportunityDifference.toFixed(2)}.</p>`
}

function percent(value: number | null): string {
  return value === null ? '–' : `${(100 * value).toFixed(1)} %`
}
