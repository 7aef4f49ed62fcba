/** The likelihood of discrete hazards, by which members learn and are judged. */

import type { GradSaveFunc, scalar, Tensor, Tensor2D } from '@tensorflow/tfjs'
import { sigmoid, type TensorFlow } from '../models/index.ts'
import type { FollowUp } from './population.ts'
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
  /** How they went on, for the auxiliary task; left out, there is none. */
  readonly followUp?: FollowUp
}

/**
 * Negative log-likelihood of discrete hazards, mean over rows: Σ over outputs of weight · (softplus(z) − y·z), where a
 * month at risk weighs 1 and any other 0.
 *
 * Its gradient is written out, weight · (σ(z) − y): the backend's own chain for it is several times slower.
 */
export function hazardLoss(
  tf: TensorFlow,
  logits: Tensor2D,
  target: Tensor2D,
  weight: Tensor2D,
): ReturnType<typeof scalar> {
  const rows = logits.shape[0]
  const loss = tf.customGrad((...inputs: (Tensor | GradSaveFunc)[]) => {
    const [z, save] = inputs as [Tensor, GradSaveFunc]
    save([z])
    return {
      value: tf.div(tf.sum(tf.mul(weight, tf.sub(tf.softplus(z), tf.mul(target, z)))), rows),
      gradFunc: (upstream: Tensor, saved: Tensor[]) =>
        tf.mul(tf.mul(upstream, weight), tf.div(tf.sub(tf.sigmoid(saved[0] as Tensor), target), rows)),
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
