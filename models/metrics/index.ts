/** The door of the metrics: textbook definitions, one function each. */

export { chiSquaredQuantile } from './chi-squared.ts'
export {
  areaUnderRoc,
  averagePrecision,
  captureAt,
  gini,
  kolmogorovSmirnov,
  type RocPoint,
  rocCurve,
} from './discrimination.ts'
export { type Evaluation, evaluationSchema, type HorizonFigures } from './evaluation-schema.ts'
export { populationStabilityIndex } from './population-stability-index.ts'
export {
  brierScore,
  type CalibrationBin,
  calibrationCurve,
  calibrationSlopeAndIntercept,
  expectedCalibrationError,
  logisticLine,
  logit,
  logLoss,
  logLosses,
  squaredErrors,
  weightedMean,
} from './probability.ts'
export { type Ranking, type RankStatistics, rank, rankStatistics } from './ranking.ts'
