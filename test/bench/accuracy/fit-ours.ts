/** Trains our networks and the scorecard on one split, and scores its test rows with each. */

import {
  assembleNetwork,
  cumulativePd,
  encode,
  type Feature,
  hazardLogits,
  inputFamilies,
  loadEngine,
} from '../../../models/index.ts'
import { treeInputs } from '../../../training/boosting/tree-inputs.ts'
import type { DesignMatrix } from '../../../training/design-matrix.ts'
import { fitEnsemble } from '../../../training/fit-ensemble.ts'
import { calibrateMembers, encodeTrainingRows, sampleInputs } from '../../../training/fit-network.ts'
import { fitSequenceLayout } from '../../../training/fit-sequence-layout.ts'
import { type ProfileName, planMembers } from '../../../training/profiles.ts'
import { fitScorecard } from '../../../training/scorecard/fit-scorecard.ts'
import { scoreWithCard } from '../../../training/scorecard/score-with-card.ts'
import type { Split } from '../../../training/splits.ts'
import type { TrainedMember } from '../../../training/trained-member.ts'

/** Scores of the test rows, and what they cost. */
export interface Ours {
  /** By model (`fast`, `blend`, `scorecard`): PD of the test rows, `[h - 1][row]`. */
  readonly pd: Readonly<Record<string, readonly (readonly number[])[]>>
  /** Seconds that perceptrons, boosted trees and sequence members took, one after the other. */
  readonly seconds: { readonly perceptrons: number; readonly trees: number; readonly sequence: number }
}

/** Trains the profiles; `fast` is made of members of `blend`, so that they are trained once. */
export async function fitOurs(
  matrix: DesignMatrix,
  split: Split,
  features: readonly Feature[],
  horizonMonths: number,
  options: { readonly profile: ProfileName; readonly members: number; readonly shift: number },
): Promise<Ours> {
  const { tf } = await loadEngine()
  const { encoding, rows, close } = encodeTrainingRows(matrix, split, horizonMonths)
  const { profile, members, shift } = options
  const layout = profile === 'fast' ? null : fitSequenceLayout(encoding, features, sampleInputs(rows))
  const parts = planMembers(split, {
    profile,
    perceptrons: members,
    shift,
    layout,
    inputGroups: inputFamilies(encoding, features).groups,
    treeInputs: treeInputs(encoding),
  })
  const laps = [performance.now()]
  const trained: TrainedMember[] = []
  for (const [from, to] of [
    [0, members],
    [members, 2 * members],
    [2 * members, parts.length],
  ] as const) {
    trained.push(...(await fitEnsemble(rows, parts.slice(from, to), 1 + 1000 * from)))
    laps.push(performance.now())
  }
  const [perceptrons = 0, trees = 0, sequence = 0] = laps.slice(1).map((at, lap) => (at - (laps[lap] ?? 0)) / 1000)

  close()

  const inputs = encode(encoding, matrix.columns.take(split.test))
  const score = (count: number): number[][] => {
    const some = trained.slice(0, count)
    const network = assembleNetwork(
      tf,
      some.map(({ member }) => member),
    )
    const { calibration } = calibrateMembers(matrix, split, some, parts.slice(0, count), horizonMonths)
    const logits = hazardLogits(tf, network, inputs, split.test.length)
    network.dispose()
    return cumulativePd(calibration, logits, split.test.length).map(column => Array.from(column))
  }
  const { calibrationRows } = calibrateMembers(matrix, split, trained, parts, horizonMonths)
  const card = fitScorecard(matrix, { horizonMonths, train: split.train, calibration: calibrationRows, seed: 1 })
  const challenger = scoreWithCard(card, matrix.columns, split.test).pd
  return {
    pd: {
      fast: score(2 * members),
      ...(layout === null ? {} : { blend: score(trained.length) }),
      scorecard: challenger.map(column => Array.from(column)),
    },
    seconds: { perceptrons, trees, sequence },
  }
}
