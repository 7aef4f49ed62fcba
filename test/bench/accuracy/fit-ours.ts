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
import { fitEnsemble, type MemberTraining } from '../../../training/fit-ensemble.ts'
import { calibrateMembers, encodeTrainingRows, sampleInputs } from '../../../training/fit-network.ts'
import { fitSequenceLayout } from '../../../training/fit-sequence-layout.ts'
import { type ProfileName, planMembers } from '../../../training/profiles.ts'
import { fitScorecard } from '../../../training/scorecard/fit-scorecard.ts'
import { scoreWithCard } from '../../../training/scorecard/score-with-card.ts'
import type { Split } from '../../../training/splits.ts'

/** Scores of the test rows, and what they cost. */
export interface Ours {
  /** By model (`fast`, `blend`, `scorecard`): PD of the test rows, `[h - 1][row]`. */
  readonly pd: Readonly<Record<string, readonly (readonly number[])[]>>
  /** Seconds that perceptrons and boosted trees, then the sequence members took. */
  readonly seconds: { readonly fast: number; readonly sequence: number }
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
    members,
    shift,
    layout,
    inputGroups: inputFamilies(encoding, features).groups,
    treeInputs: treeInputs(encoding),
  })
  const started = performance.now()
  const isSequence = ({ settings }: MemberTraining): boolean =>
    'shape' in settings && settings.shape.kind === 'sequence'
  const fast = await fitEnsemble(
    rows,
    parts.filter(part => !isSequence(part)),
    1,
  )
  const between = performance.now()
  const sequences = await fitEnsemble(rows, parts.filter(isSequence), 1)
  const ended = performance.now()
  const trained = [...fast, ...sequences]
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
      fast: score(fast.length),
      ...(layout === null ? {} : { blend: score(trained.length) }),
      scorecard: challenger.map(column => Array.from(column)),
    },
    seconds: { fast: (between - started) / 1000, sequence: (ended - between) / 1000 },
  }
}
