/** The reference page of the features, written from the features themselves. */

import type { Expression, Window } from './expression.ts'
import { type Family, type Feature, families } from './feature.ts'

/** Signs for comparisons and arithmetic. */
const signs = {
  above: '>',
  'at-least': '≥',
  below: '<',
  'at-most': '≤',
  'equal-to': '=',
  plus: '+',
  difference: '−',
  product: '·',
  ratio: '÷',
  both: 'and',
  either: 'or',
} as const

/**
 * The features as a Markdown page, family by family: what each says, its unit, expected direction and range, how it is
 * computed and which reasons it gives.
 */
export function describeCatalogue(features: readonly Feature[]): string {
  const sections = (Object.keys(families) as Family[]).map(family => {
    const members = features.filter(feature => feature.family === family)
    return members.length === 0
      ? ''
      : `## ${family}\n\n${families[family]}.\n\n${members.map(describeFeature).join('\n')}`
  })
  const counts = features.filter(feature => feature.kind === 'category').length
  return `# Features

${features.length} features, ${counts} of them categories. This page is written by \`describeCatalogue\` from the catalogue in
\`models/features/catalogue/\`; don't edit it by hand.

Every value is as of a month's end and uses what was known by then. *Missing* is a value of its own and never 0. A window
\`last 6\` is the as-of month and the five before it, or as many as there are. What each word under *Computed* does, and
what it does with missing values, is in \`models/features/expression.ts\`.

${sections.filter(section => section !== '').join('\n')}`
}

function describeFeature(feature: Feature): string {
  const traits = [
    feature.unit,
    feature.range === undefined ? undefined : `${feature.range[0]} to ${feature.range[1]}`,
    { true: 'higher raises the risk', false: 'higher lowers the risk', null: 'no direction expected' }[
      `${feature.raises}`
    ],
    feature.protected === true ? 'protected trait' : undefined,
  ].filter(trait => trait !== undefined)
  return `### \`${feature.name}\`

${feature.says}. *${traits.join('; ')}.*

- Computed: \`${describeExpression(feature.of)}\`
- Reason: ${feature.reason.en} ${feature.reason.zh}
`
}

/**
 * An expression as a line of text.
 *
 * @example `count(last 6, daysPastDue > 0)`
 */
export function describeExpression(of: Expression): string {
  switch (of.kind) {
    case 'column':
    case 'numberFact':
    case 'categoryFact':
      return of.name
    case 'constant':
      return String(of.value)
    case 'plus':
    case 'difference':
    case 'product':
    case 'ratio':
    case 'both':
    case 'either':
      return `(${describeExpression(of.left)} ${signs[of.kind]} ${describeExpression(of.right)})`
    case 'compare':
      return `${describeExpression(of.of)} ${signs[of.is]} ${of.than}`
    case 'clamp':
      return `clamp(${describeExpression(of.of)}, ${of.low}, ${of.high})`
    case 'named':
      return `name of ${describeExpression(of.of)} (${of.names.join(', ')})`
    case 'acrossAccounts': {
      const accounts = `${of.accounts === 'others' ? 'other' : 'all'} accounts${of.ended === 'kept' ? ', ended ones too' : ''}`
      return `${of.by} across ${accounts}(${describeExpression(of.of)})`
    }
    default:
      return describeCall(of)
  }
}

/** `kind(setting, …, part, …)`; without brackets where there is nothing to put in them. */
function describeCall(of: Expression): string {
  const { kind, ...rest } = of
  const parts = Object.entries(rest).map(([key, value]: [string, unknown]) => {
    if (key === 'window') return describeWindow(value as Window)
    return typeof value === 'object' ? describeExpression(value as Expression) : `${value as string | number}`
  })
  return parts.length === 0 ? kind : `${kind}(${parts.join(', ')})`
}

function describeWindow(window: Window): string {
  return window === 'ever' ? 'ever' : `last ${window}`
}
