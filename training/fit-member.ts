/** Trains one member of the ensemble, on rows in shared memory. */

import type { Tensor } from '@tensorflow/tfjs'
import { type Random, random, shuffle } from '../data/index.ts'
import { type Engine, type TensorFlow, tidyNumbers } from '../models/index.ts'
import { AdamW } from './adamw.ts'
import { hazardLoss, meanLoss, type TrainingRows } from './hazard-loss.ts'
import { createPerceptron, type PerceptronShape } from './perceptron.ts'
import { createSequence, type SequenceShape } from './sequence.ts'
import { hazardsAmong, outputsOf, targetsOf } from './tasks.ts'
import type { Trainable } from './trainable.ts'
import type { Epoch, TrainedMember } from './trained-member.ts'

/** How a network learns, as measured best on published data (Gorishniy et al. 2021 and own comparisons). */
export interface MemberSettings {
  /** What is trained. */
  readonly shape: PerceptronShape | SequenceShape
  /** Share of units dropped per row while learning, in [0, 1). */
  readonly dropout: number
  /** Highest learning rate, after one epoch of warm-up; falls along a cosine to 2 % of it. */
  readonly learningRate: number
  /** Decoupled weight decay of kernels. */
  readonly weightDecay: number
  readonly batchRows: number
  readonly epochsAtMost: number
  /** Epochs without a better validation loss after which learning stops. */
  readonly patience: number
}

/** Gradients are scaled down to this global norm. */
const gradientNorm = 1

/** Rows per product when no gradient is needed. */
const predictionRows = 2048

/**
 * Trains a member, keeping the weights of its best epoch by loss on the validation rows.
 *
 * @param rows - Row numbers to learn from.
 * @param validation - Row numbers to stop early on; none of them in `rows`.
 * @param seed - Same seed, engine and data give the same weights.
 * @param onProgress - Share done, in [0, 1].
 */
export function fitMember(
  { tf }: Engine,
  data: TrainingRows,
  rows: Int32Array,
  validation: Int32Array,
  settings: MemberSettings,
  seed: number,
  onProgress: (share: number) => void = () => {},
): TrainedMember {
  const network = create(tf, data, rows, settings, random(seed, 'initial weights'))
  const { parameters } = network
  const optimiser = new AdamW(parameters, settings.weightDecay)
  const order = Int32Array.from(rows)
  const batches = Math.ceil(rows.length / settings.batchRows)
  const steps = batches * settings.epochsAtMost
  const curve: Epoch[] = []
  let best: { loss: number; epoch: number; values: Float32Array[]; logits: Float32Array } | undefined

  for (let epoch = 1; epoch <= settings.epochsAtMost; epoch += 1) {
    shuffle(order, random(seed, 'order', epoch))
    const dropout = random(seed, 'dropout', epoch)
    let loss = 0
    for (let batch = 0; batch < batches; batch += 1) {
      const step = (epoch - 1) * batches + batch
      const chosen = order.subarray(batch * settings.batchRows, (batch + 1) * settings.batchRows)
      loss += learn(tf, data, chosen, network, optimiser, learningRate(settings, step, batches, steps), dropout)
      if (batch % 16 === 0) onProgress(step / steps)
    }
    const logits = predict(tf, data, validation, network)
    const validationLoss = meanLoss(data, validation, logits)
    curve.push({ epoch, trainLoss: loss / rows.length, validationLoss })
    if (best === undefined || validationLoss < best.loss) {
      best = { loss: validationLoss, epoch, values: parameters.map(({ values }) => values.slice()), logits }
    } else if (epoch - best.epoch >= settings.patience) break
  }
  for (const { variable } of parameters) variable.dispose()
  onProgress(1)
  return {
    member: network.member(best?.values ?? []),
    curve,
    validationLogits: best?.logits ?? new Float32Array(),
  }
}

function create(
  tf: TensorFlow,
  data: TrainingRows,
  rows: Int32Array,
  { shape, dropout }: MemberSettings,
  source: Random,
): Trainable {
  return shape.kind === 'perceptron'
    ? createPerceptron(tf, data, rows, shape, dropout, source)
    : createSequence(tf, data, rows, shape, dropout, source)
}

/** Linear warm-up over the first epoch, then a cosine down to 2 %. */
function learningRate(settings: MemberSettings, step: number, warmUp: number, steps: number): number {
  if (step < warmUp) return (settings.learningRate * (step + 1)) / warmUp
  const share = (step - warmUp) / Math.max(1, steps - warmUp)
  return settings.learningRate * (0.02 + 0.98 * 0.5 * (1 + Math.cos(Math.PI * share)))
}

/** One step; returns the summed loss of the batch's hazards. */
function learn(
  tf: TensorFlow,
  data: TrainingRows,
  chosen: Int32Array,
  { parameters, feed }: Trainable,
  optimiser: AdamW,
  rate: number,
  source: Random,
): number {
  const { targets, weights } = targetsOf(data, chosen)
  const size: [number, number] = [chosen.length, outputsOf(data)]
  let said: Float32Array = new Float32Array()
  let gradients: Float32Array[] = []
  // What tidy's function returns is searched for tensors, number by number: so it returns nothing.
  tf.tidy(() => {
    const logits = feed(chosen, source)
    const [target, weight] = [tf.tensor2d(targets, size), tf.tensor2d(weights, size)]
    const { grads } = tf.variableGrads(
      () => {
        const predicted = logits()
        said = predicted.dataSync<'float32'>()
        return hazardLoss(tf, predicted, target, weight)
      },
      parameters.map(({ variable }) => variable),
    )
    gradients = parameters.map(({ variable }) => (grads[variable.name] as Tensor).dataSync<'float32'>().slice())
  })
  clip(gradients)
  optimiser.step(gradients, rate)
  return meanLoss(data, chosen, hazardsAmong(data, said)) * chosen.length
}

/** Hazard logits of rows, shape `[row, H]`. */
function predict(tf: TensorFlow, data: TrainingRows, rows: Int32Array, { feed }: Trainable): Float32Array {
  const { horizonMonths } = data
  const logits = new Float32Array(rows.length * horizonMonths)
  for (let first = 0; first < rows.length; first += predictionRows) {
    const chosen = rows.subarray(first, first + predictionRows)
    const said = tidyNumbers(tf, () => feed(chosen, null)().dataSync<'float32'>())
    logits.set(hazardsAmong(data, said), first * horizonMonths)
  }
  return logits
}

function clip(gradients: readonly Float32Array[]): void {
  let squares = 0
  for (const gradient of gradients) for (const value of gradient) squares += value * value
  const norm = Math.sqrt(squares)
  if (norm <= gradientNorm) return
  for (const gradient of gradients) {
    for (let index = 0; index < gradient.length; index += 1) {
      gradient[index] = ((gradient[index] as number) * gradientNorm) / norm
    }
  }
}
