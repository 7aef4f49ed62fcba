/** What members learn from: targets of discrete hazards, and the likelihood that they are judged by. */

import type { GradSaveFunc, scalar, Tensor, Tensor2D } from '@tensorflow/tfjs'
import { sigmoid, type TensorFlow } from '../models/index.ts'
import type { InputFile } from './training-inputs.ts'

/** Encoded rows with their labels. Typed arrays may lie in shared memory, inputs on disk. */
export interface TrainingRows {
  /** Row-major, shape `[row, input]`; {@link gather} reads them. */
  readonly inputs: Float32Array | InputFile
  /** Inputs per row. */
  readonly width: number
  /** H. */
  readonly horizonMonths: number
  /** 0…H, shape `[row]`. */
  readonly observedMonths: Uint8Array
  /** 1…H or 0, shape `[row]`. */
  readonly eventMonth: Uint8Array
}

/**
 * Negative log-likelihood of discrete hazards, mean over rows: Σ over months at risk of softplus(z) − y·z.
 *
 * Its gradient is written out, σ(z) − y in months at risk: the backend's own chain for it is several times slower.
 */
export function hazardLoss(
  tf: TensorFlow,
  logits: Tensor2D,
  target: Tensor2D,
  atRisk: Tensor2D,
): ReturnType<typeof scalar> {
  const rows = logits.shape[0]
  const loss = tf.customGrad((...inputs: (Tensor | GradSaveFunc)[]) => {
    const [z, save] = inputs as [Tensor, GradSaveFunc]
    save([z])
    return {
      value: tf.div(tf.sum(tf.mul(atRisk, tf.sub(tf.softplus(z), tf.mul(target, z)))), rows),
      gradFunc: (upstream: Tensor, saved: Tensor[]) =>
        tf.mul(tf.mul(upstream, atRisk), tf.div(tf.sub(tf.sigmoid(saved[0] as Tensor), target), rows)),
    }
  })
  return loss(logits).asScalar()
}

/** Mean negative log-likelihood of rows, given their hazard logits, shape `[row, H]`. */
export function meanLoss(data: TrainingRows, rows: Int32Array, logits: Float32Array): number {
  let loss = 0
  rows.forEach((row, place) => {
    for (let month = 1; month <= (data.observedMonths[row] as number); month += 1) {
      const logit = logits[place * data.horizonMonths + month - 1] as number
      const hazard = sigmoid(logit)
      loss -= Math.log(Math.max(1e-15, data.eventMonth[row] === month ? hazard : 1 - hazard))
    }
  })
  return loss / rows.length
}

/** Targets and months at risk of rows, shape `[row, H]`. */
export function hazardTargets(data: TrainingRows, chosen: Int32Array): { targets: Float32Array; atRisk: Float32Array } {
  const { horizonMonths } = data
  const targets = new Float32Array(chosen.length * horizonMonths)
  const atRisk = new Float32Array(chosen.length * horizonMonths)
  chosen.forEach((row, place) => {
    const event = data.eventMonth[row] as number
    const at = place * horizonMonths
    atRisk.fill(1, at, at + (data.observedMonths[row] as number))
    if (event > 0) targets[at + event - 1] = 1
  })
  return { targets, atRisk }
}

/** Logit of the hazard seen in each month of the performance window, with half an event added on either side. */
export function hazardLogitsSeen(data: TrainingRows, rows: Int32Array): Float32Array {
  return Float32Array.from({ length: data.horizonMonths }, (_, index) => {
    let atRisk = 0
    let events = 0
    for (const row of rows) {
      if ((data.observedMonths[row] as number) > index) atRisk += 1
      if (data.eventMonth[row] === index + 1) events += 1
    }
    return Math.log((events + 0.5) / (atRisk - events + 0.5))
  })
}
