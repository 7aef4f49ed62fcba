/** What a model's manifest says of its making. */

import { formatMonth, type LabelSpec, labelHash, type SplitSpec } from '../data/index.ts'
import type { Dataset } from '../data/sources/index.ts'
import {
  type Calibration,
  type DataPart,
  type Encoding,
  type Evaluation,
  type Feature,
  featureHash,
  type Manifest,
  type NetworkMember,
  treeCount,
} from '../models/index.ts'
import type { DesignMatrix } from './design-matrix.ts'
import type { Provenance } from './provenance.ts'
import type { Split } from './splits.ts'

/** Everything that the manifest is made of. */
export interface ModelMaking {
  readonly name: string
  readonly seed: number
  readonly network: Manifest['network']
  readonly engine: string
  readonly provenance: Provenance
  readonly dataset: Dataset
  readonly matrix: DesignMatrix
  readonly split: Split
  readonly splitSpec: SplitSpec
  readonly label: LabelSpec
  readonly features: readonly Feature[]
  readonly encoding: Encoding
  readonly calibration: Calibration
  readonly calibrationRows: Int32Array
  readonly evaluation: Evaluation
}

/** What a network consists of, for the manifest. */
export function describeNetwork(inputs: number, members: readonly NetworkMember[]): Manifest['network'] {
  const hidden: number[] = []
  let sequence: Manifest['network']['sequence']
  let trees: Manifest['network']['trees']
  for (const member of members) {
    if ('layout' in member) {
      const { layout, units, width } = member
      const { steps, quantities } = layout
      sequence = { members: (sequence?.members ?? 0) + 1, steps, quantities, units, width }
    } else if ('splitInput' in member) {
      trees = {
        members: (trees?.members ?? 0) + 1,
        depth: member.depth,
        trees: (trees?.trees ?? 0) + treeCount(member),
      }
    } else if (hidden.length === 0) hidden.push(...member.slice(0, -1).map(({ outputs }) => outputs))
  }
  return {
    inputs,
    hidden,
    members: members.length,
    ...(trees === undefined ? {} : { trees }),
    ...(sequence === undefined ? {} : { sequence }),
  }
}

/** The manifest without what only writing knows. */
export function describeModel(made: ModelMaking): Omit<Manifest, 'version' | 'files'> {
  const { dataset, matrix, split, label, features } = made
  const { description } = dataset
  return {
    format: 1,
    name: made.name,
    ...made.provenance,
    engine: made.engine,
    seed: made.seed,
    features: { hash: featureHash(features), names: features.map(({ name }) => name) },
    network: made.network,
    calibration: made.calibration,
    label,
    labelHash: labelHash(label),
    data: {
      name: description.name,
      fingerprint: dataset.fingerprint,
      currency: description.currency,
      dataCutOn: description.dataCutOn,
      calendar: description.calendar,
      parts: {
        train: describePart(matrix, split.train),
        calibration: describePart(matrix, made.calibrationRows),
        test: describePart(matrix, split.test),
      },
      split: made.splitSpec,
    },
    evaluation: made.evaluation,
  }
}

function describePart(matrix: DesignMatrix, rows: Int32Array): DataPart {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  const borrowers = new Set<number>()
  for (const row of rows) {
    const month = matrix.month[row] as number
    if (month < first) first = month
    if (month > last) last = month
    borrowers.add(matrix.borrowerIndex[row] as number)
  }
  return {
    rows: rows.length,
    borrowers: borrowers.size,
    events: countEvents(matrix, rows),
    firstMonth: formatMonth(first),
    lastMonth: formatMonth(last),
  }
}

/** Rows with an event in the performance window. */
export function countEvents(matrix: DesignMatrix, rows: Int32Array): number {
  return rows.reduce((count, row) => count + ((matrix.eventMonth[row] as number) > 0 ? 1 : 0), 0)
}
