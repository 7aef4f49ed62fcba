/** Tuning as a step of training: where its results are kept, so that it goes on where it was cut off. */

import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { type LabelSpec, labelHash } from '../../data/index.ts'
import type { Dataset } from '../../data/sources/index.ts'
import { type Feature, featureHash } from '../../models/index.ts'
import type { TrainingRows } from '../hazard-loss.ts'
import type { Progress } from '../progress.ts'
import type { Split } from '../splits.ts'
import { defaultSearchSpace, type SearchSpace } from './search-space.ts'
import { openTrialLog } from './trial-log.ts'
import { type Tuning, tune } from './tune.ts'

/** How to tune. */
export interface TuneOptions {
  /** No training begins after so many minutes. */
  readonly minutes: number
  /** Trials, the defaults among them. */
  readonly trials: number
  /** Left out: around the defaults. */
  readonly space?: SearchSpace
}

/**
 * Tunes, if that was asked for. Results are kept under the registry's `.tuning/` by data, label, features, split, space
 * and seed: the same command after an interruption trains no trial twice.
 */
export async function tuneIfAsked(
  dataset: Dataset,
  options: {
    readonly registry: string
    readonly seed: number
    readonly testFold?: number
    readonly tune?: TuneOptions
  },
  made: {
    readonly trainingRows: TrainingRows
    readonly split: Split
    readonly features: readonly Feature[]
    readonly label: LabelSpec
    /** Family of each input, as for the members trained afterwards. */
    readonly inputGroups: Uint8Array
  },
  progress: Progress,
): Promise<Tuning | null> {
  if (options.tune === undefined) return null
  const { minutes, trials, space = defaultSearchSpace } = options.tune
  const parts = [
    dataset.fingerprint,
    labelHash(made.label),
    featureHash(made.features),
    made.split.months,
    options.testFold,
  ]
  const key = createHash('sha256')
    .update(JSON.stringify([...parts, made.split.train.length, space, options.seed]))
    .digest('hex')
    .slice(0, 16)
  progress.step('Tuning')
  return tune(made.trainingRows, made.split, {
    space,
    inputGroups: made.inputGroups,
    trials,
    seconds: 60 * minutes,
    seed: options.seed,
    log: openTrialLog(join(options.registry, '.tuning', `${key}.jsonl`)),
    onProgress: share => progress.update(share),
  })
}
