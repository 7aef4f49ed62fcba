/** Trains one member of the ensemble: a perceptron with hazard heads, on rows in shared memory. */

import type { GradSaveFunc, Tensor, Tensor2D, Variable } from '@tensorflow/tfjs'
import { type Random, random, shuffle } from '../data/index.ts'
import { type DenseLayer, type Engine, type Member, sigmoid, type TensorFlow } from '../models/index.ts'
import { AdamW, type Parameter } from './adamw.ts'

/** Encoded rows with their labels. Typed arrays may lie in shared memory. */
export interface TrainingRows {
  /** Row-major, shape `[row, input]`. */
  readonly inputs: Float32Array
  /** Inputs per row. */
  readonly width: number
  /** H. */
  readonly horizonMonths: number
  /** 0…H, shape `[row]`. */
  readonly observedMonths: Uint8Array
  /** 1…H or 0, shape `[row]`. */
  readonly eventMonth: Uint8Array
}

/** Settings of a member's training, as measured best on published data (Gorishniy et al. 2021 and own comparisons). */
export interface MemberSettings {
  /** Units of the hidden layers. */
  readonly hidden: readonly number[]
  /** Share of hidden units dropped per row while learning, in [0, 1). */
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

/** One epoch of a member's learning; losses are mean negative log-likelihoods per row. */
export interface Epoch {
  readonly epoch: number
  readonly trainLoss: number
  readonly validationLoss: number
}

/** A trained member. */
export interface TrainedMember {
  readonly member: Member
  readonly curve: readonly Epoch[]
  /** Hazard logits of the validation rows, which the member never learned from; shape `[validation row, H]`. */
  readonly validationLogits: Float32Array
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
  const parameters = initialise(tf, data, rows, settings, random(seed, 'initial weights'))
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
      loss += learn(
        tf,
        data,
        chosen,
        parameters,
        optimiser,
        settings,
        learningRate(settings, step, batches, steps),
        dropout,
      )
      if (batch % 16 === 0) onProgress(step / steps)
    }
    const logits = predict(tf, data, validation, parameters)
    const validationLoss = meanLoss(data, validation, logits)
    curve.push({ epoch, trainLoss: loss / rows.length, validationLoss })
    if (best === undefined || validationLoss < best.loss) {
      best = { loss: validationLoss, epoch, values: parameters.map(({ values }) => values.slice()), logits }
    } else if (epoch - best.epoch >= settings.patience) break
  }
  for (const { variable } of parameters) variable.dispose()
  onProgress(1)
  const values = best?.values ?? []
  return {
    member: layersOf(parameters, values),
    curve,
    validationLogits: best?.logits ?? new Float32Array(),
  }
}

/** Uniform kernels in ±1/√inputs (LeCun), zero biases, but output biases at the observed hazards. */
function initialise(
  tf: TensorFlow,
  data: TrainingRows,
  rows: Int32Array,
  settings: MemberSettings,
  source: Random,
): Parameter[] {
  const widths = [data.width, ...settings.hidden, data.horizonMonths]
  return widths.slice(1).flatMap((outputs, index) => {
    const inputs = widths[index] as number
    const bound = 1 / Math.sqrt(inputs)
    const kernel = Float32Array.from({ length: inputs * outputs }, () => bound * (2 * source.uniform() - 1))
    const bias = index === widths.length - 2 ? hazardLogitsSeen(data, rows) : new Float32Array(outputs)
    return [parameter(tf, kernel, [inputs, outputs], true), parameter(tf, bias, [outputs], false)]
  })
}

function parameter(tf: TensorFlow, values: Float32Array, shape: number[], decays: boolean): Parameter {
  const initial = tf.tensor(values, shape)
  const variable = tf.variable(initial)
  initial.dispose()
  return { variable, values, shape, decays }
}

/** Logit of the hazard seen in each month of the performance window, with half an event added on either side. */
function hazardLogitsSeen(data: TrainingRows, rows: Int32Array): Float32Array {
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

/** Linear warm-up over the first epoch, then a cosine down to 2 %. */
function learningRate(settings: MemberSettings, step: number, warmUp: number, steps: number): number {
  if (step < warmUp) return (settings.learningRate * (step + 1)) / warmUp
  const share = (step - warmUp) / Math.max(1, steps - warmUp)
  return settings.learningRate * (0.02 + 0.98 * 0.5 * (1 + Math.cos(Math.PI * share)))
}

/** One step; returns the summed loss of the batch. */
function learn(
  tf: TensorFlow,
  data: TrainingRows,
  chosen: Int32Array,
  parameters: readonly Parameter[],
  optimiser: AdamW,
  settings: MemberSettings,
  rate: number,
  source: Random,
): number {
  const { targets, atRisk } = hazardTargets(data, chosen)
  const count = chosen.length
  const hidden = settings.hidden.length
  const gradients = tf.tidy(() => {
    const inputs = tf.tensor2d(gather(data, chosen), [count, data.width])
    const masks = settings.hidden.map(units =>
      tf.tensor2d(dropoutMask(count * units, settings.dropout, source), [count, units]),
    )
    const target = tf.tensor2d(targets, [count, data.horizonMonths])
    const risk = tf.tensor2d(atRisk, [count, data.horizonMonths])
    const { value, grads } = tf.variableGrads(
      () => {
        let above: Tensor2D = inputs
        for (let layer = 0; layer <= hidden; layer += 1) {
          above = denseLayer(tf, above, parameters, layer)
          if (layer < hidden) above = tf.mul(tf.relu(above), masks[layer] as Tensor2D)
        }
        return hazardLoss(tf, above, target, risk)
      },
      parameters.map(({ variable }) => variable),
    )
    const loss = value.dataSync()[0] as number
    return {
      loss,
      values: parameters.map(({ variable }) => (grads[variable.name] as Tensor).dataSync<'float32'>().slice()),
    }
  })
  clip(gradients.values)
  optimiser.step(gradients.values, rate)
  return gradients.loss * count
}

function denseLayer(tf: TensorFlow, below: Tensor2D, parameters: readonly Parameter[], layer: number): Tensor2D {
  const kernel = (parameters[2 * layer] as Parameter).variable as Variable
  const bias = (parameters[2 * layer + 1] as Parameter).variable as Variable
  return tf.add(tf.matMul(below, kernel as unknown as Tensor2D), bias)
}

/**
 * Negative log-likelihood of discrete hazards, mean over rows: Σ over months at risk of softplus(z) − y·z.
 *
 * Its gradient is written out, σ(z) − y in months at risk: the backend's own chain for it is several times slower.
 */
function hazardLoss(
  tf: TensorFlow,
  logits: Tensor2D,
  target: Tensor2D,
  atRisk: Tensor2D,
): ReturnType<typeof tf.scalar> {
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

function predict(tf: TensorFlow, data: TrainingRows, rows: Int32Array, parameters: readonly Parameter[]): Float32Array {
  const logits = new Float32Array(rows.length * data.horizonMonths)
  const layers = parameters.length / 2
  for (let first = 0; first < rows.length; first += predictionRows) {
    const chosen = rows.subarray(first, first + predictionRows)
    tf.tidy(() => {
      let above = tf.tensor2d(gather(data, chosen), [chosen.length, data.width])
      for (let layer = 0; layer < layers; layer += 1) {
        above = denseLayer(tf, above, parameters, layer)
        if (layer < layers - 1) above = tf.relu(above)
      }
      logits.set(above.dataSync(), first * data.horizonMonths)
    })
  }
  return logits
}

function meanLoss(data: TrainingRows, rows: Int32Array, logits: Float32Array): number {
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

function hazardTargets(data: TrainingRows, chosen: Int32Array): { targets: Float32Array; atRisk: Float32Array } {
  const { horizonMonths } = data
  const targets = new Float32Array(chosen.length * horizonMonths)
  const atRisk = new Float32Array(chosen.length * horizonMonths)
  chosen.forEach((row, place) => {
    atRisk.fill(1, place * horizonMonths, place * horizonMonths + (data.observedMonths[row] as number))
    const event = data.eventMonth[row] as number
    if (event > 0) targets[place * horizonMonths + event - 1] = 1
  })
  return { targets, atRisk }
}

function gather(data: TrainingRows, chosen: Int32Array): Float32Array {
  const batch = new Float32Array(chosen.length * data.width)
  chosen.forEach((row, place) => {
    batch.set(data.inputs.subarray(row * data.width, (row + 1) * data.width), place * data.width)
  })
  return batch
}

/** Zeros with probability `dropout`, else 1 / (1 − dropout), so that the mean stays. */
function dropoutMask(length: number, dropout: number, source: Random): Float32Array {
  const kept = 1 / (1 - dropout)
  const mask = new Float32Array(length)
  for (let index = 0; index < length; index += 1) mask[index] = source.uniform() < dropout ? 0 : kept
  return mask
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

function layersOf(parameters: readonly Parameter[], values: readonly Float32Array[]): DenseLayer[] {
  return Array.from({ length: parameters.length / 2 }, (_, layer) => {
    const [inputs, outputs] = (parameters[2 * layer] as Parameter).shape as [number, number]
    return {
      inputs,
      outputs,
      kernel: values[2 * layer] as Float32Array,
      bias: values[2 * layer + 1] as Float32Array,
    }
  })
}
