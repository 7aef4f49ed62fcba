/** Which members a network consists of, how each learns, and from which rows. */

import { InputError } from '../data/index.ts'
import type { SequenceLayout } from '../models/index.ts'
import type { BoostingSettings } from './boosting/boost.ts'
import type { TreesSettings } from './boosting/fit-trees.ts'
import type { MemberTraining } from './fit-ensemble.ts'
import type { MemberSettings } from './fit-member.ts'
import type { Split } from './splits.ts'

/** Names of the profiles. */
export const profileNames = ['fast', 'blend'] as const

/**
 * `fast`: boosted trees, and half as many perceptrons. `blend`: sequence members beside them, for a little more
 * accuracy at several times the cost.
 */
export type ProfileName = (typeof profileNames)[number]

/** Members of boosted trees if nothing else is asked for. */
export const defaultMembers = 5

/** Sequence members beside perceptrons and trees: more gain next to nothing. */
const sequenceMembers = { fast: 0, blend: 2 } as const satisfies Record<ProfileName, number>

/** What can be tuned of how members learn. */
export interface Hyperparameters {
  /** Units of a perceptron's hidden layers. */
  readonly hidden: readonly number[]
  /** Share of a perceptron's hidden units dropped. */
  readonly dropout: number
  /** Times the learning rate that fits the batch size. */
  readonly learningRateFactor: number
  /** Decoupled weight decay of kernels. */
  readonly weightDecay: number
}

/**
 * What is used where nothing is tuned.
 *
 * @see Gorishniy et al. (2021), Revisiting Deep Learning Models for Tabular Data, for width, dropout and decay
 */
export const defaultHyperparameters: Hyperparameters = {
  hidden: [256, 64],
  dropout: 0.2,
  learningRateFactor: 1,
  weightDecay: 0.05,
}

/** The first entry that holds for a number of training rows. */
function forRows<Entry extends { readonly upToRows: number }>(entries: readonly Entry[], rows: number): Entry {
  return entries.find(({ upToRows }) => rows <= upToRows) as Entry // the last one holds for any number
}

/** Batch size and learning rate by training rows: larger batches for more rows, with a step to match. */
const batches = [
  { upToRows: 40_000, batchRows: 256, learningRate: 1e-3 },
  { upToRows: 100_000, batchRows: 512, learningRate: 1.5e-3 },
  { upToRows: Number.POSITIVE_INFINITY, batchRows: 1024, learningRate: 2e-3 },
] as const

/** Rows that a member looks at in all, about: small data is passed over more often. */
const rowsSeen = 400_000

/** Sequence members learn faster than perceptrons, and drop more of their one wide layer. */
const sequence = { units: 32, width: 256, dropout: 0.3, learningRateFactor: 2 } as const

/**
 * Settings of a perceptron for a number of training rows.
 *
 * @param rows - Rows of the training part.
 * @param inputGroups - Groups of inputs that the first layer keeps apart.
 */
function perceptronSettings(
  rows: number,
  tuned: Hyperparameters = defaultHyperparameters,
  inputGroups?: Uint8Array,
): MemberSettings {
  const { batchRows, learningRate } = forRows(batches, rows)
  return {
    shape: { kind: 'perceptron', hidden: tuned.hidden, ...(inputGroups === undefined ? {} : { inputGroups }) },
    dropout: tuned.dropout,
    learningRate: tuned.learningRateFactor * learningRate,
    weightDecay: tuned.weightDecay,
    batchRows,
    epochsAtMost: Math.max(5, Math.min(12, Math.round(rowsSeen / rows))),
    patience: 6,
  }
}

/** Settings of a sequence member for a number of training rows. */
function sequenceSettings(rows: number, layout: SequenceLayout): MemberSettings {
  const base = perceptronSettings(rows)
  const { units, width, dropout, learningRateFactor } = sequence
  return {
    ...base,
    shape: { kind: 'sequence', layout, units, width },
    dropout,
    learningRate: learningRateFactor * base.learningRate,
  }
}

/** A tree's questions, and the rows it is grown on, by training rows: more rows bear more questions, and only they do. */
const treeSizes = [
  { upToRows: 150_000, depth: 4, rowsPerTree: 40_000 },
  { upToRows: Number.POSITIVE_INFINITY, depth: 6, rowsPerTree: 100_000 },
] as const

/** How trees for the first month alone are boosted: little hangs on more than two things at once, and any may count. */
const firstMonth: BoostingSettings = {
  depth: 2,
  learningRate: 0.06,
  treesAtMost: 600,
  patience: 40,
  rowShare: 0.1,
  rowsPerTree: 40_000,
  drawn: 'by-gradient',
  candidateShare: 1,
  l2: 20,
}

/** How trees are boosted on a number of training rows. */
export function boosting(rows: number): Omit<TreesSettings, 'candidates'> {
  const { depth, rowsPerTree } = forRows(treeSizes, rows)
  return {
    depth,
    learningRate: 0.06,
    treesAtMost: 500,
    patience: 40,
    rowShare: 0.7,
    rowsPerTree,
    drawn: 'evenly',
    rowsAtMost: 300_000,
    candidateShare: 0.5,
    l2: 20,
    firstMonth,
  }
}

/**
 * The members of a network: perceptrons, half as many as of boosted trees and at least one; boosted trees; then sequence
 * members. Each stops early on another tenth of the training borrowers, on their late rows, and learns from the rest.
 * Rows are places in `split.train`.
 *
 * @param members - Members of boosted trees.
 * @param treeInputs - Inputs that trees may ask about; left out, there are no trees.
 * @param shift - Moves the tenths, so that each test fold has its own.
 * @param layout - Of sequence members; null leaves them out, since no feature looks back on single months.
 * @throws InputError if the tenth of a member has no late row.
 */
export function planMembers(
  split: Split,
  options: {
    readonly profile: ProfileName
    readonly members: number
    readonly shift: number
    readonly layout: SequenceLayout | null
    readonly tuned?: Hyperparameters
    /** Family of each input: the perceptrons' first layer keeps them apart, so that exact reasons are cheap. */
    readonly inputGroups?: Uint8Array
    readonly treeInputs?: Int32Array
  },
): MemberTraining[] {
  const { profile, members, shift, layout, tuned, inputGroups, treeInputs } = options
  const rows = split.train.length
  const isLate = new Uint8Array(split.tenth.length)
  for (const row of split.late) isLate[row] = 1
  const places = Int32Array.from(split.train.keys())
  const member = (kind: number, index: number, settings: MemberTraining['settings']): MemberTraining => {
    const tenth = (2 * (index + shift) + Math.floor(index / 5)) % 10
    const inTenth = (place: number): boolean => split.tenth[split.train[place] as number] === tenth
    const validation = places.filter(place => inTenth(place) && isLate[split.train[place] as number] === 1)
    if (validation.length === 0) {
      throw new InputError({
        source: 'split',
        field: 'training',
        found: `${rows} training rows, none for early stopping in the tenth ${tenth}`,
        expected: 'enough borrowers for ten parts with late rows in each',
        rule: 'too-few-borrowers',
      })
    }
    return {
      rows: places.filter(place => !inTenth(place)),
      validation,
      settings,
      seed: 5000 * kind + 1000 * index,
    }
  }
  return [
    ...Array.from({ length: Math.max(1, Math.floor(members / 2)) }, (_, index) =>
      member(0, index, perceptronSettings(rows, tuned, inputGroups)),
    ),
    ...(treeInputs === undefined
      ? []
      : Array.from({ length: members }, (_, index) => member(1, index, { ...boosting(rows), candidates: treeInputs }))),
    ...(layout === null
      ? []
      : Array.from({ length: sequenceMembers[profile] }, (_, index) =>
          member(2, index, sequenceSettings(rows, layout)),
        )),
  ]
}
