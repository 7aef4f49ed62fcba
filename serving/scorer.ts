/** Where routes ask for scores: one asynchronous door, behind which requests are queued, batched and spread. */

import type { FeatureBlock, Model, Scores } from '../models/index.ts'
import type { ScoreResponse } from './requests.ts'
import { type IdentifiedRequest, scoreBorrowers } from './score.ts'

/** Answers scoring calls of any protocol. */
export interface Scorer {
  /**
   * Scores requests that {@link parseScoreRequest} has checked.
   *
   * A call fails as a whole; whoever wants an error per request makes one call per request, since concurrent calls are
   * computed together anyway.
   *
   * @returns One response per request, in order; the same to the bit whatever else is scored meanwhile.
   * @throws ProblemError `too-busy` if there is no room or no time for it.
   */
  score(requests: readonly IdentifiedRequest[]): Promise<ScoreResponse[]>
  /**
   * Scores features that the client has evaluated itself.
   *
   * @param model - The loaded version for which they were read; the caller holds it until the scores are there.
   * @throws InputError if a feature that the model needs is not there.
   */
  scoreFeatures(model: Model, block: FeatureBlock, reasonsPerRow?: number): Promise<Scores>
}

/** A scorer that computes each call by itself, at once. */
export function directScorer(model: () => Model): Scorer {
  return {
    score: async requests => scoreBorrowers(model(), requests),
    scoreFeatures: async (meant, block, reasonsPerRow = 0) => meant.scoreFeatures(block, reasonsPerRow),
  }
}
