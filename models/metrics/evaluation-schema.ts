/** The figures by which a model was judged, as saved in its manifest. */

import { z } from 'zod'

const figure = z.number().nullable()

/** Figures at one horizon; null where they mean nothing, as with one class only. */
const horizonFiguresSchema = z.strictObject({
  /** Rows of which the whole window up to the horizon was seen, or the event within it. */
  rows: z.int().min(0),
  events: z.int().min(0),
  baseRate: figure,
  meanPd: figure,
  auc: figure,
  gini: figure,
  ks: figure,
  prAuc: figure,
  brier: figure,
  logLoss: figure,
  calibrationSlope: figure,
  calibrationIntercept: figure,
  expectedCalibrationError: figure,
  captureTop5: figure,
  captureTop10: figure,
  captureTop20: figure,
  /** 95 % bootstrap intervals, borrowers drawn with replacement. */
  intervals: z.record(z.string(), z.tuple([figure, figure])),
})

const byHorizon = z.record(z.string(), horizonFiguresSchema)

/** All figures of a model on its test rows; horizons are keys `"1"` … `"H"`. */
export const evaluationSchema = z.strictObject({
  test: byHorizon,
  /** The same on parts of the test rows, such as `active` (open on the as-of date) and `unseen` (borrowers in no training row). */
  segments: z.record(z.string(), byHorizon),
  /** The challenger, a scorecard of weights of evidence, on the same rows; null if none was trained. */
  challenger: byHorizon.nullable().default(null),
  /** The simulator's true probabilities on the rows where they are known, beside the model on the same rows. */
  truth: z
    .strictObject({
      truth: byHorizon,
      model: byHorizon,
      /** Gini of the model over Gini of the truth, by horizon. */
      attainedGini: z.record(z.string(), figure),
    })
    .nullable(),
})

/** All figures of a model on its test rows. */
export type Evaluation = z.infer<typeof evaluationSchema>

/** Figures at one horizon. */
export type HorizonFigures = z.infer<typeof horizonFiguresSchema>
