/** The whole face of `training/`. */

export { buildDesignMatrix, type DesignMatrix } from './design-matrix.ts'
export { frameKeys, loadFeatureFrame } from './feature-frame.ts'
export type { FeatureStore } from './feature-store.ts'
export { type PortfolioReport, type SummariseOptions, summarisePortfolio } from './portfolio-report/index.ts'
export { defaultMembers, profileNames } from './profiles.ts'
export { type AccountScore, scorePortfolio } from './score-portfolio.ts'
export { type TrainOptions, type TrainResult, trainModel } from './train-model.ts'
