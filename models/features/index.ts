/** The door of the features: what a feature is, the words to write one in, the catalogue and the one evaluator. */

export { FeatureBlock } from './block.ts'
export { catalogue } from './catalogue/index.ts'
export {
  above,
  acrossAccounts,
  acrossAccountsEver,
  acrossOtherAccounts,
  acrossOtherAccountsEver,
  atLeast,
  atMost,
  below,
  between,
  both,
  categoryFact,
  change,
  changed,
  clamp,
  column,
  constant,
  count,
  currentStreak,
  decayed,
  difference,
  distinctAcrossAccounts,
  either,
  equalTo,
  ever,
  firstKnown,
  inState,
  lag,
  last,
  longestStreak,
  max,
  mean,
  min,
  monthsSince,
  monthsSinceDate,
  monthsSinceFirstSeen,
  not,
  numberFact,
  observed,
  plus,
  product,
  ratio,
  share,
  signedLog,
  slope,
  standardDeviation,
  stateName,
  sum,
  when,
} from './combinators.ts'
export { describeCatalogue, describeExpression } from './describe-catalogue.ts'
export { BlockEvaluator, evaluate, type FeatureColumn, type FeatureColumns, valueAt } from './evaluate.ts'
export type {
  Expression,
  NumericExpression,
  Window,
} from './expression.ts'
export { type Feature, families, feature } from './feature.ts'
export { featureHash } from './feature-hash.ts'
export { parseFeatures } from './feature-schema.ts'
