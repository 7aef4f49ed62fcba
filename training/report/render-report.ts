/** `report.html`: one self-contained page that shows whether a model can be trusted, and with what. */

import { formatMonth } from '../../data/index.ts'
import {
  areaUnderRoc,
  barFigure,
  calibrationFigure,
  captureFigure,
  catalogue,
  type HorizonFigures,
  histogramFigure,
  horizonFigure,
  ksFigure,
  learningFigure,
  rocFigure,
  timeFigure,
} from '../../models/index.ts'
import { suspectedLeaks } from '../honesty.ts'
import { rowsAtHorizon } from '../rows-at-horizon.ts'
import { figure, type Html, html, number, percent, raw, together } from './html.ts'
import { membersText, tasksText } from './members-text.ts'
import { limits, mainHorizon, type ReportInput } from './report-input.ts'
import { segmentSection } from './segment-section.ts'
import { splitFigure } from './split-figure.ts'
import { challengerSection, leakWarning, stabilityTable } from './stability-section.ts'
import { style } from './style.ts'

/** Features drawn as bars; the table has all. */
const featuresDrawn = 20

const protectedNames = new Set(catalogue.filter(feature => feature.protected === true).map(({ name }) => name))

/** Renders the report of a model. */
export async function renderReport(input: ReportInput): Promise<string> {
  const { manifest } = input
  const { evaluation, label, data } = manifest
  const title = `${manifest.name} ${manifest.version}`
  const main = mainHorizon(input)
  const leaks = suspectedLeaks(input.features)
  const figures = await drawFigures(input, Number(main))
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Harbinger model report</title>
<style>${raw(style)}</style>
</head>
<body>
<main>
<header>
<p class="kicker">Harbinger model report</p>
<h1>${title}</h1>
<p>Probability of ${label.given ? 'the data set’s own event' : `${label.targetDaysPastDue}+ days past due`} within 1 to ${label.horizonMonths} month${label.horizonMonths === 1 ? '' : 's'}, trained on <b>${data.name}</b>, made ${manifest.createdAt.slice(0, 16).replace('T', ' ')} UTC.</p>
</header>
${leakWarning(leaks)}
${headline(evaluation.test[main], evaluation.truth?.truth[main], main)}
<section><h2>How well it warns</h2>
<p>Figures on the test rows, with 95 % intervals from ${raw('drawing whole borrowers')} with replacement. At a horizon of h months a row counts if its contract leaves h months to be seen, and either the event came within them or all of them were seen.</p>
${horizonTable('Test rows', evaluation.test)}
<div class="figures">${figures.discrimination}</div></section>
<section><h2>Whether the probabilities are right</h2>
<p>Calibrated on later rows of borrowers that the networks had not learned from. A slope of 1 and an intercept of 0 are perfect; a slope below 1 says that probabilities are too extreme.</p>
<div class="figures">${figures.calibration}</div></section>
${challengerSection(input.challenger)}
${evaluation.truth === null ? html`` : truthSection(evaluation.truth)}
<section><h2>Parts of the test rows</h2>
<p><i>Active</i>: open on the as-of date. <i>Unseen</i>: borrowers of whom no row was trained on.</p>
${Object.entries(evaluation.segments).map(([name, figures]) => horizonTable(name, figures))}</section>
${segmentSection(
  input.fairness,
  main,
  manifest.features.names.some(name => protectedNames.has(name)),
)}
<section><h2>How early it warns</h2>
<p>From the first as-of month in which an account is among the riskiest share of the test rows to the month of its event.</p>
${leadTimeTable(input)}
<div class="figures">${figures.leadTime}</div></section>
<section><h2>Data and population</h2>
${raw(splitFigure(manifest))}
${partsTable(input)}
<dl>
<dt>Data set</dt><dd>${data.name}, ${Object.entries(input.counts)
    .map(([table, rows]) => `${rows.toLocaleString('en')} ${table}`)
    .join(', ')}${input.quarantined === 0 ? '' : `; ${input.quarantined} rows quarantined`}</dd>
<dt>Fingerprint</dt><dd><code>${data.fingerprint}</code></dd>
<dt>Data cut</dt><dd>${data.dataCutOn}${data.calendar === 'relative' ? ' (relative calendar)' : ''}</dd>
<dt>Currency</dt><dd>${data.currency}</dd>
<dt>Label</dt><dd><code>${JSON.stringify(label)}</code> (hash <code>${manifest.labelHash}</code>)</dd>
<dt>Split</dt><dd><code>${JSON.stringify(data.split)}</code></dd>
</dl></section>
<section><h2>Stability</h2>
${stabilityTable(input.stability)}
<div class="figures">${figures.stability}</div></section>
<section><h2>What it looks at</h2>
<p>Importance is the mean absolute contribution to the log-odds of PD(${label.horizonMonths}) over a sample of the test rows. AUC alone is the feature’s own, whichever way it points; one close to 1 would point to a leak.</p>
<div class="figures">${figures.importance}</div>
${featureTable(input)}</section>
<section><h2>Limits</h2><ul>${limits(input).map(limit => html`<li>${limit}</li>`)}</ul></section>
<section><h2>How to reproduce</h2>
<pre>${manifest.command}</pre>
<dl>
<dt>Seed</dt><dd>${manifest.seed}</dd>
<dt>Engine</dt><dd>${manifest.engine}</dd>
<dt>Members</dt><dd>${membersText(manifest.network, label.horizonMonths)}; the answer is the mean of their logits</dd>
<dt>Learnt</dt><dd>${tasksText(label)}</dd>
<dt>Features</dt><dd>${manifest.features.names.length}, hash <code>${manifest.features.hash}</code></dd>
<dt>Versions</dt><dd>Harbinger ${manifest.harbinger}, ${Object.entries(manifest.packages)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')}</dd>
<dt>Time</dt><dd>${Object.entries(input.seconds)
    .map(([step, seconds]) => `${step} ${seconds.toFixed(1)} s`)
    .join(', ')}</dd>
</dl></section>
</main>
</body>
</html>
`
  return page.markup
}

function headline(figures: HorizonFigures | undefined, truth: HorizonFigures | undefined, months: string): Html {
  if (figures === undefined) return html``
  const tile = (name: string, value: string, note: string): Html =>
    html`<div class="tile"><div class="name">${name}</div><div class="value">${value}</div><div class="note">${note}</div></div>`
  const [low, high] = figures.intervals.auc ?? [null, null]
  return html`<section class="tiles">
${tile(`AUC, ${months} month${months === '1' ? '' : 's'}`, number(figures.auc), low === null ? '' : `${number(low)} – ${number(high)}`)}
${truth === undefined ? html`` : tile('AUC of the truth', number(truth.auc), 'no model can do better on average')}
${tile('KS', number(figures.ks), `Gini ${number(figures.gini)}`)}
${tile('Top 10 % capture', percent(figures.captureTop10), 'of all events')}
${tile('Calibration slope', number(figures.calibrationSlope, 2), `mean PD ${percent(figures.meanPd, 1)}, observed ${percent(figures.baseRate, 1)}`)}
</section>`
}

/** Curves at one horizon. */
async function drawFigures(input: ReportInput, horizon: number) {
  const { scored } = input
  const { rows, events } = rowsAtHorizon(scored, horizon)
  const drawn = (name: string, from: Float64Array | undefined) => ({
    name,
    pd: Float64Array.from(rows, row => from?.[row] as number),
    events,
  })
  const model = drawn('Model', scored.pd[horizon - 1])
  const truth = scored.truth === null ? [] : withoutUnknown(drawn('Truth', scored.truth[horizon - 1]))
  const happened = events.reduce((sum, event) => sum + event, 0)
  if (happened === 0 || happened === rows.length) {
    const none = html`<p>One class only at this horizon: no curves.</p>`
    return { discrimination: none, calibration: none, leadTime: none, stability: none, importance: none }
  }
  const at = horizon === 1 ? '1 month' : `${horizon} months`
  const horizons = Object.entries(input.manifest.evaluation.test).map(([months, { meanPd, baseRate }]) => ({
    months: Number(months),
    meanPd: meanPd ?? Number.NaN,
    baseRate: baseRate ?? Number.NaN,
  }))
  const widest = input.leadTime.find(({ share }) => share === 0.1)
  const months = aucByMonth(
    model,
    Array.from(rows, row => scored.month[row] as number),
  )
  return {
    discrimination: await together([
      figure(`ROC, ${at}`, rocFigure([model, ...truth])),
      figure(`Capture, ${at}`, captureFigure([model, ...truth])),
      figure(`Kolmogorov–Smirnov, ${at}`, ksFigure(model)),
      figure(`Score distribution, ${at}`, histogramFigure(model)),
    ]),
    calibration: await together([
      figure(`Calibration, ${at}`, calibrationFigure(model)),
      ...(horizons.length > 1 ? [figure('Mean PD and observed rate by horizon', horizonFigure(horizons))] : []),
    ]),
    leadTime: await together(
      widest === undefined || widest.byMonths.length === 0
        ? []
        : [
            figure(
              'Lead time of the events warned, riskiest 10 %',
              barFigure(
                'Lead time',
                'Events',
                widest.byMonths.map((value, index) => ({ name: `${index + 1} month${index === 0 ? '' : 's'}`, value })),
              ),
            ),
          ],
    ),
    stability: await together([
      ...(months.length > 1 ? [figure(`AUC by as-of month, ${at}`, timeFigure('AUC', months))] : []),
      figure(
        'Learning curves of the members; an epoch is one pass over the rows, or 25 trees',
        learningFigure(input.learningCurves),
      ),
    ]),
    importance: await together([
      figure(
        'Most important features',
        barFigure(
          'Feature importance',
          'Mean |contribution|, log-odds',
          input.features.slice(0, featuresDrawn).map(({ name, importance }) => ({ name, value: importance })),
        ),
      ),
    ]),
  }
}

function withoutUnknown(scores: { name: string; pd: Float64Array; events: Uint8Array }) {
  const known = [...scores.pd.keys()].filter(row => !Number.isNaN(scores.pd[row]))
  const events = Uint8Array.from(known, row => scores.events[row] as number)
  const happened = events.reduce((sum, event) => sum + event, 0)
  if (happened === 0 || happened === known.length) return []
  return [{ name: scores.name, pd: Float64Array.from(known, row => scores.pd[row] as number), events }]
}

/** AUC of each as-of month, with the interval of Hanley & McNeil (1982). */
function aucByMonth(
  { pd, events }: { readonly pd: Float64Array; readonly events: Uint8Array },
  month: readonly number[],
): { month: string; value: number; low: number; high: number }[] {
  return [...new Set(month)]
    .sort((a, b) => a - b)
    .flatMap(wanted => {
      const rows = [...month.keys()].filter(row => month[row] === wanted)
      const happened = Uint8Array.from(rows, row => events[row] as number)
      const positives = happened.reduce((sum, event) => sum + event, 0)
      const negatives = rows.length - positives
      if (positives === 0 || negatives === 0) return []
      const auc = areaUnderRoc(
        Float64Array.from(rows, row => pd[row] as number),
        happened,
      )
      const q1 = auc / (2 - auc)
      const q2 = (2 * auc * auc) / (1 + auc)
      const variance = auc * (1 - auc) + (positives - 1) * (q1 - auc * auc) + (negatives - 1) * (q2 - auc * auc)
      const half = 1.96 * Math.sqrt(variance / (positives * negatives))
      return [{ month: formatMonth(wanted), value: auc, low: Math.max(0, auc - half), high: Math.min(1, auc + half) }]
    })
}

function horizonTable(name: string, figures: Readonly<Record<string, HorizonFigures>>): Html {
  const cell = (
    row: HorizonFigures,
    key: 'auc' | 'ks' | 'prAuc' | 'brier' | 'calibrationSlope' | 'calibrationIntercept',
    digits = 3,
  ): Html => {
    const interval = row.intervals[key]
    return html`<td>${number(row[key], digits)}${interval === undefined ? '' : html` <small>${number(interval[0], digits)} – ${number(interval[1], digits)}</small>`}</td>`
  }
  return html`<div class="scroll"><table><caption>${name}</caption><thead><tr><th>Months</th><th>Rows</th><th>Events</th><th>AUC</th><th>Gini</th><th>KS</th><th>PR-AUC</th><th>Brier</th><th>Log-loss</th><th>Slope</th><th>Intercept</th><th>ECE</th><th>Top 5 %</th><th>Top 10 %</th><th>Top 20 %</th></tr></thead><tbody>
${Object.entries(figures).map(([months, row]) => html`<tr><th>${months}</th><td>${row.rows.toLocaleString('en')}</td><td>${row.events.toLocaleString('en')}</td>${cell(row, 'auc')}<td>${number(row.gini)}</td>${cell(row, 'ks')}${cell(row, 'prAuc')}${cell(row, 'brier', 4)}<td>${number(row.logLoss, 4)}</td>${cell(row, 'calibrationSlope', 2)}${cell(row, 'calibrationIntercept', 2)}<td>${number(row.expectedCalibrationError, 4)}</td><td>${percent(row.captureTop5)}</td><td>${percent(row.captureTop10)}</td><td>${percent(row.captureTop20)}</td></tr>`)}
</tbody></table></div>`
}

function truthSection(truth: NonNullable<ReportInput['manifest']['evaluation']['truth']>): Html {
  return html`<section><h2>How close to what can be known</h2>
<p>The simulator knows each account’s true probability. On the rows where it does, the model beside the truth:</p>
<div class="scroll"><table><thead><tr><th>Months</th><th>Rows</th><th>AUC, model</th><th>AUC, truth</th><th>Share of the truth’s Gini</th><th>Brier, model</th><th>Brier, truth</th></tr></thead><tbody>
${Object.entries(truth.truth).map(([months, best]) => html`<tr><th>${months}</th><td>${best.rows.toLocaleString('en')}</td><td>${number(truth.model[months]?.auc)}</td><td>${number(best.auc)}</td><td>${percent(truth.attainedGini[months], 1)}</td><td>${number(truth.model[months]?.brier, 4)}</td><td>${number(best.brier, 4)}</td></tr>`)}
</tbody></table></div></section>`
}

function leadTimeTable({ leadTime }: ReportInput): Html {
  return html`<div class="scroll"><table><thead><tr><th>Riskiest share warned</th><th>PD at or above</th><th>Accounts with an event</th><th>Warned before it</th><th>Median lead time</th></tr></thead><tbody>
${leadTime.map(row => html`<tr><th>${percent(row.share)}</th><td>${percent(row.threshold, 1)}</td><td>${row.events.toLocaleString('en')}</td><td>${percent(row.events === 0 ? null : row.warned / row.events)}</td><td>${row.medianMonths === null ? '–' : `${row.medianMonths} months`}</td></tr>`)}
</tbody></table></div>`
}

function partsTable({ manifest }: ReportInput): Html {
  const names = { train: 'Training', calibration: 'Calibration (of training)', test: 'Test' } as const
  return html`<div class="scroll"><table><thead><tr><th>Part</th><th>Rows</th><th>Borrowers</th><th>Events</th><th>As-of months</th></tr></thead><tbody>
${(['train', 'calibration', 'test'] as const).map(part => {
  const { rows, borrowers, events, firstMonth, lastMonth } = manifest.data.parts[part]
  return html`<tr><th>${names[part]}</th><td>${rows.toLocaleString('en')}</td><td>${borrowers.toLocaleString('en')}</td><td>${events.toLocaleString('en')} (${percent(events / rows, 1)})</td><td>${firstMonth} – ${lastMonth}</td></tr>`
})}
</tbody></table></div>`
}

function featureTable({ features }: ReportInput): Html {
  return html`<details><summary>All ${features.length} features</summary><div class="scroll"><table><thead><tr><th>Feature</th><th class="word">Family</th><th class="word">Unit</th><th class="word">Says</th><th>Missing</th><th>AUC alone</th><th>Importance</th></tr></thead><tbody>
${features.map(feature => html`<tr><th><code>${feature.name}</code></th><td class="word">${feature.family}</td><td class="word">${feature.unit}</td><td class="text">${feature.says}</td><td>${percent(feature.missingShare)}</td><td>${number(feature.singleAuc)}</td><td>${number(feature.importance)}</td></tr>`)}
</tbody></table></div></details>`
}
