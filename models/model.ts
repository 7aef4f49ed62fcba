/** A trained model ready to answer: histories in, PD by horizon and reasons out. */

import type { HistoryBlock } from '../data/index.ts'
import type { Encoding } from './encoding.ts'
import type { Explanations, GroupExplanations } from './explanation/index.ts'
import type { Feature, FeatureColumns } from './features/index.ts'
import type { Manifest } from './saved-form/manifest.ts'

/** Why a probability is what it is: one feature's share of it. */
export interface Reason {
  readonly feature: string
  readonly family: string
  /** What the feature says, in one sentence. */
  readonly says: string
  readonly unit: string
  /** The feature's value; null = missing. */
  readonly value: number | string | null
  /** Contribution to logit PD(H) against the average borrower, in log-odds; greater than 0 raises the risk. */
  readonly contribution: number
  /** Texts that a borrower can read. */
  readonly text: { readonly en: string; readonly zh: string }
}

/** The answer for some rows of a block. */
export interface Scores {
  /** `[h - 1][row]`, in [0, 1], ascending in h. */
  readonly pd: readonly Float64Array[]
  /** The features that raise the risk most, greatest first; one list per row; empty lists unless asked for. */
  readonly reasons: readonly (readonly Reason[])[]
  /** The features from which it was computed. */
  readonly features: FeatureColumns
}

/** Contributions of the families of features. */
export interface FamilyExplanations extends GroupExplanations {
  /** Names of the families, in the order of the contributions. */
  readonly families: readonly string[]
}

/** A trained model. */
export interface Model {
  readonly manifest: Manifest
  /** SHA-256 of the file `manifest.json`, which holds the hashes of the other files: it names the model exactly. */
  readonly manifestHash: string
  /** Engine that computes, such as `wasm`. */
  readonly engine: string
  /**
   * Scores account-months.
   *
   * @param rows - As-of rows of the block; rows after them in the same account never matter.
   * @param reasonsPerRow - How many reasons to give per row; 0 (default) costs nothing.
   */
  score(history: HistoryBlock, rows: Int32Array, reasonsPerRow?: number): Scores
  /** Features that {@link Model.score} evaluates, in order. */
  readonly features: readonly Feature[]
  /** How features become inputs. */
  readonly encoding: Encoding
  /** Scores features that have been evaluated already: the second half of {@link Model.score}. */
  scoreFeatures(columns: FeatureColumns, reasonsPerRow?: number): Scores
  /** Contributions of every input to logit PD(H): what reasons and importance are made of. */
  explain(columns: FeatureColumns): Explanations
  /**
   * Exact Shapley values of the families of features, for an audit: some milliseconds a row.
   *
   * @param horizon - h, 1…H: the probability that is explained; H if left out.
   */
  explainFamilies(columns: FeatureColumns, horizon?: number): FamilyExplanations
  /** Frees the engine's memory. */
  dispose(): void
}
