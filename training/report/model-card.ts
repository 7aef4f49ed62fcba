/** `model-card.md`: what a model is for, what it was made of and judged by, in the usual form. */

import type { HorizonFigures } from '../../models/index.ts'
import { membersText, tasksText } from './members-text.ts'
import { limits, type ReportInput } from './report-input.ts'

/**
 * Renders the model card.
 *
 * @see Mitchell et al. (2019), Model Cards for Model Reporting
 */
export function renderModelCard(input: ReportInput): string {
  const { manifest, leadTime } = input
  const { data, label, evaluation } = manifest
  const warned = leadTime.find(({ share }) => share === 0.1)
  return `# Model card: ${manifest.name} ${manifest.version}

## Model details

- Made ${manifest.createdAt} by ${manifest.createdBy} with Harbinger ${manifest.harbinger}: \`${manifest.command}\`
- Hazards as the mean of logits of ${membersText(manifest.network, label.horizonMonths)}; learnt: ${tasksText(label)}; calibrated by month; ${manifest.features.names.length} features (hash ${manifest.features.hash})

## Intended use

Warning a lender early of accounts that are about to fall behind, so that they can be helped. It gives the probability of ${label.given ? 'the data set’s own event' : `reaching ${label.targetDaysPastDue}+ days past due`} within 1 to ${label.horizonMonths} months of an account that ${label.entryDaysPastDueAtMost === null ? 'may be past due already' : `is at most ${label.entryDaysPastDueAtMost} days past due`}. It is not made for deciding whether to grant credit, nor for deciding alone about a measure against a borrower.

## Data

| Part | Rows | Borrowers | Events | As-of months |
|---|---|---|---|---|
${(['train', 'calibration', 'test'] as const)
  .map(part => {
    const { rows, borrowers, events, firstMonth, lastMonth } = data.parts[part]
    return `| ${part} | ${rows} | ${borrowers} | ${events} | ${firstMonth} to ${lastMonth} |`
  })
  .join('\n')}

Data set ${data.name}, cut ${data.dataCutOn}, fingerprint ${data.fingerprint}.

## Metrics

${table(evaluation.test)}
${Object.entries(evaluation.segments)
  .map(([name, figures]) => `\n### Segment: ${name}\n\n${table(figures)}`)
  .join('\n')}
${warned === undefined || warned.events === 0 ? '' : `\nWarning the riskiest 10 % of rows reaches ${((100 * warned.warned) / warned.events).toFixed(0)} % of the accounts with an event before it, by a median of ${warned.medianMonths} months.`}

## Limits

${limits(input)
  .map(limit => `- ${limit}`)
  .join('\n')}

## Fairness

Facts marked as protected in the feature catalogue are ${manifest.features.names.includes('sex') ? 'used: check that the law lets you' : 'not used'}. Other facts can stand in for them.
${input.fairness.length === 0 ? '\nThe data brings nothing that would divide borrowers into groups.' : `\n| Trait | Groups | Four-fifths ratio | Ratio of shares warned | Equal opportunity difference |\n|---|---|---|---|---|\n${input.fairness.map(({ trait, groups, fourFifthsRatio, warnedRatio, equalOpportunityDifference }) => `| ${trait} | ${groups.length} | ${fourFifthsRatio.toFixed(2)} | ${warnedRatio.toFixed(2)} | ${number(equalOpportunityDifference, 2)} |`).join('\n')}\n\nThe riskiest tenth of the test rows counts as warned. report.html has the groups.`}
`
}

function table(figures: Readonly<Record<string, HorizonFigures>>): string {
  const rows = Object.entries(figures).map(([months, row]) => {
    const [low, high] = row.intervals.auc ?? [null, null]
    const auc =
      low === null || high === null ? number(row.auc) : `${number(row.auc)} (${number(low)} – ${number(high)})`
    return `| ${months} | ${row.rows} | ${row.events} | ${auc} | ${number(row.ks)} | ${number(row.brier, 4)} | ${number(row.calibrationSlope, 2)} |`
  })
  return `| Months | Rows | Events | AUC | KS | Brier | Calibration slope |\n|---|---|---|---|---|---|---|\n${rows.join('\n')}`
}

function number(value: number | null, digits = 3): string {
  return value === null ? '–' : value.toFixed(digits)
}
