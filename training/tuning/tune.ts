/**
 * Chooses how perceptrons learn, inside the training part alone, by successive halving.
 *
 * 1. Trial 0 is the defaults; the others are drawn from the declared space.
 * 2. Every trial trains for a few epochs; the better third, and the defaults, go on to three times as many, until one
 *    round is whole.
 * 3. Trials are judged by the loss on late rows of a tenth of the training borrowers, which they don't learn from.
 *
 * @see Jamieson & Talwalkar (2016), Non-stochastic Best Arm Identification and Hyperparameter Optimization
 */

import { availableParallelism } from 'node:os'
import { fitEnsemble } from '../fit-ensemble.ts'
import type { TrainingRows } from '../hazard-loss.ts'
import { type Hyperparameters, planMembers } from '../profiles.ts'
import type { Split } from '../splits.ts'
import { drawTrial, type SearchSpace } from './search-space.ts'
import type { TrialLog } from './trial-log.ts'

/** One trial as far as it came. */
export interface Trial {
  readonly trial: number
  readonly hyperparameters: Hyperparameters
  /** Epochs of its longest training. */
  readonly epochs: number
  /** Its loss after those; null if the time was up before it began. */
  readonly loss: number | null
  readonly seconds: number
  /** `chosen`, `finished`, `dropped` early, or `not-run`. */
  readonly state: 'chosen' | 'finished' | 'dropped' | 'not-run'
}

/** What tuning came to. */
export interface Tuning {
  readonly chosen: Hyperparameters
  /** By epochs, then loss; the best first. */
  readonly trials: readonly Trial[]
}

/** Trials that go on from each round, as a share. */
const keptShare = 1 / 3

/** The tenth of the training borrowers that judges. */
const judgingTenth = 4

/**
 * Tunes.
 *
 * @param rows - Encoded rows of `split.train`, in its order; no other row is seen.
 * @param options - `seconds`: no training begins after that many; `log`: results of an earlier run are not computed
 *   again.
 */
export async function tune(
  rows: TrainingRows,
  split: Split,
  options: {
    readonly space: SearchSpace
    /** Groups of inputs that the first layer keeps apart. */
    readonly inputGroups?: Uint8Array
    readonly trials: number
    readonly seconds: number
    readonly seed: number
    readonly log: TrialLog
    readonly onProgress?: (share: number) => void
    /** Trains trials side by side; in worker threads unless given. */
    readonly fit?: typeof fitEnsemble
  },
): Promise<Tuning> {
  const { space, seed, log, fit = fitEnsemble } = options
  const hyperparameters = Array.from({ length: options.trials }, (_, trial) => drawTrial(space, seed, trial))
  const started = performance.now()
  const part = (trial: number, epochs?: number) => {
    const tuned = hyperparameters[trial] as Hyperparameters
    const planned = planMembers(split, {
      profile: 'fast',
      members: 1,
      shift: judgingTenth / 2,
      layout: null,
      tuned,
      ...(options.inputGroups === undefined ? {} : { inputGroups: options.inputGroups }),
    })
    const [member] = planned
    if (member === undefined || !('epochsAtMost' in member.settings)) throw new Error('one perceptron was asked for')
    return { ...member, settings: { ...member.settings, epochsAtMost: epochs ?? member.settings.epochsAtMost } }
  }
  const rounds = roundEpochs(part(0).settings.epochsAtMost)
  let going = hyperparameters.map((_, trial) => trial)
  const reached = new Map<number, { epochs: number; loss: number; seconds: number }>()
  let isUp = false

  for (const [round, epochs] of rounds.entries()) {
    const waiting = going.filter(trial => log.find(trial, epochs) === undefined)
    for (let first = 0; first < waiting.length; first += availableParallelism()) {
      isUp ||= performance.now() - started > 1000 * options.seconds
      // The defaults are always judged: without them nothing could be chosen.
      const now = waiting.slice(first, first + availableParallelism()).filter(trial => !isUp || trial === 0)
      const since = performance.now()
      const fitted = await fit(
        rows,
        now.map(trial => part(trial, epochs)),
        seed,
      )
      fitted.forEach(({ curve }, index) => {
        const loss = Math.min(...curve.map(({ validationLoss }) => validationLoss))
        const seconds = (performance.now() - since) / 1000 / now.length
        log.add({ trial: now[index] as number, epochs, loss, seconds })
      })
      options.onProgress?.((round + (first + now.length) / waiting.length) / rounds.length)
    }
    const results = going.flatMap(trial => log.find(trial, epochs) ?? [])
    for (const { trial, loss, seconds } of results) {
      reached.set(trial, { epochs, loss, seconds: seconds + (reached.get(trial)?.seconds ?? 0) })
    }
    const ranked = [...results].sort((a, b) => a.loss - b.loss).map(({ trial }) => trial)
    // The defaults always go on: few epochs favour high learning rates, and what is chosen must beat them in the end.
    going = [...new Set([0, ...ranked.slice(0, Math.max(1, Math.ceil(ranked.length * keptShare)))])]
  }

  const trials = hyperparameters
    .map((one, trial): Trial => {
      const result = reached.get(trial)
      if (result === undefined) {
        return { trial, hyperparameters: one, epochs: 0, loss: null, seconds: 0, state: 'not-run' }
      }
      return { trial, hyperparameters: one, ...result, state: result.epochs === rounds.at(-1) ? 'finished' : 'dropped' }
    })
    .sort((a, b) => b.epochs - a.epochs || (a.loss ?? 0) - (b.loss ?? 0))
  const [best, ...others] = trials
  if (best === undefined) throw new Error('tuning needs a trial')
  return { chosen: best.hyperparameters, trials: [{ ...best, state: 'chosen' }, ...others] }
}

/** Epochs of the rounds: a whole training last, a third of it before that, and so on down to 1. */
function roundEpochs(whole: number): number[] {
  const rounds = [whole]
  while ((rounds[0] as number) >= 4) rounds.unshift(Math.max(1, Math.round((rounds[0] as number) * keptShare)))
  return rounds
}
