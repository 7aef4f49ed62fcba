/** What a way of sharing out the change of the hazards among the inputs answers to. */

/** Shares out, for each row, the change of a weighted sum of hazard logits between the baseline and the row. */
export interface Attribution {
  /**
   * @param inputs - Row-major, shape `[row, input]`.
   * @param weights - Of each hazard logit, row-major, shape `[row, H]`.
   * @returns Contribution of each input, row-major, shape `[row, input]`; sums to the change up to float32's rounding.
   */
  attribute(inputs: Float32Array, weights: Float32Array, rows: number): Float32Array
  /** Frees the engine's memory. */
  dispose(): void
}
