/** The door of explanations: why a PD is what it is. */

export { createExplainer, type ExplainedModel, type Explainer, type Explanations } from './explanation.ts'
export { type InputFamilies, inputFamilies } from './input-families.ts'
export { exactContributions, type GroupExplanations, shapleyValues } from './shapley.ts'
