/** What training a member comes to. */

import type { NetworkMember } from '../models/index.ts'

/** One epoch of a member's learning; losses are mean negative log-likelihoods per row. */
export interface Epoch {
  /** Passes over the rows; of boosted trees, every 25 trees. */
  readonly epoch: number
  readonly trainLoss: number
  readonly validationLoss: number
}

/** A trained member. */
export interface TrainedMember {
  readonly member: NetworkMember
  readonly curve: readonly Epoch[]
  /** Hazard logits of the validation rows, which the member never learned from; shape `[validation row, H]`. */
  readonly validationLogits: Float32Array
}
