/** The whole face of `models/`. */

export { type Calibration, cumulativePd, identityCalibration, sigmoid } from './calibration.ts'
export {
  type Encoding,
  encode,
  encodedWidth,
  type FeatureEncoding,
  inputWidth,
  type NumberEncoding,
} from './encoding.ts'
export { type Engine, type EngineName, loadEngine, type TensorFlow } from './engine.ts'
export {
  createExplainer,
  type ExplainedModel,
  type Explainer,
  type Explanations,
  exactContributions,
  type GroupExplanations,
  shapleyValues,
} from './explanation/index.ts'
export {
  catalogue,
  describeCatalogue,
  type Expression,
  evaluate,
  type Feature,
  type FeatureColumn,
  type FeatureColumns,
  families,
  feature,
  featureHash,
  parseFeatures,
} from './features/index.ts'
export {
  barFigure,
  calibrationFigure,
  captureFigure,
  histogramFigure,
  horizonFigure,
  ksFigure,
  learningFigure,
  rocFigure,
  timeFigure,
} from './figures/index.ts'
export { loadModel } from './load-model.ts'
export {
  areaUnderRoc,
  averagePrecision,
  brierScore,
  type CalibrationBin,
  calibrationCurve,
  calibrationSlopeAndIntercept,
  captureAt,
  type Evaluation,
  evaluationSchema,
  expectedCalibrationError,
  gini,
  type HorizonFigures,
  kolmogorovSmirnov,
  logisticLine,
  logit,
  logLoss,
  populationStabilityIndex,
  type Ranking,
  type RankStatistics,
  type RocPoint,
  rank,
  rankStatistics,
  rocCurve,
} from './metrics/index.ts'
export type { Model, Reason, Scores } from './model.ts'
export { assembleNetwork, type DenseLayer, hazardLogits, type Member, perceptrons } from './network.ts'
export {
  type ClassifyContext,
  type ClassPeriod,
  type ClassReason,
  type ClockReading,
  type ClockStatus,
  classifyAccount,
  classPeriods,
  classReasons,
  defaultSmallLapseRule,
  knownPauses,
  type OverdueEpisode,
  type OverdueStatus,
  type OverdueTimeline,
  overdueEpisodes,
  overdueTimeline,
  type Pause,
  type Probation,
  type ProductKind,
  packsInForce,
  parseRulePack,
  pausedDays,
  productKinds,
  productOf,
  type Restructuring,
  type RulePack,
  rankOf,
  readClock,
  readRulePacks,
  rulePackSchema,
  type SmallButFrequent,
  type SmallLapseRule,
  smallButFrequent,
  type TimelineContext,
} from './overdue/index.ts'
export { ownPackage, packageFolder } from './own-package.ts'
export {
  amortise,
  applyPlan,
  type CashFlow,
  type ClassOutlook,
  capitalise,
  type Debt,
  debtOf,
  Exact,
  effectiveFromNominal,
  effectiveRate,
  levelPayment,
  monthlyRate,
  type PdByMonths,
  type Plan,
  type PlanOutcome,
  type PlanSearch,
  planSearchSchema,
  presentValue,
  type ReAgeVerdict,
  reAgeVerdicts,
  rescoringCaveats,
  searchPlans,
  type WhatIf,
  type WhatIfContext,
  whatIf,
} from './plans/index.ts'
export { type PopulationStatus, populationStatus } from './population.ts'
export { featureContributions, reasonFinder } from './reasons.ts'
export {
  type Aliases,
  modelsFolder,
  openRegistry,
  type RegisteredModel,
  type Registry,
} from './registry.ts'
export { fileNames } from './saved-form/files.ts'
export { type DataPart, type Manifest, manifestSchema, modelNameSchema } from './saved-form/manifest.ts'
export { readManifest, readModel, type SavedModel } from './saved-form/read.ts'
export { type NumberReference, type Reference, referenceSchema } from './saved-form/reference.ts'
export { type ModelContent, type WrittenModel, writeModel } from './saved-form/write.ts'
export {
  applyScorecard,
  type Binning,
  hazardsOf,
  type Scorecard,
  type ScorecardBin,
  type ScorecardFeature,
  type ScorecardScores,
  scorecardBin,
  scorecardBins,
  scorecardSchema,
} from './scorecard.ts'
