/** The steps between a design matrix and a network: encoded rows in shared memory, and calibration after training. */

import { type Calibration, type Encoding, encode, inputWidth } from '../models/index.ts'
import type { DesignMatrix } from './design-matrix.ts'
import { fitCalibration } from './fit-calibration.ts'
import { fitEncoding } from './fit-encoding.ts'
import type { MemberTraining } from './fit-ensemble.ts'
import type { TrainingRows } from './hazard-loss.ts'
import type { Split } from './splits.ts'
import type { TrainedMember } from './trained-member.ts'
import { gather, makeRoomForInputs } from './training-inputs.ts'

/** Rows encoded at once: bounds the memory that copies take. */
export const rowsAtOnce = 10_000

/**
 * Encodes the training rows, in their order, into memory or onto a disk that worker threads share.
 *
 * @returns `close` frees the disk; the rows can't be read after it.
 */
export function encodeTrainingRows(
  matrix: DesignMatrix,
  split: Split,
  horizonMonths: number,
): { encoding: Encoding; rows: TrainingRows; close: () => void } {
  const fitted = fitEncoding(matrix.columns, split.train)
  const width = inputWidth(fitted)
  const { train } = split
  const { inputs, put, close } = makeRoomForInputs(train.length, width)
  const sums = new Float64Array(width)
  for (let first = 0; first < train.length; first += rowsAtOnce) {
    const part = encode(fitted, matrix.columns.take(train.subarray(first, first + rowsAtOnce)))
    part.forEach((value, at) => {
      sums[at % width] = (sums[at % width] as number) + value
    })
    put(part, first)
  }
  const observedMonths = shared(Uint8Array, matrix.observedMonths, train)
  const eventMonth = shared(Uint8Array, matrix.eventMonth, train)
  const followUp = matrix.followUp && {
    followedMonths: shared(Uint8Array, matrix.followUp.followedMonths, train),
    earlyDelinquency: shared(Uint32Array, matrix.followUp.earlyDelinquency, train),
  }
  return {
    encoding: { ...fitted, baseline: Array.from(sums, sum => sum / train.length) },
    rows: { inputs, width, horizonMonths, observedMonths, eventMonth, ...(followUp && { followUp }) },
    close,
  }
}

/** Rows that quantiles of the pieces of sequence members are taken over, at most. */
const sampleAtMost = 20_000

/** Inputs of evenly spaced training rows, row-major, shape `[row, input]`. */
export function sampleInputs(rows: TrainingRows): Float32Array {
  const count = rows.observedMonths.length
  const stride = Math.max(1, Math.floor(count / sampleAtMost))
  return gather(
    rows,
    Int32Array.from({ length: Math.ceil(count / stride) }, (_, place) => place * stride),
  )
}

/** Fits calibration on late rows, each scored by the members that never learned from its borrower. */
export function calibrateMembers(
  matrix: DesignMatrix,
  split: Split,
  trained: readonly TrainedMember[],
  parts: readonly MemberTraining[],
  horizonMonths: number,
): { calibration: Calibration; calibrationRows: Int32Array } {
  const scored = new Map<number, { logits: Float64Array; members: number }>()
  trained.forEach(({ validationLogits }, member) => {
    parts[member]?.validation.forEach((place, index) => {
      const row = split.train[place] as number
      const known = scored.get(row) ?? { logits: new Float64Array(horizonMonths), members: 0 }
      known.members += 1
      for (let month = 0; month < horizonMonths; month += 1) {
        known.logits[month] =
          (known.logits[month] as number) + (validationLogits[index * horizonMonths + month] as number)
      }
      scored.set(row, known)
    })
  })
  const calibrationRows = Int32Array.from(scored.keys())
  const logits = Float32Array.from(
    [...scored.values()].flatMap(({ logits, members }) => Array.from(logits, sum => sum / members)),
  )
  const observed = Uint8Array.from(calibrationRows, row => matrix.observedMonths[row] as number)
  const events = Uint8Array.from(calibrationRows, row => matrix.eventMonth[row] as number)
  return { calibration: fitCalibration(logits, observed, events, horizonMonths), calibrationRows }
}

/** A column of some rows, in memory that worker threads share. */
function shared<Column extends Uint8Array | Uint32Array>(
  type: { new (buffer: SharedArrayBuffer): Column; readonly BYTES_PER_ELEMENT: number },
  column: Column,
  rows: Int32Array,
): Column {
  const taken = new type(new SharedArrayBuffer(rows.length * type.BYTES_PER_ELEMENT))
  rows.forEach((row, place) => {
    taken[place] = column[row] as number
  })
  return taken
}
